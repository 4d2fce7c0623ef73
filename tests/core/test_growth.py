"""Growth models beside lme4: `reference/change_and_growth.R` says how its numbers were made."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import ParameterError, TableError, fit_growth, simulate
from goldseam.cli import app
from goldseam.mixed_model import fit_mixed
from tests.core.reference.r_numbers import NUMBERS, sleepstudy, thirty_persons

pytestmark = pytest.mark.filterwarnings("ignore::goldseam.TableNote")
SLEEP: dict[str, Any] = {"value": "Reaction", "time": "Days"}
FITS = {
    "sleepstudy_reml": (sleepstudy(), SLEEP),
    "sleepstudy_ml": (sleepstudy(), {**SLEEP, "restricted": False}),
    "missing_reml": (thirty_persons(), {"time": "time"}),
    "missing_ml": (thirty_persons(), {"time": "time", "restricted": False}),
    "log_reml": (thirty_persons(), {"time": "time", "course": "log"}),
    "quadratic_ml": (thirty_persons(), {"time": "time", "course": "quadratic", "restricted": False}),
    "piecewise_reml": (thirty_persons(), {"time": "time", "course": "piecewise", "knot": 3}),
    "flat_reml": (thirty_persons("flat"), {"time": "time"}),
}


@pytest.mark.parametrize("name", FITS)
def test_fits_are_those_of_lme4(name: str) -> None:
    ratings, settings = FITS[name]
    found, expected = fit_growth(ratings, **settings), NUMBERS["fits"][name]
    assert found.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-6)
    assert found.fixed["estimate"].to_list() == pytest.approx(expected["fixed"], rel=1e-3)
    assert found.fixed["standard_error"].to_list() == pytest.approx(expected["errors"], rel=1e-3)
    sds = [found.intercept_sd, found.slope_sd, found.residual_sd]
    assert sds == pytest.approx(expected["sds"], rel=1e-3)
    assert found.correlation == pytest.approx(expected["correlation"], rel=1e-3, abs=1e-3)
    assert (found.singular, found.converged) == (expected["singular"], True)
    own = found.persons.sort(pl.col("case").cast(pl.Int64))
    assert own["intercept"].to_list() == pytest.approx(expected["intercepts"], rel=1e-3)
    assert own["slope"].to_list() == pytest.approx(expected["slopes"], rel=1e-3, abs=1e-3)


def test_a_singular_fit_is_told_as_one() -> None:
    ratings, settings = FITS["flat_reml"]
    assert "singular fit" in fit_growth(ratings, **settings).summary()


def test_errors_of_own_courses_hold_that_of_the_average_too() -> None:
    """Beside Henderson's equations as R solves them."""
    persons = fit_growth(thirty_persons(), time="time").persons.sort(pl.col("case").cast(pl.Int64))
    assert persons["case"].cast(pl.Int64).to_list() == NUMBERS["own_id"]
    assert persons["slope_error"].to_list() == pytest.approx(NUMBERS["own_slope_error"], rel=1e-3)
    assert persons["intercept_error"].to_list() == pytest.approx(NUMBERS["own_intercept_error"], rel=1e-3)


def test_the_unit_of_time_and_its_origin_change_no_course() -> None:
    """Fitted values and the ML likelihood are the same whatever the clock."""
    plain = fit_growth(thirty_persons(), time="time", restricted=False)
    shifted = thirty_persons().with_columns(time=pl.col("time") * 7 + 20_000.5)
    weeks = fit_growth(shifted, time="time", restricted=False)
    assert weeks.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)
    assert weeks.courses["expected"].to_list() == pytest.approx(plain.courses["expected"].to_list(), abs=1e-3)


def test_dates_are_days_from_the_first_one_on() -> None:
    ratings = thirty_persons().with_columns(days=(pl.col("time") - 1) * 7)
    dated = ratings.with_columns(when=pl.date(2024, 1, 29) + pl.duration(days=pl.col("days")))
    as_text = dated.with_columns(pl.col("when").cast(pl.String))
    expected = fit_growth(ratings, time="days").fixed
    assert fit_growth(dated, time="when").fixed.equals(expected)
    assert fit_growth(as_text, time="when").fixed.equals(expected)


def test_the_order_of_rows_and_unrated_rows_change_nothing() -> None:
    ratings = thirty_persons()
    plain = fit_growth(ratings, time="time")
    mixed = fit_growth(ratings.drop_nulls().sample(fraction=1, shuffle=True, seed=1), time="time")
    assert mixed.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert mixed.persons.equals(plain.persons) or mixed.persons["slope"].to_list() == pytest.approx(
        plain.persons["slope"].to_list(), abs=1e-9
    )
    assert (plain.n_missing, mixed.n_missing) == (18, 0)


def test_known_truth_comes_out() -> None:
    """2,000 persons: every figure within four standard errors of what they were made with."""
    rng = np.random.default_rng(3)
    person, time = np.repeat(np.arange(2000), 8), np.tile(np.arange(1.0, 9), 2000)
    own = rng.multivariate_normal([0, 0], [[4, -0.3], [-0.3, 0.09]], 2000)
    y = 20 - 0.5 * time + own[person, 0] + own[person, 1] * time + rng.normal(0, 1.5, len(time))
    found = fit_growth({"case": person, "session": time, "value": y})
    assert found.fixed["estimate"].to_list() == pytest.approx([20, -0.5], abs=0.25)
    assert (found.intercept_sd, found.slope_sd) == pytest.approx((2, 0.3), rel=0.1)
    assert (found.residual_sd, found.correlation) == pytest.approx((1.5, -0.5), abs=0.1)


