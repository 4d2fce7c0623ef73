"""Tables that are read as something they are not: missing codes, names, sessions and dates that cannot be meant."""

import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import ParameterError, TableError, TableWarning, detect, fit_norms, null_rate, read_ratings
from goldseam.cli import app
from goldseam.series import RatingSeries
from goldseam.series.missing_codes import outlying_codes
from tests.core.ratings import one_series

COURSE = (7.5, 7.25, 7.5, 7.75, 7.5, 3.0, 7.25, 7.5)
HEADER = "case,rater,scale,session,value"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "ratings.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def course(*values: object, case: str = "007") -> list[str]:
    return [f"{case},client,alliance,{number},{value}" for number, value in enumerate(values, 1)]


CODED = (7.5, 7.25, 7.5, -99, 7.5, 3.0, 7.25, 999)


def test_what_looks_like_a_missing_code_stops_the_run_and_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, *course(*CODED))
    with pytest.raises(TableError) as caught:
        detect(path)
    said = str(caught.value)
    assert "1 of scale alliance are -99 (row 5); 1 of scale alliance are 999 (row 9)" in said
    assert "--missing -99,999" in said
    assert "--outlying real" in said
    with pytest.raises(TableError, match="-99"):
        read_ratings(path)


@pytest.mark.parametrize("codes", ["-99,999", [-99, 999], ("-99", 999.0)])
def test_stated_codes_are_sessions_without_a_rating(codes: object, tmp_path: Path) -> None:
    path = written(tmp_path, *course(*CODED))
    assert read_ratings(path, missing=codes)["value"].null_count() == 2  # type: ignore[arg-type]
    found = detect(path, criterion="own-mean", missing=codes)  # type: ignore[arg-type]
    gaps = [None if abs(value) > 9 else value for value in CODED]
    plain = detect(one_series(gaps, low=None, case="007"), criterion="own-mean")
    assert found.sessions.drop("case").equals(plain.sessions.drop("case"))
    assert found.events["onset_session"].to_list() == [6]


def test_words_can_be_codes_and_the_rest_stays_a_number(tmp_path: Path) -> None:
    path = written(tmp_path, *course(7, "?", 7, 8))
    with pytest.raises(TableError, match="not a number"):
        read_ratings(path)
    assert read_ratings(path, missing="?")["value"].to_list() == [7, None, 7, 8]
    assert read_ratings(path, missing=["?", 8])["value"].to_list() == [7, None, 7, None]


def test_what_is_said_to_be_real_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, *course(*CODED))
    assert read_ratings(path, outlying="real")["value"].to_list() == list(CODED)
    with pytest.raises(ParameterError, match="outlying: no such choice"):
        read_ratings(path, outlying="yes")
    with pytest.raises(ParameterError, match="missing: not a code"):
        read_ratings(path, missing="-99,,")


def test_the_commands_have_the_options(tmp_path: Path) -> None:
    path = str(written(tmp_path, *course(*CODED)))
    done = CliRunner().invoke(app, ["detect", path, "--missing", "-99,999", "--criterion", "own-mean"])
    assert done.exit_code == 0, done.output
    assert " 6 " in done.output
    real = CliRunner().invoke(app, ["detect", path, "--outlying", "real", "--criterion", "own-mean"])
    assert real.exit_code == 0, real.output
    for command in (["fit-norms", path, "--out", str(tmp_path / "n.json")], ["null-rate", path]):
        refused = CliRunner().invoke(app, command)
        assert isinstance(refused.exception, TableError)
        stated = CliRunner().invoke(app, [*command, "--missing", "-99,999"])
        assert "code for a missing one" not in str(stated.exception)


def test_fitting_and_null_rates_read_codes() -> None:
    coded = one_series(CODED, low=None)
    for job in (fit_norms, null_rate):
        with pytest.raises(TableError, match="code for a missing one"):
            job(coded)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ((1, 2, 3, 4, 5, 99), [99]),
        ((5, 40, 12, 30, 22, 99), [99]),
        ((70, 80, 60, 90, 98, 99), []),
        ((100, 100, 100, 100, 100, 77), []),
        ((20, 40, 60, 80, 70, -99, -99), [-99]),
        ((*range(11), *range(11), -9, -9, -9), [-9]),
        ((*range(11), *range(11), -9), []),
        ((70, 80, 60, 90, 95, -999), [-999]),
        ((-3, 2, 1, 3, 0, -99), []),
        ((-3, 2, 1, 3, 0, -999), [-999]),
        ((*range(1, 8), *range(1, 8), *range(1, 8), 88), [88]),
        ((*range(-10, 11), -9), []),
        ((5, 6, 7, 8, -9), []),
        ((5, 6, -99), []),
    ],
)
def test_the_rule_for_outlying_codes(values: tuple[float, ...], codes: list[float]) -> None:
    assert outlying_codes(np.array(values, dtype=float)) == codes


