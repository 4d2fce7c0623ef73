"""Dynamic complexity by hand, a second time in plain loops, and what must never matter."""

from itertools import accumulate

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from goldseam import Detection, TableNote, detect
from goldseam.detection.engine import criterion as engine
from tests.core.ratings import T1, one_series
from tests.core.reference.dynamic_complexity import rows

CRITERION = "dynamic-complexity-type"
QUIET_THEN_WILD = [5.0, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 2, 7, 1, 6, 2, 6, 6, 6, 6]
few_examples = settings(max_examples=12, deadline=None)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
courses = st.one_of(
    st.lists(grid, min_size=1, max_size=30),
    st.lists(st.sampled_from([6.0, 6.0, 6.25, 7.0, 5.0, 2.0, 9.0]), min_size=12, max_size=30),
)
VECTOR = [0.0207, 0.0183, 0.0176, 0.0175]
"""Complexities of the last four windows of the test vector."""
MEASURES = ("fluctuation", "distribution", "complexity", "complexity_limit")


def ten(rated: list[float] | list[float | None], **how: object) -> pl.DataFrame:
    return one_series(rated, low=0, high=10, **how)  # type: ignore[arg-type]


def found_in(table: pl.DataFrame, **given_: object) -> Detection:
    return detect(table, criterion=CRITERION, **given_)


def measured(values: list[float], **how: object) -> tuple[float, float]:
    """Fluctuation and distribution of a whole course as one window, on a scale from 1 to 7."""
    last = found_in(one_series(values, **how), width=len(values)).sessions.row(-1, named=True)  # type: ignore[arg-type]
    assert last["complexity"] == pytest.approx(last["fluctuation"] * last["distribution"])
    return last["fluctuation"], last["distribution"]


@pytest.mark.parametrize(
    ("values", "sessions", "fluctuation", "distribution"),
    [
        # From one end to the other at every session; of the sorted 1, 1, 7 one pair of neighbours lacks its 3 points:
        # that pair lies in two intervals, so 2 * 3 of 2 * 3 + 2 * 3 + 6.
        ([1, 7, 1], None, 1.0, 2 / 3),
        # Two slopes of 0 and 3 over 6 * 2; sorted 4, 4, 7 lacks 2 * 3 and, from first to last, 3 of 6.
        ([4, 4, 7], None, 1 / 4, 1 / 2),
        # One slope of 6 points in two sessions, 3 over 6 * 2; evenly spread.
        ([1, 4, 7], None, 1 / 4, 1.0),
        # The same in three sessions: a slope of 2.
        ([1, 4, 7], [1, 2, 4], 1 / 6, 1.0),
        ([4, 4, 4], None, 0.0, 0.0),
    ],
)
def test_windows_of_three_by_hand(
    values: list[float], sessions: list[int] | None, fluctuation: float, distribution: float
) -> None:
    assert measured(values, sessions=sessions) == pytest.approx((fluctuation, distribution))


def test_the_windows_of_the_test_vector() -> None:
    found = found_in(one_series(T1)).sessions
    assert found["complexity"].to_list()[:6] == [None] * 6
    assert found["complexity"].to_list()[6:] == pytest.approx(VECTOR, abs=5e-5)
    assert set(found["verdict"]) == {"not enough data"}


def test_a_peak_is_one_event_without_depth_or_repair() -> None:
    found = found_in(one_series(QUIET_THEN_WILD))
    assert found.sessions["verdict"].to_list()[11:] == ["not met"] * 2 + ["met"] * 6 + ["not met"] * 3
    event = found.events.row(0, named=True)
    assert (event["onset_session"], event["duration"], event["status"]) == (14, 6, "over")
    assert {event[each] for each in ("depth", "baseline", "p", "grade", "repair_session", "shape")} == {None}
    assert found_in(one_series(QUIET_THEN_WILD[:16])).events["status"].to_list() == ["open"]


def test_a_peak_is_as_high_going_up_as_going_down() -> None:
    table = ten([*QUIET_THEN_WILD[:13], 10.0, 6, 10, 6])
    assert found_in(table).events["onset_session"].to_list() == [14]
    assert found_in(table, higher_is_better=False).events["onset_session"].to_list() == [14]


