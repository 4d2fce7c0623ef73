"""Segmentation: every division tried, prices by hand, and courses whose pattern is plain to see."""

from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, detect
from goldseam.detection.criteria.segmentation.partition import partition
from goldseam.series import load_series
from tests.core.examples import examples
from tests.core.ratings import T1, one_series
from tests.core.reference.episodic import WITHIN_SD
from tests.core.reference.segmentation import best_division, segmentation, segmentation_events, squares

NORMS = Norms(
    "ten", "1", "points", (ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=WITHIN_SD),), "By hand.", False
)
few_examples = examples(40)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)


@st.composite
def stepwise(draw: st.DrawFn) -> list[float]:
    """A few levels with a little noise, at most eight ratings: 128 divisions."""
    levels = draw(st.lists(st.tuples(grid, st.integers(1, 4)), min_size=2, max_size=4))
    course = [level for level, times in levels for _ in range(times)][:8]
    noise = st.lists(
        st.sampled_from([0.0, 0.0, 0.25, -0.25, 0.5]), min_size=len(course), max_size=len(course)
    )
    return [min(10.0, max(0.0, value + away)) for value, away in zip(course, draw(noise), strict=True)]


courses = st.one_of(stepwise(), stepwise(), st.lists(grid, min_size=1, max_size=8))


def found_in(rated: Any, *, sd: float = 1.0, drop: float = 0.5, **given_: Any) -> Detection:
    return detect(one_series(rated, low=None), criterion="segmentation", sd=sd, drop=drop, **given_)


def patterns(rated: Any, **given_: Any) -> list[tuple[Any, ...]]:
    columns = ("onset_session", "pattern", "status", "repair_session")
    return found_in(rated, **given_).episodes.select(columns).rows()


@few_examples
@given(rated=courses, penalty=st.sampled_from([0.5, 2.0, 3.0]), shortest=st.integers(1, 3))
def test_no_division_is_cheaper(rated: list[float], penalty: float, shortest: int) -> None:
    """All of them are tried; of equals the one with the longest last segment, and so on backwards."""
    if len(rated) < shortest:
        return
    series = load_series(one_series(rated, low=None))
    found = partition(series, np.array([True]), np.array([0.9]), penalty=penalty, shortest=shortest)
    expected = best_division(rated, 0.9, penalty=penalty, shortest=shortest)
    assert list(zip(found.first.tolist(), (found.last + 1).tolist(), strict=True)) == expected


@few_examples
@given(rated=courses, data=st.data())
def test_the_criterion_agrees_with_the_second_implementation(rated: list[float], data: st.DataObject) -> None:
    steps = st.lists(st.sampled_from([1, 1, 1, 1, 2, 3]), min_size=len(rated), max_size=len(rated))
    sessions = list(accumulate(data.draw(steps)))
    table = one_series(rated, low=0, high=10, sessions=sessions)
    found = detect(table, criterion="segmentation", norms=NORMS)
    for mine, theirs in zip(found.sessions.to_dicts(), segmentation(sessions, rated), strict=True):
        assert mine["verdict"] == theirs["verdict"]
        assert {each: mine[each] for each in theirs["parts"]} == theirs["parts"]
        for name in ("expected", "spread"):
            assert mine[name] == (None if theirs[name] is None else pytest.approx(theirs[name]))
    for mine, theirs in zip(found.episodes.to_dicts(), segmentation_events(sessions, rated), strict=True):
        assert {each: mine[each] for each in theirs} == pytest.approx(theirs)


def test_the_test_vector() -> None:
    """With an SD of .2, in variances: one level 68.0; three 2.5 + 3.125 + 1.25 and two prices of 2 log 10 = 4.6.

    A fourth level would save the 3.125 of {3.9, 4.4} and cost 4.6.
    """
    assert squares(list(T1)) / 0.04 == pytest.approx(68.0, abs=0.05)
    found = found_in(T1, sd=0.2, drop=0.3)
    event = found.episodes.row(0, named=True)
    assert (event["onset_session"], event["repair_session"], event["pattern"]) == (5, 7, "dip")
    assert (event["status"], event["shape"], event["duration"]) == ("repaired", "V", 2)
    numbers = [event[name] for name in ("baseline", "level", "nadir", "depth_z", "recovery")]
    assert numbers == pytest.approx([5.3, 4.15, 3.9, 7.0, (5.45 - 4.15) / (5.3 - 4.15)])
    assert found.norms is None


@pytest.mark.parametrize(("depth", "found"), [(1.43, []), (1.45, [(5, "shift", "unrepaired", None)])])
def test_the_price_of_a_shift_by_hand(depth: float, found: list[Any]) -> None:
    """Four and four: d² * 4 * 4/8 against 2 log 8 = 4.159, so d > 1.442 SD."""
    assert patterns([6.0] * 4 + [6.0 - depth] * 4) == found


@pytest.mark.parametrize(("depth", "found"), [(3.14, []), (3.15, [(5, "dip", "repaired", 6)])])
def test_the_price_of_a_dip_by_hand(depth: float, found: list[Any]) -> None:
    """One of nine: d² * 8/9 against two prices of 2 log 9 = 4.394, so d > 3.144 SD."""
    assert patterns([6.0] * 4 + [6.0 - depth] + [6.0] * 4) == found
    assert patterns([6.0] * 4 + [6.0 - depth] + [6.0] * 4, penalty=3) == []


