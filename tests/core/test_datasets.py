"""The tables that come with the library: what their docstrings say holds, and they are the same everywhere."""

import doctest
from pathlib import Path

import polars as pl
import pytest

from goldseam import ParameterError, datasets, detect, split_alliance

CLAUS = """"id","age","sex","treatment","time","bdi"
1,54,"Male","TAU",1,33
1,54,"Male","TAU",2,28
2,40,"Female","PA",1,NA
"""


def test_what_the_docstrings_show_holds() -> None:
    failed, tried = doctest.testmod(datasets)
    assert (failed, tried > 5) == (0, True)


def test_the_tables_are_the_same_on_every_machine() -> None:
    assert datasets.individual()["value"].drop_nulls().head(4).to_list() == [6.0, 6.25, 7.25, 7.25]
    assert detect(datasets.individual()).events.select("onset_session", "repair_session").rows() == [(8, 11)]


def test_couple_and_family_are_cases_of_several_members() -> None:
    for table, members in ((datasets.couple(), 2), (datasets.family(), 3)):
        assert table["case"].n_unique() == 1
        found = split_alliance(table, measurement_error=0.5)
        assert found.sessions["n_members"].unique().to_list() == [members]


def test_the_cohort_knows_its_truth() -> None:
    made = datasets.cohort()
    known = made.truth.select("case", "onset_session").join(made.ratings, on="case", how="anti")
    assert known.is_empty()
    assert made.truth.height > 20


def test_a_public_table_is_read_from_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "claus_2020.csv"
    path.write_text(CLAUS)
    table = datasets.read_public("claus-2020", path)
    assert table.select("case", "scale", "session", "value", "maximum").rows() == [
        ("1", "BDI-II", 1, 33.0, 63.0), ("1", "BDI-II", 2, 28.0, 63.0), ("2", "BDI-II", 1, None, 63.0)
    ]  # fmt: skip
    assert table["rater"].unique().to_list() == ["client"]
    with pytest.raises(ParameterError, match="name: no such table; given 'none'; allowed: claus-2020"):
        datasets.read_public("none", path)


def test_tables_have_the_usual_columns() -> None:
    for table in (datasets.individual(), datasets.couple(), datasets.family(), datasets.cohort().ratings):
        assert table.columns == ["case", "rater", "scale", "session", "value", "minimum", "maximum"]
        assert table.schema["value"] == pl.Float64