@settings(max_examples=40, deadline=None)
@given(rated=courses, data=st.data())
def test_it_agrees_with_the_second_implementation(rated: list[float], data: st.DataObject) -> None:
    steps = st.lists(st.sampled_from([1, 1, 1, 1, 1, 2, 4]), min_size=len(rated), max_size=len(rated))
    sessions = list(accumulate(data.draw(steps)))
    mine, theirs = found_in(ten(rated, sessions=sessions)).sessions, rows(sessions, rated, 0, 10)
    pairs = [(each["complexity"], each["complexity_limit"]) for each in theirs]
    assume(all(limit is None or abs(value - limit) > 1e-8 for value, limit in pairs))
    assert mine["verdict"].to_list() == [each["verdict"] for each in theirs]
    for name in ("complexity", "complexity_limit"):
        assert mine[name].to_list() == [
            None if each[name] is None else pytest.approx(each[name], abs=1e-9) for each in theirs
        ]


@few_examples
@given(rated=courses, more=courses, padding=st.integers(0, 3))
def test_neither_later_sessions_nor_empty_ones_at_the_end_change_what_was_said(
    rated: list[float], more: list[float], padding: int
) -> None:
    short = found_in(ten(rated))
    assert found_in(ten([*rated, *more])).sessions.head(len(rated)).equals(short.sessions)
    padded = found_in(ten([*rated, *[None] * padding]))
    assert padded.sessions.head(len(rated)).equals(short.sessions)
    assert padded.episodes.equals(short.episodes)


@few_examples
@given(batch=st.lists(courses, min_size=1, max_size=6), data=st.data())
def test_neither_the_order_of_rows_nor_the_other_series_matter(
    batch: list[list[float]], data: st.DataObject
) -> None:
    tables = [ten(rated, case=f"{number:02}") for number, rated in enumerate(batch)]
    table = pl.concat(tables)
    together = found_in(table[data.draw(st.permutations(range(table.height)))])
    alone = [found_in(each) for each in tables]
    assert together.episodes.equals(pl.concat([each.episodes for each in alone]))
    assert together.sessions.equals(pl.concat([each.sessions for each in alone]))


@few_examples
@given(rated=courses, shift=st.integers(-300, 300), factor=st.sampled_from([0.25, -1.0, 8.0]))
def test_another_zero_unit_and_direction_change_nothing(
    rated: list[float], shift: int, factor: float
) -> None:
    ends = sorted((shift, 10 * factor + shift))
    moved = one_series([value * factor + shift for value in rated], low=ends[0], high=ends[1])
    ours, theirs = found_in(ten(rated)).sessions, found_in(moved).sessions
    near = (ours["complexity"] - ours["complexity_limit"]).abs().min()
    assume(near is None or near > 1e-8)
    assert theirs["verdict"].equals(ours["verdict"])
    for name in MEASURES:
        assert theirs[name].to_list() == [
            None if each is None else pytest.approx(each, abs=1e-9) for each in ours[name]
        ]


@few_examples
@given(level=grid, length=st.integers(1, 40))
def test_equal_ratings_have_no_event(level: float, length: int) -> None:
    found = found_in(ten([level] * length))
    assert found.events.is_empty()
    assert set(found.sessions["verdict"]) <= {"not enough data", "not applied"}


def test_a_window_reaches_over_two_sessions_without_a_rating_and_no_more() -> None:
    rated: list[float | None] = [*QUIET_THEN_WILD[:3], None, None, *QUIET_THEN_WILD[3:7]]
    assert found_in(one_series(rated)).sessions["complexity"][8] is not None
    row = found_in(one_series([*rated[:4], None, *rated[4:]])).sessions.row(-1, named=True)
    assert (row["verdict"], row["reason"]) == ("not enough data", "window_incomplete")
    assert row["complexity"] is None
    assert found_in(one_series(rated), missed=1).sessions["complexity"][8] is None


def test_a_range_that_nobody_stated_is_taken_from_the_ratings_and_told() -> None:
    with pytest.warns(TableNote, match="taken 1 to 7 for scale alliance"):
        found = found_in(one_series(QUIET_THEN_WILD, low=None))
    assert found.sessions.equals(found_in(one_series(QUIET_THEN_WILD)).sessions)


def test_blocks_of_series_give_what_all_together_give(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.concat([one_series(QUIET_THEN_WILD[n:], case=f"{n}") for n in range(5)])
    whole = found_in(table)
    monkeypatch.setattr(engine, "BLOCK", 25)
    parts = found_in(table)
    assert parts.sessions.equals(whole.sessions)
    assert parts.episodes.equals(whole.episodes)
