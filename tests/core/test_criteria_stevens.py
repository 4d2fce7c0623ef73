"""Stevens criteria: hand calculations, T1, numpy's own least squares, and the shared second implementation."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from goldseam import Detection, TableNote, detect
from goldseam.detection.criteria.stevens.quadratic import quadratic_of
from goldseam.series import RatingSeries
from tests.core.examples import examples
from tests.core.ratings import T1, one_series

Rated = list[float | None]
few_examples = examples(20)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
values = st.lists(st.one_of(st.none(), *[grid] * 5), min_size=1, max_size=24)
DIP = [8.0, 7.5, 6.5, 5.5, 5, 4.5, 5, 5.5, 6, 7.5, 8, 8.5]


def found_in(rated: Any, criterion: str = "stevens-local", **given_: Any) -> Detection:
    return detect(one_series(rated, low=0, high=10), criterion=criterion, **given_)


def local(rated: Any, **given_: Any) -> list[tuple[Any, ...]]:
    found = detect(one_series(rated), criterion="stevens-local", **given_)
    return found.events.select("onset_session", "baseline", "nadir", "status", "repair_session").rows()


def test_the_test_vector_locally() -> None:
    """On 1 to 7 a sixth of the range is 1 point: 5.5 to 3.9; 5.3 at session 7 is within .25 of 5.5."""
    assert local(T1) == [(5, 5.5, 3.9, "repaired", 7)]


def test_a_fall_of_exactly_one_point_counts_whatever_the_rounding() -> None:
    assert [local([level, level - 1])[0][0] for level in (5.4, 6.3, 4.1)] == [2, 2, 2]
    assert local([5.4, 4.41]) == []


def test_a_fall_may_take_two_sessions_but_not_three() -> None:
    assert local([6, 5.5, 5, 5.75]) == [(3, 6, 5, "repaired", 4)]
    assert local([6, 5.6, 5.2, 4.8, 4.4]) == []
    assert local([6, 5.6, 5.2, 4.8, 4.4], fall_sessions=3)[0][0] == 4
    assert local([6, None, 5, 6]) == [(3, 6, 5, "repaired", 4)]
    assert local([6, None, None, 5, 6]) == []


def test_a_return_within_five_sessions_and_a_quarter_of_a_point() -> None:
    assert local([6, 4, 4, 4, 4, 4, 5.75])[0][3:] == ("repaired", 7)
    assert local([6, 4, 4, 4, 4, 4, 5.7])[0][3:] == ("unrepaired", None)
    assert local([6, 4, 4, 4, 4, 4, 4, 6])[0][3:] == ("unrepaired", None)
    assert local([6, 4, 5])[0][3:] == ("indeterminate", None)


def test_other_metrics_by_share_or_in_points() -> None:
    assert found_in([8, 8, 6.4]).events.is_empty()  # a sixth of 10 is 1.67
    assert found_in([8, 8, 6.3]).events.height == 1
    assert detect(one_series([8, 8, 6.3], low=None), criterion="stevens-local", drop=1.5).events.height == 1
    with pytest.warns(TableNote, match="taken 0 to 10 for scale alliance"):
        assert detect(one_series([8.0, 8, 6.3], low=None), criterion="stevens-local").events.height == 1


@few_examples
@given(rated=values, more=values)
def test_later_sessions_never_change_an_earlier_local_decision(rated: Rated, more: Rated) -> None:
    short, long = found_in(rated), found_in([*rated, *more])
    assert long.sessions.head(len(rated)).equals(short.sessions)


@few_examples
@given(rated=values)
def test_local_falls_agree_with_plain_python(rated: Rated) -> None:
    words = []
    for place, value in enumerate(rated):
        recent = [each for each in rated[max(0, place - 2) : place] if each is not None]
        earlier = [each for each in rated[:place] if each is not None]
        if value is None or (earlier and not recent):
            words.append("not applied")
        elif not earlier:
            words.append("not enough data")
        else:
            words.append("met" if max(recent) - value >= 10 / 6 - 1e-9 else "not met")
    assert found_in(rated).sessions["verdict"].to_list() == words


def test_the_parabola_of_the_test_vector() -> None:
    """Given with it: 4.8331 + .0358 c + .0360 c², c from session 5.5."""
    fit = quadratic_of(RatingSeries.from_table(one_series(T1)))
    found = [fit.centre[0], fit.level[0], fit.slope[0], fit.curvature[0]]
    assert found == pytest.approx([5.5, 4.8331, 0.0358, 0.0360], abs=5e-5)


@few_examples
@given(rated=st.lists(st.one_of(st.none(), grid, grid, grid), min_size=4, max_size=24))
def test_the_parabola_agrees_with_least_squares_by_numpy(rated: Rated) -> None:
    known = [(place, value) for place, value in enumerate(rated, start=1) if value is not None]
    if len(known) < 5 or len({value for _, value in known}) == 1:
        return
    session, value = (np.array(each, dtype=float) for each in zip(*known, strict=True))
    centred = session - session.mean()
    design = np.column_stack([np.ones_like(centred), centred, centred**2])
    inverse = np.linalg.inv(design.T @ design)
    b = inverse @ design.T @ value
    error = np.sqrt(((value - design @ b) ** 2).sum() / (len(value) - 3))
    fit = quadratic_of(RatingSeries.from_table(one_series(rated, low=0, high=10)))
    mine = [fit.level[0], fit.slope[0], fit.curvature[0], fit.residual_sd[0]]
    assert mine == pytest.approx([*b, error], rel=1e-7, abs=1e-8)
    assert fit.fitted == pytest.approx(design @ b, rel=1e-7, abs=1e-8)
    if error > 1e-6:
        p = 2 * stats.t.sf(abs(b[2]) / (error * np.sqrt(inverse[2, 2])), len(value) - 3)
        assert fit.p[0] == pytest.approx(p, rel=1e-6, abs=1e-12)


def test_a_course_that_is_high_low_and_high_again() -> None:
    found = found_in(DIP, "stevens-global")
    event = found.episodes.row(0, named=True)
    fitted = np.polyval(np.polyfit(np.arange(1, 13), DIP, 2), np.arange(1, 13))
    bottom = np.polyval(np.polyfit(np.arange(1, 13), DIP, 2), event["lowest_session_fitted"])
    low = np.flatnonzero(fitted < (fitted[0] + bottom) / 2) + 1
    assert (event["onset_session"], event["repair_session"]) == (low[0], low[-1] + 1)
    assert (event["nadir_session"], event["nadir"], event["status"], event["shape"]) == (
        6,
        4.5,
        "repaired",
        "U",
    )
    assert event["baseline"] == pytest.approx(fitted[0])
    assert event["p"] < 0.001
    met = found.sessions.filter(verdict="met")["session"].to_list()
    assert met == low.tolist()
    assert set(found.sessions["criterion_1"]) == set(found.sessions["criterion_2"]) == {"met"}


@pytest.mark.parametrize(
    ("rated", "parts"),
    [
        ([10.0 - value for value in DIP], ("not met", "met")),  # low, high and low again
        ([value**2 / 20 for value in range(12)], ("met", "not met")),  # rising ever faster
        ([value / 4 for value in range(12)], ("not met", None)),  # a straight line
    ],
)
def test_other_courses_are_not_met(rated: list[float], parts: tuple[str, str | None]) -> None:
    found = found_in(rated, "stevens-global")
    assert found.events.is_empty()
    row = found.sessions.row(0, named=True)
    assert row["criterion_1"] == parts[0]
    assert parts[1] in (None, row["criterion_2"])


def test_short_and_constant_courses_are_told_apart() -> None:
    assert set(found_in(DIP[:9], "stevens-global").sessions["reason"]) == {"series_too_short"}
    still = found_in([7.0] * 12, "stevens-global").sessions
    assert set(still["verdict"]) == {"not applied"}
    assert set(still["reason"]) == {"no_variation"}


@pytest.mark.parametrize("criterion", ["stevens-local", "stevens-global"])
@few_examples
@given(rated=values, other=values, data=st.data())
def test_neither_row_order_nor_other_series_matter(
    rated: Rated, other: Rated, data: st.DataObject, criterion: str
) -> None:
    series = one_series([*DIP, *rated], low=0, high=10)
    alone = detect(series, criterion=criterion)
    both = pl.concat([series, one_series(other, low=0, high=10, case="B")])
    shuffled = both[data.draw(st.permutations(range(both.height)))]
    together = detect(shuffled, criterion=criterion)
    assert together.episodes.filter(pl.col("case") == "A").equals(alone.episodes)
    assert together.sessions.filter(pl.col("case") == "A").equals(alone.sessions)


@pytest.mark.parametrize("criterion", ["stevens-local", "stevens-global"])
@few_examples
@given(rated=values)
def test_a_scale_turned_round_with_its_direction_has_the_same_events(rated: Rated, criterion: str) -> None:
    rated = [*DIP, *rated]
    turned = [None if value is None else 10 - value for value in rated]
    ours, theirs = found_in(rated, criterion), found_in(turned, criterion, higher_is_better=False)
    kept = ("onset_session", "nadir_session", "status", "repair_session", "duration", "shape")
    assert ours.events.select(kept).equals(theirs.events.select(kept))
    assert ours.sessions["verdict"].equals(theirs.sessions["verdict"])
