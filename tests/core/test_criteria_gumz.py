"""Gumz criteria: the five patterns by hand, T1, and a second implementation of runs and rises."""

from statistics import stdev
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, detect
from tests.core.examples import examples
from tests.core.ratings import T1, one_series
from tests.core.reference.declines import events

NORMS = Norms(
    "ten", "1", "points", (ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=0.9),), "By hand.", False
)
KEPT = ("onset_session", "nadir_session", "status", "repair_session", "pattern")
Rated = list[float | None]

few_examples = examples(25)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
steps = st.sampled_from([0.0, 0.0, 0.25, -0.25, -2.0, -3.5, 2.0, None])
noisy = st.lists(st.one_of(st.none(), *[grid] * 6), min_size=1, max_size=24)
eventful = st.lists(steps, min_size=8, max_size=20).map(
    lambda course: [None if step is None else 6 + step for step in course]
)
values = st.one_of(noisy, eventful)


def found_in(rated: Any, criterion: str = "gumz-strict", **given_: Any) -> Detection:
    return detect(one_series(rated, low=0, high=10), criterion=criterion, **{"norms": NORMS, **given_})


def test_the_test_vector() -> None:
    """One fall, from 5.5 to 3.9: 1.6 of at least 2 * .5498; back at session 7, two sessions after the low."""
    found = detect(one_series(T1), criterion="gumz-strict")
    event = found.episodes.row(0, named=True)
    assert found.episodes.height == 1
    assert (event["onset_session"], event["nadir_session"], event["repair_session"]) == (5, 5, 7)
    assert event["depth_z"] == pytest.approx(1.6 / 0.5498, abs=5e-4)
    assert (event["fall_sessions"], event["rise_sessions"]) == (1, 2)
    assert event["pattern"] == "sudden fall, slow rise"
    assert [found.sessions["verdict"][4], found.sessions["verdict"][5]] == ["met", "not met"]


@pytest.mark.parametrize(
    ("course", "pattern", "fall", "rise", "status"),
    [
        ([3, 8, 8], "sudden fall, sudden rise", 1, 1, "repaired"),
        ([6, 4, 3, 8], "slow fall, sudden rise", 3, 1, "repaired"),
        ([3, 5, 8], "sudden fall, slow rise", 1, 2, "repaired"),
        ([6, 3, 3, 5, 8], "slow fall, slow rise", 2, 2, "repaired"),
        ([6, 3, 4, 4], "fall without rise", 2, None, "unrepaired"),
        ([6, 3], "fall without rise", 2, None, "indeterminate"),
    ],
)
def test_the_five_patterns(
    course: list[float], pattern: str, fall: int, rise: int | None, status: str
) -> None:
    event = found_in([8.0] * 8 + course).episodes.row(0, named=True)
    assert (event["pattern"], event["status"]) == (pattern, status)
    assert (event["onset_session"], event["fall_sessions"], event["rise_sessions"]) == (9, fall, rise)


def test_a_slow_fall_is_met_where_it_has_become_large() -> None:
    """8, 7, 6, 5, 4 with a pooled SD of .9 and an own one of 1.40: 2.81 below 8 is reached at 5."""
    rated = [8.0] * 8 + [7, 6, 5, 4]
    assert stdev(rated) == pytest.approx(1.4035, abs=1e-4)
    found = found_in(rated).sessions
    assert found["verdict"].to_list()[8:] == ["not met", "not met", "met", "met"]
    assert found["expected"].to_list()[8:] == [8.0] * 4


def test_lenient_finds_what_strict_does_not() -> None:
    """A fall of 1.5 with a pooled SD of .9 and an own one of .53: between one and two of the larger."""
    rated = [8.0, 8, 8, 6.5, 8, 8, 8, 8]
    assert found_in(rated).events.is_empty()
    assert found_in(rated, "gumz-lenient").events["onset_session"].to_list() == [4]
    assert found_in(rated, sd="own").events["onset_session"].to_list() == [4]


def test_a_session_without_a_rating_ends_a_run() -> None:
    rated = [8.0] * 8 + [7, None, 5, 8]
    assert found_in(rated, "gumz-lenient", sd="own").events["onset_session"].to_list() == [9]
    found = found_in(rated).sessions
    assert found["reason"].to_list()[10] == "previous_not_rated"
    assert set(found_in([8.0] * 7).sessions["reason"]) == {"series_too_short"}


@pytest.mark.parametrize(("criterion", "sds"), [("gumz-strict", 2), ("gumz-lenient", 1)])
@few_examples
@given(rated=values)
def test_agrees_with_the_second_implementation(rated: Rated, criterion: str, sds: int) -> None:
    known = [value for value in rated if value is not None]
    smallest = sds * max(stdev(known), 0.9) if len(known) >= 8 else float("inf")
    assert found_in(rated, criterion).episodes.select(KEPT).rows() == events(rated, smallest)


@few_examples
@given(rated=values)
def test_there_is_an_event_where_a_rating_is_met_and_nowhere_else(rated: Rated) -> None:
    found = found_in(rated, "gumz-lenient")
    assert found.episodes.is_empty() == ("met" not in found.sessions["verdict"].to_list())


@few_examples
@given(rated=values, other=values, data=st.data())
def test_neither_row_order_nor_other_series_matter(rated: Rated, other: Rated, data: st.DataObject) -> None:
    alone = found_in(rated, "gumz-lenient")
    both = pl.concat([one_series(rated, low=0, high=10), one_series(other, low=0, high=10, case="B")])
    shuffled = both[data.draw(st.permutations(range(both.height)))]
    together = detect(shuffled, criterion="gumz-lenient", norms=NORMS)
    assert together.episodes.filter(pl.col("case") == "A").equals(alone.episodes)
    assert together.sessions.filter(pl.col("case") == "A").equals(alone.sessions)


@few_examples
@given(rated=values)
def test_a_scale_turned_round_with_its_direction_has_the_same_events(rated: Rated) -> None:
    turned = [None if value is None else 10 - value for value in rated]
    ours, theirs = found_in(rated, "gumz-lenient"), found_in(turned, "gumz-lenient", higher_is_better=False)
    assert ours.episodes.select(KEPT).equals(theirs.episodes.select(KEPT))
    assert ours.sessions["verdict"].equals(theirs.sessions["verdict"])
