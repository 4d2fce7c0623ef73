"""Tables that are not as change, growth and shapes expect them: read as meant, or refused in their own words."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import (
    ParameterError,
    ReadOptions,
    TableError,
    TableNote,
    course_shapes,
    fit_growth,
    reliable_change,
)
from goldseam.cli import app


def ratings(times: list[Any], name: str = "session", persons: int = 12) -> pl.DataFrame:
    random = np.random.default_rng(4)
    level = random.normal(5, 2, persons)
    rows = [
        (f"p{person}", time, float(np.round(level[person] + 0.3 * place + random.normal(), 2)))
        for person in range(persons)
        for place, time in enumerate(times)
    ]
    return pl.DataFrame(rows, schema=["case", name, "value"], orient="row")


@pytest.mark.parametrize(
    "times",
    [
        [0, 1, 2, 3],
        [-2, 0, 2, 4],
        [0.5, 1.5, 2.5, 3.5],
        ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"],
    ],
)
def test_sessions_that_are_other_times_are_read_as_if_they_were_named(times: list[Any]) -> None:
    with pytest.warns(TableNote, match="column session as times"):
        found = fit_growth(ratings(times))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        named = fit_growth(ratings(times), time="session")
    assert found.log_likelihood == named.log_likelihood
    assert found.persons["slope"].to_list() == named.persons["slope"].to_list()
    with pytest.warns(TableNote):
        assert course_shapes(ratings(times)).persons["n_rated"].unique().to_list() == [4]


def test_sessions_that_are_partly_no_times_are_refused_as_before() -> None:
    with pytest.raises(TableError, match="row 2, column session"):
        fit_growth(ratings(["0", "x", "2", "3"]))


def test_a_column_may_be_named_as_elsewhere() -> None:
    table = ratings([1, 2, 3, 4], "week")
    options = ReadOptions(columns={"session": "week"})
    assert fit_growth(table, reading=options).log_likelihood == fit_growth(table, time="week").log_likelihood
    assert course_shapes(table, reading=options).persons.height == 12


def test_faults_are_told_in_the_times_and_columns_of_the_table() -> None:
    table = ratings([10, 20, 30, 40], "week")
    with pytest.raises(TableError, match=r"row 49, column week: case p0.*already in row 3; given 30"):
        fit_growth(pl.concat([table, table[2:3]]), time="week")
    wide = {"case": ["a", "b"], "pre": ["3", "4"], "post": ["abc", "5"]}
    with pytest.raises(TableError, match="column pre or post: not a number; given 'abc'"):
        reliable_change(wide, reliability=0.8)
    with pytest.raises(TableError, match="no column end; given 'case, pre, post'"):
        reliable_change({**wide, "post": ["3", "4"]}, reliability=0.8, pre="pre", post="end")


@pytest.mark.parametrize("factor", [1e200, 1e-200])
@pytest.mark.parametrize("command", [fit_growth, course_shapes])
def test_numbers_nobody_can_square_are_refused(command: Any, factor: float) -> None:
    table = ratings([1, 2, 3, 4]).with_columns(pl.col("value") * factor)
    with pytest.raises(TableError, match=r"column value: too (large|small) to compute with"):
        command(table)


@pytest.mark.parametrize("persons_differ", [False, True])
def test_ratings_on_lines_leave_no_error_to_estimate(persons_differ: bool) -> None:
    rows = [
        (f"p{person}", time, (1 + person * persons_differ) * time)
        for person in range(6)
        for time in range(1, 7)
    ]
    table = pl.DataFrame(rows, schema=["case", "session", "value"], orient="row")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_growth(table)
    assert found.status == "not enough data"
    assert "nothing is left to estimate an error from" in str(found.reason)


def test_a_later_time_before_the_first_is_refused() -> None:
    with pytest.raises(ParameterError, match="post: lies before pre; given 1; allowed: a time after 4"):
        reliable_change(ratings([1, 2, 3, 4]), pre=4, post=1, reliability=0.8)


def test_a_model_of_change_takes_dates_as_the_growth_model_does() -> None:
    days = ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"]
    dated, numbered = ratings(days), ratings([0, 7, 14, 21])
    found = reliable_change(dated, method="HLM")
    assert (
        found.persons["index"].to_list() == reliable_change(numbered, method="HLM").persons["index"].to_list()
    )
    spanned = reliable_change(dated, method="HLM", pre=days[0], post=days[3])
    assert spanned.persons["change"].to_list() == pytest.approx(found.persons["change"].to_list())


def test_nobody_is_counted_as_recovered_where_nothing_says_what_recovered_is() -> None:
    table = {"case": ["a", "b", "c"], "pre": [30, 25, 20], "post": [10, 24, 21]}
    settings: dict[str, Any] = {"reliability": 0.8, "higher_is_better": False}
    found = reliable_change(table, **settings)
    assert "recovered, " not in found.summary()
    assert "without a cut-off nobody is called recovered or harmed" in found.summary()
    rows = {status: (n, share) for status, n, share in found.groups.iter_rows()}
    assert (rows["recovered"], rows["harmed"], rows["improved"]) == ((None, None), (None, None), (1, 1 / 3))
    crossed = reliable_change(table, **settings, cutoff=15)
    assert "3 persons: 1 recovered, 0 improved, 2 unchanged, 0 deteriorated, 0 harmed" in crossed.summary()


def test_the_summary_has_the_figures_that_an_index_is_made_of() -> None:
    table = {"case": ["a", "b", "c"], "pre": [30, 25, 20], "post": [10, 24, 20]}
    found = reliable_change(table, reliability=0.8, higher_is_better=False)
    assert "3 rated at both: before 25 (SD 5), after 18 (SD 7.211); r 0.8, error of a difference 3.162" in (
        found.summary()
    )
    stated = reliable_change(table, reliability=0.8, sd=8, higher_is_better=False)
    assert "error of a difference 5.06, from the stated SD of 8" in stated.summary()
    one = reliable_change({"case": ["a"], "pre": [30], "post": [10]}, reliability=0.8, sd=8)
    assert "1 person: 0 improved" in one.summary()


def test_a_chart_that_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    file, chart = tmp_path / "in.csv", tmp_path / "c.svg"
    ratings([1, 2, 3], persons=2).write_csv(file)
    done = CliRunner().invoke(app, ["change", str(file), "--method", "HLM", "--chart", str(chart)])
    assert not chart.exists()
    assert "no chart" in done.output


def test_courses_too_short_to_name_are_counted() -> None:
    assert "too short to say: 12" in course_shapes(ratings([1, 2, 3])).summary()


def test_a_constant_added_to_all_ratings_changes_the_intercept_alone() -> None:
    table = ratings([1, 2, 3, 4])
    found, moved = fit_growth(table), fit_growth(table.with_columns(pl.col("value") + 1e9))
    assert moved.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-6)
    assert moved.fixed["estimate"][0] == pytest.approx(found.fixed["estimate"][0] + 1e9, rel=1e-14)
    assert moved.residual_sd == pytest.approx(found.residual_sd, rel=1e-5)


def test_times_far_from_0_are_told_as_such() -> None:
    table = ratings([2460000 + day for day in range(1, 7)])
    found = fit_growth(table, course="quadratic")
    assert "times lie too far from 0 for their span" in str(found.reason)
    with pytest.raises(ParameterError, match="allowed: 2460001, 2460002"):
        reliable_change(table, pre=1, post=2, reliability=0.8)


def test_several_raters_of_a_case_are_told() -> None:
    table = ratings([1, 2, 3, 4])
    both = pl.concat([table.with_columns(rater=pl.lit(rater)) for rater in ("client", "therapist")])
    assert "24 persons are 12 cases" in reliable_change(both, pre=1, post=4, reliability=0.8).summary()
    assert "24 persons are 12 cases" in fit_growth(both).summary()
    assert "cases" not in fit_growth(table).summary()
