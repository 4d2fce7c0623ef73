"""Every message is one line: what was given, where, what is allowed."""

import pickle

import pytest

from goldseam.exceptions import (
    GoldseamError,
    InputError,
    MeasureError,
    NormsError,
    ParameterError,
    TableError,
)


def test_a_table_error_names_file_row_and_column() -> None:
    error = TableError("not a number", file="a.csv", row=7, column="value", given="x", allowed="0 to 10")
    assert str(error) == "a.csv, row 7, column value: not a number; given 'x'; allowed: 0 to 10"
    assert str(TableError("no rows", file="a.csv")) == "a.csv: no rows"
    assert str(TableError("missing", column="session")) == "column session: missing"


def test_none_is_a_value_that_can_be_given_and_long_values_are_cut() -> None:
    assert str(InputError("empty", given=None)) == "empty; given None"
    assert str(InputError("empty")) == "empty"
    assert len(str(InputError("long", given="x" * 1000))) < 100


def test_a_message_is_one_line() -> None:
    assert str(InputError("two\nlines", given="a\nb")) == "two lines; given 'a\\nb'"


@pytest.mark.parametrize("kind", [TableError, MeasureError, ParameterError, NormsError])
def test_every_refusal_is_a_goldseam_error_and_a_value_error(kind: type[InputError]) -> None:
    assert issubclass(kind, InputError)
    assert issubclass(InputError, GoldseamError)
    assert issubclass(InputError, ValueError)


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = TableError("not a number", file="a.csv", row=7)
    returned = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(returned), str(returned)) == (TableError, str(error))