def test_the_slopes_of_the_deviance_are_those_of_small_steps() -> None:
    from goldseam.mixed_model import _CrossProducts, _profiled, _slope

    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(12), 4)
    x = np.column_stack([np.ones(48), np.tile(np.arange(4.0), 12), rng.normal(size=48)])
    products = _CrossProducts.of(rng.normal(size=48), x, x[:, :2], group)
    factor = np.array([[0.8, 0.0], [0.3, 0.4]])
    for restricted in (True, False):
        slope = _slope(
            factor, _profiled(factor, products, restricted=restricted), products, restricted=restricted
        )
        for place in ((0, 0), (1, 0), (1, 1)):
            step = np.zeros((2, 2))
            step[place] = 1e-6
            up, down = (
                _profiled(factor + s * step, products, restricted=restricted).deviance for s in (1, -1)
            )
            assert slope[place] == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_a_random_intercept_alone_is_fitted_too() -> None:
    """One random effect per group: the balanced analysis of variance gives the same by hand."""
    y = np.array([1.0, 3, 2, 4, 6, 8, 7, 9, 3, 4])
    group = np.repeat(np.arange(5), 2)
    found = fit_mixed(y, np.ones((10, 1)), np.ones((10, 1)), group)
    means = y.reshape(5, 2).mean(axis=1)
    within = float(((y.reshape(5, 2) - means[:, None]) ** 2).sum()) / 5
    between = float(means.var(ddof=1)) - within / 2
    assert found.residual_variance == pytest.approx(within, rel=1e-4)
    assert found.random_covariance[0, 0] == pytest.approx(between, rel=1e-4)


def rows(persons: int, sessions: int, values: list[Any]) -> dict[str, list[Any]]:
    """The ratings of persons one after the other, at the same sessions."""
    case = [each for each in range(persons) for _ in range(sessions)]
    return {"case": case, "session": [*range(1, sessions + 1)] * persons, "value": values}


@pytest.mark.parametrize(
    ("ratings", "says"),
    [
        ([5, 6, 7, 6], "1 persons rated at two times or more, at least 3 needed"),
        (rows(3, 2, [1, 2, 3, 4, 5, 9]), "6 ratings, more than 6 needed"),
        (rows(3, 3, [4] * 9), "all ratings are the same"),
        (rows(3, 3, [1, 2, 3, 2, 4, 6, 1, 1, 1]), "the ratings lie on"),
        (rows(3, 1, [None] * 3), "no ratings"),
    ],
)
def test_thin_data_are_a_result_with_a_reason(ratings: Any, says: str) -> None:
    found = fit_growth(ratings)
    assert found.status == "not enough data"
    assert says in str(found.reason)
    assert says in found.summary()
    assert found.estimates()["log_likelihood"] is None
    assert found.plot() is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"course": "cubic"},
            "course: no such course; given 'cubic'; allowed: linear, log, quadratic, piecewise",
        ),
        ({"course": "piecewise"}, "knot: is needed for a piecewise course, and for no other; given None"),
        ({"knot": 3}, "knot: is needed for a piecewise course, and for no other; given 3"),
        (
            {"course": "piecewise", "knot": 9},
            "knot: lies outside the times; given 9; allowed: a time between 1 and 5",
        ),
    ],
)
def test_a_course_that_cannot_be_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ParameterError) as refused:
        fit_growth(thirty_persons(), time="time", **settings)
    assert says in str(refused.value)


def test_a_logarithm_of_time_needs_times_above_0() -> None:
    with pytest.raises(ParameterError, match="time: has no logarithm; given 0"):
        fit_growth(sleepstudy(), **SLEEP, course="log")


def test_faults_of_the_table_are_named() -> None:
    twice = pl.concat([thirty_persons(), thirty_persons().head(1)])
    with pytest.raises(TableError, match="each session once"):
        fit_growth(twice, time="time")
    with pytest.raises(TableError, match="row 2, column time: no time"):
        fit_growth({"case": [1, 1], "time": [1, None], "value": [3, 4]}, time="time")
    several = {"case": [1, 1], "scale": ["a", "b"], "session": [1, 1], "value": [3, 4]}
    with pytest.raises(TableError, match="there are several scales; given 'a, b'; allowed: one of them"):
        fit_growth(several)
    assert fit_growth(several, scale="a").n_ratings == 1


def test_the_command_writes_estimates_persons_and_courses(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "grown"
    simulate(cases=30, sessions=6, seed=2).ratings.write_csv(file)
    done = CliRunner().invoke(app, ["growth", str(file), "--ml", "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0
    estimates = json.loads((out / "estimates.json").read_text(encoding="utf-8"))
    assert (estimates["method"], estimates["status"]) == ("ML", "estimated")
    assert estimates["log_likelihood"] == fit_growth(file, restricted=False).log_likelihood
    assert pl.read_csv(out / "persons.csv").height == 30
    again = CliRunner().invoke(app, ["growth", str(file), "--out", str(out)])
    assert isinstance(again.exception, ParameterError)
    wrong = CliRunner().invoke(
        app, ["growth", str(file), "--course", "log", "--knot", "2", "--out", str(tmp_path / "x")]
    )
    assert isinstance(wrong.exception, ParameterError)
    assert not (tmp_path / "x").exists()


def test_own_courses_and_the_average_one_are_drawn() -> None:
    chart = fit_growth(thirty_persons(), time="time").plot()
    assert len(chart.layer) == 2