@pytest.mark.parametrize(
    ("rated", "expected"),
    [
        ([9, 9, 9, 9, 4, 4, 4, 9, 9, 9], (5, "dip", "repaired", 8)),
        ([9, 9, 9, 9, 4, 4, 4, 4, 9, 9], (5, "low period", "repaired", 9)),
        ([9, 9, 9, 9, 9, 9, 9, 9, 4, 4], (9, "low end", "indeterminate", None)),
        ([9, 9, 9, 9, 9, 9, 9, 4, 4, 4], (8, "low end", "unrepaired", None)),
        ([9, 9, 9, 9, 9, 9, 4, 4, 4, 4], (7, "shift", "unrepaired", None)),
        ([9, 9, 9, 6, 6, 6, 3, 3, 3, 9], (4, "low period", "repaired", 10)),  # down in two steps: one event
        ([9, 9, 9, 9, 1, 1, 6, 6, 6, 6], (5, "dip", "partial", None)),  # (6 - 1)/(9 - 1) = .625
        ([9, 9, 9, 9, 1, 1, 4, 4, 4, 4], (5, "dip", "unrepaired", None)),  # .375
    ],
)
def test_a_dip_is_told_from_a_shift(rated: list[float], expected: tuple[Any, ...]) -> None:
    assert patterns(rated) == [expected]


def test_every_return_is_a_repair_if_so_wanted() -> None:
    rated = [9, 9, 9, 9, 1, 1, 4, 4, 4, 4]
    assert patterns(rated, recovered=0) == [(5, "dip", "repaired", 7)]


def test_two_dips_and_a_low_beginning() -> None:
    """A low beginning has nothing before it that it fell from."""
    rated = [3, 3, 9, 9, 9, 3, 9, 9, 9, 3, 3, 9, 9]
    assert [row[0] for row in patterns(rated)] == [6, 10]
    assert patterns([3, 3, 3, 9, 9, 9, 9]) == []


def test_a_difference_too_small_to_count_is_no_fall() -> None:
    assert patterns([9] * 20 + [7] * 20, drop=2.0) == [(21, "shift", "unrepaired", None)]
    assert patterns([9] * 20 + [7] * 20, drop=2.01) == []


def test_the_parts_say_what_kind_it_is() -> None:
    found = found_in([9, 9, 9, 9, 4, 4, 4, 4, 9, 9]).sessions
    words = found.select("verdict", "criterion_1", "criterion_2", "criterion_3")
    assert words.row(4) == ("met", "met", "met", "not met")
    assert words.row(0) == ("not met", "not met", "not applied", "not applied")
    assert found["expected"].to_list() == [9.0] * 10
    assert set(found["limit"]) == {None}


def test_sessions_without_a_rating_count_for_the_length_of_a_dip() -> None:
    assert patterns([9, 9, 9, 9, 4, None, 4, 9, 9])[0][1] == "dip"
    assert patterns([9, 9, 9, 9, 4, None, None, 4, 9, 9])[0][1] == "low period"
    event = found_in([9, 9, 9, 9, 4, None, 4, 9, 9]).episodes.row(0, named=True)
    assert (event["duration"], event["duration_is_minimum"]) == (3, True)


def test_levels_of_at_least_two_ratings_leave_a_single_one_out() -> None:
    assert patterns([9, 9, 9, 9, 5, 9, 9, 9, 9], shortest_segment=2) == []
    assert patterns([9, 9, 9, 9, 5, 5, 9, 9, 9], shortest_segment=2) == [(5, "dip", "repaired", 7)]


def test_short_series_are_told_so() -> None:
    found = found_in([9.0, 9, 9, 1, 9])
    assert set(found.sessions["verdict"]) == {"not enough data"}
    assert set(found.sessions["reason"]) == {"series_too_short"}
    assert found.counts.not_enough_data == 1
    assert patterns([9.0, 9, 9, 1, 9], minimum_ratings=5) == [(4, "dip", "repaired", 5)]


def test_details_are_in_the_direction_of_the_ratings_as_given() -> None:
    turned = found_in([1, 1, 1, 1, 6, 6, 1, 1], higher_is_better=False).episodes
    assert turned.select("baseline", "level", "nadir", "depth").row(0) == (1.0, 6.0, 6.0, 5.0)


def test_series_of_many_lengths_in_one_table_give_what_each_gives_alone() -> None:
    """Many series in one call, of several lengths, give what each gives alone."""
    rng = np.random.default_rng(20261125)
    lengths = rng.integers(1, 40, 300)
    tables = [
        one_series(np.round(rng.normal(7, 1, length), 1).tolist(), low=None, case=f"{number:03}")
        for number, length in enumerate(lengths)
    ]
    together = detect(pl.concat(tables), criterion="segmentation", sd=0.4, drop=0.5)
    for number in range(0, 300, 25):
        alone = detect(tables[number], criterion="segmentation", sd=0.4, drop=0.5)
        assert alone.sessions.equals(together.sessions.filter(pl.col("case") == f"{number:03}"))
