"""Ratings in frames of other libraries, in columns and in plain numbers: the same results, in the frame given."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from goldseam import MissingExtraError, TableError, detect, read_ratings, relation_map
from goldseam.pandas_frames import as_pandas
from goldseam.series.frames import frame_table
from tests.core.ratings import one_series

pandas = pytest.importorskip("pandas")

COURSE = [7.5, 7.25, 7.5, None, 7.5, 3.0, 7.25, 7.5]
TABLE = one_series(COURSE, low=0, high=10, days=[7 * k for k in range(8)])


def test_a_frame_of_pandas_gives_the_same_in_a_frame_of_pandas() -> None:
    given = as_pandas(TABLE)
    found, expected = detect(given), detect(TABLE)
    for name in ("events", "episodes", "sessions", "details", "series"):
        table = getattr(found, name)
        assert type(table).__module__.startswith("pandas"), name
        assert (
            frame_table(table)
            .select(pl.all().cast(pl.String))
            .equals(getattr(expected, name).select(pl.all().cast(pl.String)), null_equal=True)
        ), name
    assert type(found.one_per_series("largest")).__module__.startswith("pandas")
    assert found.counts == expected.counts
    assert type(read_ratings(given)).__module__.startswith("pandas")


def test_types_of_pandas_come_through() -> None:
    frame = pandas.DataFrame(
        {
            "case": pandas.Categorical(["b", "a", "b"]),
            "rater": np.array(["x", None, "x"], dtype=object),
            "whole": pandas.array([1, None, 3], dtype="Int64"),
            "number": [1.5, np.nan, 2.5],
            "day": pandas.to_datetime(["2024-03-01", None, "2024-03-02"]),
            "zone": pandas.to_datetime(["2024-03-01", None, "2024-03-02"]).tz_localize("Europe/Vienna"),
            "date": [date(2024, 3, 1), None, date(2024, 3, 2)],
            "flag": [True, False, True],
            7: [1, 2, 3],
        },
        index=[5, 5, 9],
    )
    table = frame_table(frame)
    assert table.columns == ["case", "rater", "whole", "number", "day", "zone", "date", "flag", "7"]
    assert table["case"].to_list() == ["b", "a", "b"]
    assert table["rater"].to_list() == ["x", None, "x"]
    assert table["number"].to_list()[::2] == [1.5, 2.5]
    assert table["day"].cast(pl.Date).to_list() == [date(2024, 3, 1), None, date(2024, 3, 2)]
    assert table["zone"].cast(pl.Date).to_list() == [date(2024, 3, 1), None, date(2024, 3, 2)]
    assert table["date"].cast(pl.Date).to_list() == [date(2024, 3, 1), None, date(2024, 3, 2)]
    assert table["flag"].to_list() == [True, False, True]
    with pytest.raises(TableError, match="column a: there are several columns of this name"):
        frame_table(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


def test_missing_whole_numbers_are_no_floats() -> None:
    back = as_pandas(pl.DataFrame({"whole": [1, None], "text": ["a", None], "truth": [True, None]}))
    assert [str(kind) for kind in back.dtypes][::2] == ["Int64", "boolean"]
    assert back["text"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "given",
    [
        TABLE.lazy(),
        TABLE.to_dict(as_series=False),
        {name: TABLE[name].to_numpy() for name in TABLE.columns if name != "value"} | {"value": COURSE},
        {name: as_pandas(TABLE)[name] for name in TABLE.columns},
    ],
    ids=["lazy", "dict of lists", "dict of arrays", "dict of pandas"],
)
def test_other_frames_and_columns_give_the_same(given: object) -> None:
    assert detect(given).events.equals(detect(TABLE).events)


@pytest.mark.parametrize(
    "given",
    [COURSE, tuple(COURSE), np.array(COURSE, dtype=float), pl.Series(COURSE), pandas.Series(COURSE)],
    ids=["list", "tuple", "NumPy", "polars", "pandas"],
)
def test_numbers_alone_are_the_sessions_of_one_course(given: object) -> None:
    table = frame_table(given)
    assert table["session"].to_list() == list(range(1, 9))
    assert detect(given, criterion="own-mean").counts.series == 1
    read = read_ratings(given)
    assert frame_table(read)["value"].to_list() == COURSE


@pytest.mark.parametrize(
    "given",
    [
        7,
        "7",
        [[1, 2]],
        np.zeros((2, 2)),
        ["a"],
        [True, False],
        ["7", "6"],
        {"case": [1, 2], "value": [1]},
        object(),
    ],
)
def test_anything_else_is_refused(given: object) -> None:
    with pytest.raises(TableError):
        detect(given)


def test_alliance_functions_take_and_give_pandas() -> None:
    table = TABLE.with_columns(scale=pl.lit("self_therapist"))
    found = relation_map(as_pandas(table))
    assert frame_table(found)["value"].drop_nans().drop_nulls().to_list() == [
        v for v in COURSE if v is not None
    ]
    assert relation_map(table, missing=3)["value"].drop_nulls().len() == 6


def test_whole_numbers_that_became_floats_are_names() -> None:
    table = TABLE.with_columns(case=pl.lit(7.0))
    assert detect(table).series["case"].to_list() == [7]


def test_cells_that_are_lists_are_refused_by_their_type() -> None:
    frame = as_pandas(TABLE.drop("value")).assign(value=[[1]] * TABLE.height)
    with pytest.raises(TableError, match="column value: wrong type; given 'List"):
        detect(frame)


def test_a_course_without_a_rating_is_not_enough_data() -> None:
    assert detect([None, None]).counts.not_enough_data == 1


def test_a_frame_of_another_library_needs_narwhals_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Frame:
        columns = ("case", "rater")

    monkeypatch.setitem(__import__("sys").modules, "narwhals", None)
    with pytest.raises(MissingExtraError, match=r'pip install "goldseam\[frames\]"'):
        detect(Frame())
    with pytest.raises(TableError, match="not a table of ratings"):
        detect(object())


def test_a_frame_that_narwhals_knows_gives_the_same() -> None:
    narwhals = pytest.importorskip("narwhals")
    for frame in (narwhals.from_native(TABLE), narwhals.from_native(TABLE.lazy())):
        assert detect(frame).events.equals(detect(TABLE).events)