def test_ordinary_columns_are_never_stopped() -> None:
    rng = np.random.default_rng(20261126)
    for low, high, step in (
        (0, 10, 1),
        (1, 7, 1),
        (1, 7, 0.25),
        (0, 100, 1),
        (-3, 3, 1),
        (0, 63, 1),
        (-100, 100, 1),
    ):
        width = high - low
        for _ in range(1_500):
            count = int(rng.integers(4, 120))
            level = low + width * rng.uniform(0.3, 0.9) + width * 0.13 * rng.standard_normal(count)
            dips = width * 0.3 * (rng.random(count) < 0.05)
            rated = np.clip(np.round((level - dips) / step) * step, low, high)
            assert outlying_codes(rated) == []


def test_padded_names_are_one_series_and_told(tmp_path: Path) -> None:
    rows = [
        row if number % 2 else row.replace("007", " 007 ") for number, row in enumerate(course(*COURSE), 1)
    ]
    path = written(tmp_path, *rows)
    with pytest.warns(
        TableWarning, match=r"ratings.csv: column case: blanks .* in 4 row\(s\) \(rows 3, 5, 7, 9\)"
    ):
        table = read_ratings(path)
    assert table["case"].unique().to_list() == ["007"]
    with pytest.warns(TableWarning, match="table: column case: blanks"):
        found = detect(one_series(COURSE, low=0, high=10).with_columns(case=pl.lit("A ")))
    assert found.series["case"].to_list() == ["A"]
    with pytest.raises(TableError, match="column case: no name"), pytest.warns(TableWarning):
        read_ratings(written(tmp_path, "  ,client,alliance,1,5"))


@pytest.mark.parametrize(("one", "other"), [("a7", "A7"), ("Ａ7", "a7"), ("Jose\u0301", "José"), ("ß", "SS")])
def test_names_alike_to_the_eye_are_told_and_stay_apart(one: str, other: str, tmp_path: Path) -> None:
    path = written(tmp_path, *course(5, 6, case=one), *course(5, 6, case=other))
    with pytest.warns(
        TableWarning, match=r"column case: 1 name\(s\) in forms that differ in case, width or accents"
    ):
        assert read_ratings(path)["case"].n_unique() == 2


@pytest.mark.parametrize(("pairs", "shown"), [(5, 5), (6, 6)])
def test_of_many_alike_the_first_five_are_shown(pairs: int, shown: int, tmp_path: Path) -> None:
    """Six are five and a sign that there are more."""
    rows = [row for k in range(pairs) for name in (f"a{k}", f"A{k}") for row in course(5, 6, case=name)]
    with pytest.warns(TableWarning, match=rf"{pairs} name\(s\) in forms") as told:
        read_ratings(written(tmp_path, *rows))
    listed = str(told[0].message).split("; ")
    assert len(listed) == shown
    assert listed[-1].startswith("...") is (pairs > 5)


