"""Stiles-type, Strauss-type and McLaughlin-type: hand calculations on T1 and short series, a second implementation."""

from statistics import stdev
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam import Detection, Norms, ParameterError, ScaleNorms, detect
from tests.core.examples import examples
from tests.core.ratings import T1, one_series
from tests.core.reference.returns import Rule, events, verdicts

NORMS = Norms(
    "ten", "1", "points", (ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=0.9),), "By hand.", False
)
KEPT = ("onset_session", "nadir_session", "nadir", "status", "repair_session")
ALL = ("stiles-type", "strauss-type", "mclaughlin-type")

few_examples = examples(20)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
steps = st.sampled_from([0.0, 0.0, 0.25, -0.25, -2.0, -3.5, 2.0, None])
noisy = st.lists(st.one_of(st.none(), *[grid] * 5), min_size=1, max_size=20)
eventful = st.lists(steps, min_size=6, max_size=20).map(
    lambda course: [None if step is None else 6 + step for step in course]
)
values = st.one_of(noisy, eventful)
Rated = list[float | None]


def found_in(rated: Any, criterion: str, **given_: Any) -> Detection:
    return detect(one_series(rated, low=0, high=10), criterion=criterion, **{"norms": NORMS, **given_})


def own_sd(rated: Rated) -> float:
    known = [value for value in rated if value is not None]
    return stdev(known) if len(known) > 1 else float("nan")


def rule_of(criterion: str, rated: Rated, compared_with: str) -> Rule:
    """Thresholds worked out from the numbers on the criterion's page."""
    own = own_sd(rated)
    if criterion == "stiles-type":
        return Rule(2 * max(own, 0.9), window=3, minimum=8)
    if criterion == "strauss-type":
        return Rule(own, rise=own, highest=compared_with == "highest")
    return Rule(1.96 * 2**0.5 * 0.9 * 0.3**0.5)


@pytest.mark.parametrize(
    ("criterion", "limit"),
    [
        # 5.5 less 2 * .5498; less .5498; less 1.96 * sqrt(2) * .09 * 6 * sqrt(.3)
        ("stiles-type", 4.4003),
        ("strauss-type", 4.9502),
        ("mclaughlin-type", 4.6802),
    ],
)
def test_the_test_vector(criterion: str, limit: float) -> None:
    """The fall of 1.6 at session 5; 5.1 is a return within a quarter of it, reached at session 7 (5.3)."""
    found = detect(one_series(T1), criterion=criterion)
    event = found.episodes.row(0, named=True)
    assert found.episodes.height == 1
    assert (event["onset_session"], event["baseline"], event["nadir"]) == (5, 5.5, 3.9)
    assert (event["status"], event["repair_session"], event["duration"], event["shape"]) == (
        "repaired",
        7,
        2,
        "V",
    )
    assert found.sessions["limit"][4] == pytest.approx(limit, abs=5e-5)


def test_a_low_that_lasts_is_a_u_and_one_that_stays_is_unrepaired() -> None:
    """Own SD under 2.2, falls of 5: back at 4 sessions after the onset is too late for a window of 3."""
    high, low = [8.0] * 8, 3.0
    shapes = {
        (*high, low, low, 8.0, 8.0): ("repaired", 2, "V"),
        (*high, low, low, low, 8.0): ("repaired", 3, "U"),
        (*high, low, low, low, low, 8.0): ("unrepaired", 4, "L"),
        (*high, low, low): ("indeterminate", 2, None),
    }
    for rated, words in shapes.items():
        event = found_in(rated, "stiles-type").events.row(0, named=True)
        assert (event["status"], event["duration"], event["shape"]) == words


def test_whose_sd_decides_whether_a_fall_is_large() -> None:
    """A fall of 1 in a still course: own SD .35, SD of differences .58 (0 0 -1 1 0 0 0), pooled .9."""
    rated = [6.0, 6, 6, 5, 6, 6, 6, 6]
    spreads = {
        kind: found_in(rated, "stiles-type", sd=kind).sessions["spread"][3] for kind in ("own", "own-diff")
    }
    assert spreads == {"own": pytest.approx(0.35355, abs=1e-5), "own-diff": pytest.approx(0.57735, abs=1e-5)}
    found = {
        kind: found_in(rated, "stiles-type", sd=kind).events.height for kind in ("own", "pooled", "stricter")
    }
    assert found == {"own": 1, "pooled": 0, "stricter": 0}


