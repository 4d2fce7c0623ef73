"""Reading and checking tables of ratings: what is refused, in which words, and what is accepted."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from goldseam import TableError, read_ratings
from goldseam.series import RatingSeries, load_series
from tests.core.ratings import one_series

HEADER = "case,rater,scale,session,value,minimum,maximum"
GOOD = "a,client,alliance,1,5,0,10"

REFUSED = [
    ("", r"the file is empty; allowed: a header with case, rater, scale, session, value"),
    ("\n \n", r"the file is empty"),
    (f"{HEADER}\n", r"the table has no rows"),
    ("case,rater,scale,session\na,b,c,1", r"there is no column value; given 'case, rater, scale, session'"),
    (f"{HEADER.removesuffix(',maximum')}\na,b,c,1,5,0", r"minimum and maximum belong together"),
    (
        f"{HEADER}\n{GOOD}\na,b,c,2,high,0,10",
        r"row 3, column value: not a number; given 'high'; .*a finite number",
    ),
    (f"{HEADER}\n{GOOD}\na,b,c,2,4;5,0,10", r"row 3, column value: not a number; given '4;5'"),
    (f"{HEADER}\na,b,c,1,inf,0,10", r"row 2, column value: not a number; given 'inf'"),
    (f"{HEADER}\na,b,c,1,5,zero,10", r"row 2, column minimum: not a number; given 'zero'"),
    (
        f"{HEADER}\n{GOOD}\n{GOOD}",
        r"row 3, column session: case a, .*already in row 2; given 1; .*each session once",
    ),
    (
        f"{HEADER}\na,b,c,1,11,0,10",
        r"row 2, column value: outside the scale's range; given 11; allowed: 0 to 10",
    ),
    (f"{HEADER}\na,b,c,1,-0.5,0,10", r"outside the scale's range; given -0.5"),
    (
        f"{HEADER}\na,b,c,1,5,10,0",
        r"row 2, column minimum: impossible range; given 10; .*below the maximum 0",
    ),
    (f"{HEADER}\na,b,c,1,5,5,5", r"impossible range"),
    (f"{HEADER}\na,b,c,1,5,,10", r"row 2, column minimum: no minimum"),
    (f"{HEADER}\na,b,c,1,5,0,", r"row 2, column maximum: no maximum"),
    (f"{HEADER}\n{GOOD}\na,client,alliance,2,5,0,9", r"column maximum: the range changes within a series"),
    (
        f"{HEADER}\na,b,c,1.5,5,0,10",
        r"row 2, column session: not the number of a session; given 1.5; .*from 1 on",
    ),
    (f"{HEADER}\na,b,c,0,5,0,10", r"not the number of a session; given 0;"),
    (f"{HEADER}\na,b,c,-1,5,0,10", r"not the number of a session; given -1;"),
    (f"{HEADER}\na,b,c,,5,0,10", r"not the number of a session; given None;"),
    (f"{HEADER}\na,b,c,one,5,0,10", r"row 2, column session: not a number; given 'one'"),
    (f"{HEADER}\na,b,c,1e30,5,0,10", r"not the number of a session"),
    (f"{HEADER}\n,b,c,1,5,0,10", r"row 2, column case: no name; given None; allowed: a name in every row"),
    (f"{HEADER}\na,b,,1,5,0,10", r"row 2, column scale: no name"),
    (f"{HEADER}\n{GOOD},extra", r"row 2: the row has too many cells; given '8 cells'; allowed: 7 cells"),
    (f"{HEADER},date\n{GOOD},soon", r"row 2, column date: not a date; given 'soon'; allowed: YYYY-MM-DD"),
    (f"{HEADER},date\n{GOOD},2026-02-30", r"not a date; given '2026-02-30'"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_bad_table_is_refused_in_one_line_that_names_the_file(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=message) as refused:
        read_ratings(path)
    assert "\n" not in str(refused.value)


def test_what_was_read_is_the_checked_table(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{HEADER},remark\n{GOOD},x\n")
    table = read_ratings(path)
    assert table.columns == [
        "case",
        "rater",
        "scale",
        "phase",
        "session",
        "value",
        "minimum",
        "maximum",
        "step",
        "date",
    ]
    assert table.row(0) == ("a", "client", "alliance", None, 1, 5.0, 0.0, 10.0, None, None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"\x00\x01\x02", "is not text"),
        ("r.csv", b"\x89PNG\r\n\x1a\n\xff\xfe", "is not text"),
        ("r.parquet", b"", "the file is empty"),
        ("r.parquet", b"case,rater", "is not a Parquet file"),
        ("r.xlsx", b"PK", "is not a workbook"),
        ("r.ods", b"PK", "unknown kind of file; given '.ods'; allowed: .csv"),
        ("r", b"case", "unknown kind of file"),
    ],
)
def test_a_file_that_is_no_table_is_refused(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=message) as refused:
        read_ratings(tmp_path / name)
    assert name in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.csv: no such file"):
        read_ratings(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError, match="is not a file"):
        read_ratings(tmp_path / "folder.csv")


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    one_series([5.0] * 40).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-60] + b"PAR1")
    with pytest.raises(TableError, match=r"r\.parquet: is not a Parquet file"):
        read_ratings(path)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("value", [True], "column value: wrong type; given 'Boolean'; allowed: numbers"),
        ("case", [1.5], "column case: wrong type; given 'Float64'; allowed: text or whole numbers"),
        ("date", [20260101], "column date: wrong type; given 'Int64'; allowed: dates"),
        ("value", [float("inf")], "row 1, column value: not a number; given inf"),
    ],
)
def test_a_column_of_the_wrong_type_is_refused(column: str, values: list[object], message: str) -> None:
    table = one_series([5.0]).with_columns(pl.Series(column, values))
    with pytest.raises(TableError, match=message):
        RatingSeries.from_table(table)


def test_the_first_of_several_duplicates_in_the_file_is_named() -> None:
    table = pl.concat([one_series([1, 2], case=case) for case in "BA"])
    doubled = pl.concat([table, table[[3, 0]]])
    with pytest.raises(TableError, match=r"row 5, column session: case A, .*already in row 4; given 2"):
        RatingSeries.from_table(doubled)


def test_rows_without_a_value_are_attended_sessions_without_a_rating(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("case,rater,scale,session,value\n" + "".join(f"007,b,c,{s},{v}\n" for s, v in CELLS))
    series = load_series(path)
    assert series.value.tolist() == [0.0, 5.25]
    assert series.session.tolist() == [1, 6]
    assert series.missed_session.tolist() == [2, 3, 4, 5]
    assert series.keys.row(0) == ("007", "b", "c", None)


CELLS = [("1", "0"), ("2", ""), ("3", "NA"), ("4", "NaN"), ("5.0", " "), (" 6", " 5.25 ")]


def test_blank_lines_do_not_shift_the_numbers_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{HEADER}\n\n{GOOD}\n\na,b,c,x,5,0,10\n")
    with pytest.raises(TableError, match="row 5, column session"):
        read_ratings(path)


def test_a_file_written_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "R.CSV"
    path.write_bytes(("\ufeff" + f'{HEADER},remark\r\n{GOOD},"well, fine"\r\n').encode())
    assert load_series(path).value.tolist() == [5.0]


def test_series_are_laid_out_one_after_the_other_sorted() -> None:
    table = pl.concat([one_series([3, None, 4], case="B"), one_series([1, 2], case="A")])[::-1]
    series = RatingSeries.from_table(table)
    assert series.keys["case"].to_list() == ["A", "B"]
    assert series.starts.tolist() == [0, 2, 4]
    assert series.value.tolist() == [1, 2, 3, 4]
    assert series.session.tolist() == [1, 2, 1, 3]
    assert (series.missed_series.tolist(), series.missed_session.tolist()) == ([1], [2])
    assert series.position.tolist() == [0, 1, 0, 1]
    assert (series.minimum.tolist(), series.maximum.tolist()) == ([1, 1], [7, 7])


def test_steps_visit_every_rating_once_the_longest_series_first() -> None:
    series = RatingSeries.from_table(pl.concat([one_series([1], case="A"), one_series([2, 3, 4], case="B")]))
    steps = [series.value[at].tolist() for at in series.steps()]
    assert steps == [[2, 1], [3], [4]]


def test_phase_and_scale_make_series_of_their_own() -> None:
    table = one_series([1, 2])
    both = pl.concat([table.with_columns(phase=pl.lit("pre")), table.with_columns(phase=pl.lit("post"))])
    assert RatingSeries.from_table(both).keys["phase"].to_list() == ["post", "pre"]


def test_whole_number_and_categorical_names_are_kept_apart_by_value() -> None:
    table = one_series([1, 2]).with_columns(case=pl.lit(12), rater=pl.lit("x").cast(pl.Categorical))
    assert RatingSeries.from_table(table).keys.row(0)[:2] == (12, "x")


def test_dates_become_days() -> None:
    table = one_series([1, 2], days=[0, 7])
    assert table["date"][0] == date(2026, 1, 5)
    series = RatingSeries.from_table(table)
    assert np.diff(series.day).tolist() == [7.0]


def test_a_range_given_in_some_rows_of_a_series_holds_for_all() -> None:
    table = one_series([1, 2]).with_columns(minimum=pl.Series([0, None]), maximum=pl.Series([10, None]))
    series = RatingSeries.from_table(table)
    assert (series.minimum.tolist(), series.maximum.tolist()) == ([0], [10])


def test_the_range_is_never_taken_from_the_ratings() -> None:
    series = RatingSeries.from_table(one_series([1, 7], low=None))
    assert np.isnan(series.minimum).all()
    assert np.isnan(series.maximum).all()


def test_a_step_is_read_beside_a_range_and_ratings_between_two_are_refused() -> None:
    table = one_series([4.0, 4.08, 4.33], low=1, high=5).with_columns(step=pl.lit(1 / 12))
    assert RatingSeries.from_table(table).step.tolist() == [pytest.approx(1 / 12)]
    with pytest.raises(
        TableError, match=r"row 3, column value: between two possible ratings; given 4.33; allowed: 1 and"
    ):
        RatingSeries.from_table(table.with_columns(step=0.25, value=pl.Series([4.0, 4.25, 4.33])))
    with pytest.raises(
        TableError, match=r"column step: impossible step in 3 rows .*; given 0; allowed: a number above 0"
    ):
        RatingSeries.from_table(table.with_columns(step=0))
    with pytest.raises(TableError, match="the step changes within a series"):
        RatingSeries.from_table(
            table.with_columns(value=pl.Series([4, 4, 4]), step=pl.Series([1.0, 1.0, 0.5]))
        )


def test_a_column_step_without_a_range_is_about_something_else() -> None:
    table = one_series([4.0, 4.1], low=None).with_columns(step=pl.Series(["assessment", "care"]))
    assert np.isnan(RatingSeries.from_table(table).step).all()


def test_a_step_goes_with_the_series_wherever_they_go() -> None:
    table = pl.concat([one_series([4, 5], low=0, high=10, case=case) for case in "ab"])
    series = RatingSeries.from_table(
        table.with_columns(step=pl.when(pl.col("case") == "a").then(0.5).otherwise(1.0))
    )
    assert series.part(1, 2).step.tolist() == [1.0]
    assert series.reversed().step.tolist() == [0.5, 1.0]