def test_the_commands_say_it_on_standard_error(tmp_path: Path) -> None:
    path = written(tmp_path, *course(5, 6), *course(6, 5, case="007 b"), *course(6, 5, case="007 B"))
    words = [sys.executable, "-m", "goldseam", "detect", str(path), "--criterion", "own-mean"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr.startswith(f"goldseam: {path}: column case: 1 name(s) in forms")
    assert len(done.stderr.splitlines()) == 1


def test_dates_as_session_numbers_are_refused(tmp_path: Path) -> None:
    rows = [f"007,client,alliance,2024030{day},7" for day in range(1, 8)]
    with pytest.raises(
        TableError, match=r"column session: dates, not .* in 7 row\(s\) \(rows 2, 3, 4, 5, 6, \.\.\.\)"
    ):
        read_ratings(written(tmp_path, *rows))
    serial = [f"007,client,alliance,{45351 + day},7" for day in range(4)]
    with pytest.raises(TableError, match=r"column session: dates, not numbers of sessions, in 4 row\(s\)"):
        read_ratings(written(tmp_path, *serial))
    assert read_ratings(written(tmp_path, *course(1, 2), "007,client,alliance,40000,3")).height == 3


DATED = f"{HEADER},date"


def test_dates_that_fall_over_a_whole_course_are_refused(tmp_path: Path) -> None:
    rows = [f"007,client,alliance,{number},7,2024-03-{30 - number}" for number in range(1, 9)]
    with pytest.raises(
        TableError, match=r"column date: the dates fall while the sessions rise.* 8 row\(s\) \(rows 2, 3"
    ):
        detect(written(tmp_path, *rows, header=DATED))


def test_some_dates_out_of_order_are_told(tmp_path: Path) -> None:
    days = (1, 8, 15, 12, 22, 29)
    rows = [f"007,client,alliance,{number},7,2024-03-{day:02}" for number, day in enumerate(days, 1)]
    path = written(tmp_path, *rows, "008,client,alliance,1,7,2024-01-01", header=DATED)
    with pytest.warns(
        TableWarning, match=r"column date: earlier than that of the session before in 1 row\(s\) \(row 5\)"
    ):
        assert read_ratings(path).height == 7


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "007,client,alliance,1,7,8", header=f"{HEADER},value")
    with pytest.raises(TableError, match=r"column value: there are several columns of this name; .*one"):
        read_ratings(path)
    path = written(tmp_path, "007,client,alliance,1,7,8,9", header=f"{HEADER},note,note")
    assert read_ratings(path).height == 1, "it is not read"


def test_sessions_that_are_there_twice_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, *course(5, 6, 7), *course(5, 6))
    with pytest.raises(TableError, match=r"already in row 2; .* once; 2 rows repeat one: rows 5, 6"):
        read_ratings(path)


def test_courses_repeated_to_the_letter_in_a_file_are_told(tmp_path: Path) -> None:
    others = course(*reversed(COURSE), case="008")
    path = written(tmp_path, *course(*COURSE), *others, *course(*COURSE, case="009"))
    with pytest.warns(
        TableWarning, match=r"1 course\(s\) are the same to the letter .* in 8 row\(s\) \(rows 18, 19"
    ):
        assert read_ratings(path)["case"].n_unique() == 3
    path = written(tmp_path, *course(7, 7, 7, 7, 7, 7, 7), *course(7, 7, 7, 7, 7, 7, 7, case="008"))
    assert read_ratings(path).height == 14, "people who always say the same are many"


def test_a_repeated_course_is_told_whatever_the_order_of_its_rows(tmp_path: Path) -> None:
    """And none is where the same ratings lie at other sessions, or one more is there."""
    again = course(*COURSE, case="009")
    path = written(tmp_path, *course(*COURSE), *reversed(again))
    with pytest.warns(TableWarning, match=r"1 course\(s\) are the same to the letter"):
        read_ratings(path)
    longer = course(*COURSE, 5, case="009")
    turned = course(*reversed(COURSE), case="010")
    assert read_ratings(written(tmp_path, *course(*COURSE), *longer, *turned))["case"].n_unique() == 3


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["ann", "bob"], False),
        (["ann", "Ann"], True),
        (["ann", "ann "], True),
        (["7", "007"], True),
        (["7", "8"], False),
        (["inf", "Infinity"], True),
        (["ann", "NA"], True),
        (["Zoë", "Zoe\u0308"], True),
        (["", "ann"], False),
    ],
)
def test_a_few_names_are_looked_at_as_many_are(names: list[str], told: bool) -> None:
    """A table of some rows takes a quicker way to the same answer."""
    few = pl.concat([one_series([5, 6], case="x").with_columns(case=pl.lit(name)) for name in names])
    many = pl.concat(
        [few, *(one_series([5] * 600, case="x").with_columns(case=pl.lit(f"case {k}")) for k in "ab")]
    )
    for table in (few, many):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with suppress(TableError):
                RatingSeries.from_table(table)
        assert any("case" in str(each.message) for each in caught) is told