def test_a_rise_of_one_sd_is_a_repair_by_strauss_though_the_level_is_not_reached() -> None:
    """8 to 2 with an own SD of 2.83; 5 is 3 above the lowest and 3 below the level."""
    rated = [8.0, 8, 8, 2, 2, 5, 3, 3]
    event = found_in(rated, "strauss-type").episodes.row(0, named=True)
    assert (event["status"], event["repair_session"]) == ("repaired", 6)
    assert (event["repaired_within_3"], event["repaired_within_6"]) == (True, True)
    stiles = found_in(rated, "stiles-type", sds=1).events.row(0, named=True)
    assert stiles["status"] == "unrepaired"


def test_the_highest_so_far_sees_a_slow_fall() -> None:
    rated = [8.0, 7.5, 7, 6.5, 6, 5.5, 5, 5]
    assert found_in(rated, "strauss-type").events.is_empty()
    assert found_in(rated, "strauss-type", compared_with="highest").events.height == 1


def test_three_groups_of_cases() -> None:
    """None, repaired and unrepaired, as in the study; too short is in no group."""
    courses = {
        "A": [8.0, 8, 8, 8, 8],
        "B": [8.0, 8, 5, 8, 8],
        "C": [8.0, 8, 5, 5, 5],
        "D": [8.0, 8, 5],
        "E": [8.0, 8, 5, 8, 5, 5, 5],
    }
    table = pl.concat([one_series(rated, low=0, high=10, case=case) for case, rated in courses.items()])
    rows = detect(table, criterion="mclaughlin-type", norms=NORMS).one_per_series()
    assert rows["group"].to_list() == ["none", "repaired", "unrepaired", None, "unrepaired"]


def test_short_and_constant_courses_are_told_apart() -> None:
    short = found_in([8.0, 3, 8, 8, 8, 8, 8], "stiles-type").sessions
    assert set(short["reason"]) == {"series_too_short"}
    still = found_in([8.0] * 8, "strauss-type").sessions
    assert still.select("verdict", "reason").row(3) == ("not applied", "no_variation")
    gap = found_in([8.0, None, 3, 8, 8], "strauss-type").sessions
    assert gap.select("verdict", "reason").row(2) == ("not applied", "previous_not_rated")


def test_an_error_of_measurement_in_points() -> None:
    """1.96 * sqrt(2) * .5 = 1.386."""
    rated = [5.0, 5, 5, 3.65, 5, 3.60]
    found = found_in(rated, "mclaughlin-type", measurement_error=0.5)
    assert found.events["onset_session"].to_list() == [6]
    with pytest.raises(ParameterError, match=r"parameter sd: .*; allowed: own, own-diff, pooled, stricter"):
        found_in(rated, "stiles-type", sd="total")


@pytest.mark.parametrize("criterion", ALL)
@pytest.mark.parametrize("compared_with", ["previous", "highest"])
@few_examples
@given(rated=values)
def test_agrees_with_the_second_implementation(rated: Rated, criterion: str, compared_with: str) -> None:
    more = {"compared_with": compared_with} if criterion == "strauss-type" else {}
    rule = rule_of(criterion, rated, compared_with)
    found = found_in(rated, criterion, **more)
    assert found.sessions["verdict"].to_list() == verdicts(rated, rule)
    assert found.events.select(KEPT).rows() == events(rated, rule)


@pytest.mark.parametrize("criterion", ALL)
@few_examples
@given(rated=values, other=values, data=st.data())
def test_neither_row_order_nor_other_series_matter(
    rated: Rated, other: Rated, data: st.DataObject, criterion: str
) -> None:
    alone = found_in(rated, criterion)
    both = pl.concat([one_series(rated, low=0, high=10), one_series(other, low=0, high=10, case="B")])
    shuffled = both[data.draw(st.permutations(range(both.height)))]
    together = detect(shuffled, criterion=criterion, norms=NORMS)
    assert together.episodes.filter(pl.col("case") == "A").equals(alone.episodes)
    assert together.sessions.filter(pl.col("case") == "A").equals(alone.sessions)


@pytest.mark.parametrize("criterion", ALL)
@few_examples
@given(rated=values)
def test_a_scale_turned_round_with_its_direction_has_the_same_events(rated: Rated, criterion: str) -> None:
    turned = [None if value is None else 10 - value for value in rated]
    ours, theirs = found_in(rated, criterion), found_in(turned, criterion, higher_is_better=False)
    kept = ("onset_session", "status", "repair_session", "nadir_session", "duration", "shape")
    assert ours.events.select(kept).equals(theirs.events.select(kept))
    assert ours.sessions["verdict"].equals(theirs.sessions["verdict"])
