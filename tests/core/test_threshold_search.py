"""Thresholds for a wanted rate of false alarms: read off ratings written down, and measured again."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from goldseam.detection import criteria, find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating import find_threshold, operating_curve
from goldseam.operating.rate_estimators import false_alarm_rate
from goldseam.operating.roc import threshold_values, with_scaled_thresholds
from goldseam.operating.simulated_cases import SimulatedCases, draw_cases
from goldseam.operating.simulation_verdicts import CriterionSettings, judge_simulation
from goldseam.operating.threshold_search import search_threshold


def rule(criterion: str, **parameters: object) -> CriterionSettings:
    return CriterionSettings(criterion, 1, Norms.default(), dict(parameters))


def test_the_thresholds_of_every_criterion_are_numbers_among_its_parameters() -> None:
    """Those named by a criterion itself; the names of the grades hold for all."""
    for each in criteria():
        known = each.parameters()
        named = set(each.thresholds) - {"watch", "probable", "marked"}
        assert named <= set(known)
        assert all(known[name].kind is float for name in named)


def test_all_thresholds_move_by_one_factor_within_their_ranges() -> None:
    """Shipped p: .05, .025, .01; times 16 the first is .5 at most."""
    start = rule("predictive", watch=0.05, probable=0.025, marked=0.01)
    assert threshold_values(with_scaled_thresholds(start, 2)) == pytest.approx(
        {"watch": 0.1, "probable": 0.05, "marked": 0.02}
    )
    assert threshold_values(with_scaled_thresholds(start, 16)) == pytest.approx(
        {"watch": 0.5, "probable": 0.4, "marked": 0.16}
    )


def test_a_threshold_that_is_not_set_is_passed_over() -> None:
    assert threshold_values(rule("low-level")) == {"cutoff_share": 0.5}
    assert threshold_values(with_scaled_thresholds(rule("low-level", cutoff=4.0), 1.5))["cutoff"] == 6.0


@pytest.fixture(scope="module")
def samples() -> SimulatedCases:
    return draw_cases("items", depths=(2.0, 3.0), durations=(1,), sessions=12, cases=1_500, seed=6)


def test_the_cut_off_for_a_wanted_rate_is_the_one_that_counting_finds(samples: SimulatedCases) -> None:
    """`low-level` on event-free cases: the spells below each possible cut-off, counted with plain loops.

    Ratings come in steps of .25, so the wanted rate lies between those of two neighbouring cut-offs.
    """
    table = samples.quiet.ratings.filter(pl.col("session") <= 12)
    courses = [
        group["value"].drop_nulls().to_list() for _, group in table.group_by("case", maintain_order=True)
    ]
    ratings = sum(map(len, courses))

    def spells(cutoff: float) -> float:
        low = [[value < cutoff for value in course] for course in courses]
        return (
            sum(now and not before for each in low for before, now in zip([False, *each], each, strict=False))
            / ratings
        )

    steps = np.arange(0.125, 10, 0.25)
    strict = max(step for step in steps if all(spells(lower) <= 0.02 for lower in steps[steps <= step]))
    search = search_threshold(rule("low-level", cutoff=5.0), samples, 0.02)
    assert search.outcome == "met"
    assert search.point is not None
    assert search.next_rate is not None
    assert abs(search.point.thresholds["cutoff"] - strict) <= 0.125 + 0.01
    assert search.point.false_alarms.value == pytest.approx(spells(strict))
    assert search.point.false_alarms.value <= 0.02 < search.next_rate
    assert search.next_rate == pytest.approx(spells(strict + 0.25))


def test_the_thresholds_found_give_the_wanted_rate_in_other_cases(samples: SimulatedCases) -> None:
    """Simulated again with another seed: the two rates differ by no more than four errors of both."""
    others = draw_cases("items", depths=(2.0,), durations=(1,), sessions=12, cases=1_500, seed=77)
    search = search_threshold(rule("predictive"), replace(samples, events={}), 0.03)
    assert search.point is not None
    again = false_alarm_rate(
        judge_simulation(with_scaled_thresholds(rule("predictive"), search.point.factor), others.quiet, 12),
        "any",
    )
    assert again.agrees_with(search.point.false_alarms)
    assert abs(search.point.false_alarms.value - 0.03) < 0.001


def test_the_error_of_a_threshold_is_the_spread_of_repeated_searches() -> None:
    """16 searches with seeds of their own: their spread against the mean error stated, within four of its errors."""
    drawn = (
        draw_cases("items", depths=(2.0,), durations=(1,), sessions=12, cases=200, seed=50 * seed)
        for seed in range(16)
    )
    found = [search_threshold(rule("own-mean"), replace(each, events={}), 0.05) for each in drawn]
    stated = [each.threshold_errors["sds"] for each in found]
    spread = np.std([each.point.thresholds["sds"] for each in found if each.point], ddof=1)
    mean = float(np.mean(stated))
    assert abs(spread - mean) < 4 * mean / math.sqrt(2 * 15)


def test_sensitivity_at_a_found_threshold_has_the_error_of_the_threshold_too(samples: SimulatedCases) -> None:
    search = search_threshold(rule("own-mean"), samples, 0.03)
    assert search.point is not None
    for row in search.point.sensitivity:
        binomial = math.sqrt(row.rate.value * (1 - row.rate.value) / row.rate.of)
        assert row.rate.standard_error > binomial


def test_a_criterion_without_a_threshold_is_said_so(samples: SimulatedCases) -> None:
    assert threshold_values(rule("xmr")) == {}
    assert search_threshold(rule("xmr"), samples, 0.02).outcome == "not applied"


def test_a_rate_no_threshold_gives_is_said_so(samples: SimulatedCases) -> None:
    """`stevens-global` needs ten ratings and finds one event per series: never .9 a session."""
    search = search_threshold(rule("stevens-global"), samples, 0.9)
    assert (search.outcome, search.point, search.threshold_errors) == ("not met", None, {})


def test_a_curve_rises_with_its_false_alarms() -> None:
    """The same cases at every point, so a stricter `own-mean` can only lose events that stand alone."""
    points = operating_curve(criterion="own-mean", seed=3, cases=400, factors=(0.75, 1.0, 1.5, 2.0))
    assert [point.thresholds["sds"] for point in points] == [1.5, 2.0, 3.0, 4.0]
    alarms = [point.false_alarms.value for point in points]
    assert alarms == sorted(alarms, reverse=True)
    for depth in range(4):
        caught = [point.sensitivity[depth].rate.value for point in points]
        assert caught == sorted(caught, reverse=True)


def test_a_curve_of_a_criterion_without_thresholds_is_empty() -> None:
    assert operating_curve(criterion="xmr", seed=3, cases=10) == ()


@pytest.mark.parametrize("wanted", [0.0, 1.0, -0.1])
def test_a_rate_outside_its_range_is_named(wanted: float) -> None:
    with pytest.raises(ParameterError, match=f"wanted_rate.*given {wanted}"):
        find_threshold(criterion="own-mean", wanted_rate=wanted, seed=1, cases=10)


def test_a_factor_outside_its_range_is_named() -> None:
    with pytest.raises(ParameterError, match=r"factors.*given 0\.0"):
        operating_curve(criterion="own-mean", seed=1, cases=10, factors=(0.0,))


def test_parameters_named_like_grades_are_the_thresholds() -> None:
    assert find_criterion("kalman").thresholds == ("watch", "probable", "marked")
    assert threshold_values(rule("kalman")) == {"probable": 1.96, "marked": 2.33}
