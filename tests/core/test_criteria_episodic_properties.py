"""Criteria with a baseline of their own: compared with a second implementation, and what must never matter."""

from itertools import accumulate
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, detect
from tests.core.ratings import one_series
from tests.core.reference import changepoint, charts, episodic, memory
from tests.core.reference.episodic import WITHIN_SD, events

CRITERIA = episodic.CRITERIA | charts.CRITERIA | memory.CRITERIA | changepoint.CRITERIA

NORMS = Norms(
    "ten", "1", "points", (ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=WITHIN_SD),), "By hand.", False
)
WORDS = ("verdict", "grade", "reason")
KINDS = (
    "onset_session",
    "onset_kind",
    "nadir_session",
    "status",
    "repair_session",
    "duration",
    "shape",
)
NUMBERS = ("baseline", "value", "p", "depth", "depth_z", "nadir")

few_examples = settings(max_examples=8, deadline=None)
more_examples = settings(max_examples=20, deadline=None)
every_criterion = pytest.mark.parametrize("name", CRITERIA)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
values = st.lists(grid, min_size=1, max_size=25)


@st.composite
def eventful(draw: st.DrawFn) -> list[float]:
    """A steady level with dips in it, so that most examples have an episode."""
    level = draw(st.sampled_from([6.0, 7.25, 9.0]))
    course_of = st.sampled_from([0.0, 0.0, 0.25, -0.25, 0.5, -1.5, -2.5, -4.0])
    return [
        min(10.0, max(0.0, level + shift)) for shift in draw(st.lists(course_of, min_size=5, max_size=25))
    ]


any_values = st.one_of(values, eventful(), eventful())


def ten(rated: list[float | None], **given_: Any) -> pl.DataFrame:
    return one_series(rated, low=0, high=10, **given_)


def found_in(table: pl.DataFrame, name: str, **given_: Any) -> Detection:
    criterion, parameters, _ = CRITERIA[name]
    return detect(table, criterion=criterion, **{"norms": NORMS, **parameters, **given_})


def same_number(mine: float | None, theirs: float | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return mine == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def no_close_call(found: Detection) -> None:
    """Drop examples in which rounding decides whether a rating reaches the limit."""
    judged = found.sessions.filter(pl.col("limit").is_not_null())
    assume(judged.filter((pl.col("value") - pl.col("limit")).abs() < 1e-9).is_empty())


@every_criterion
@more_examples
@given(rated=any_values, data=st.data(), ended=st.booleans())
def test_the_library_agrees_with_the_second_implementation(
    name: str, rated: list[float], data: st.DataObject, *, ended: bool
) -> None:
    steps = st.lists(st.sampled_from([1, 1, 1, 1, 2, 3]), min_size=len(rated), max_size=len(rated))
    sessions = list(accumulate(data.draw(steps)))
    found = found_in(ten(rated, sessions=sessions), name, ended=ended)
    no_close_call(found)
    rows = CRITERIA[name][2](sessions, rated)
    for mine, theirs in zip(found.sessions.to_dicts(), rows, strict=True):
        assert mine["verdict"] == theirs["verdict"]
        assert all(same_number(mine[each], theirs[each]) for each in ("expected", "spread", "p"))
        parts = theirs.get("parts", {})
        assert {each: mine[each] for each in parts} == parts
    expected = events(sessions, rated, rows, ended=ended)
    for mine, theirs in zip(found.events.to_dicts(), expected, strict=True):
        assert {each: mine[each] for each in KINDS} == {each: theirs[each] for each in KINDS}
        assert mine["grade"] == theirs["grade"]
        assert all(same_number(mine[each], theirs[each]) for each in NUMBERS)


@pytest.mark.parametrize("name", [each for each in CRITERIA if "whole" not in each])
@few_examples
@given(rated=any_values, more=values)
def test_later_sessions_never_change_an_earlier_decision(
    name: str, rated: list[float], more: list[float]
) -> None:
    short, long = found_in(ten(rated), name), found_in(ten([*rated, *more]), name)
    assert long.sessions.head(len(rated)).equals(short.sessions)
    onsets = ["onset_session", "onset_kind", "grade", "baseline", "value", "p"]
    assert long.events.select(onsets).head(short.events.height).equals(short.events.select(onsets))


@every_criterion
@few_examples
@given(rated=any_values, padding=st.integers(1, 4))
def test_sessions_without_a_rating_at_the_end_change_nothing(
    name: str, rated: list[float], padding: int
) -> None:
    bare, padded = found_in(ten(rated), name), found_in(ten([*rated, *[None] * padding]), name)
    assert bare.episodes.equals(padded.episodes)
    assert bare.sessions.equals(padded.sessions.head(len(rated)))


@every_criterion
@few_examples
@given(batch=st.lists(any_values, min_size=1, max_size=6), data=st.data())
def test_neither_the_order_of_rows_nor_the_other_series_matter(
    name: str, batch: list[list[float]], data: st.DataObject
) -> None:
    tables = [ten(rated, case=f"{number:02}") for number, rated in enumerate(batch)]
    table = pl.concat(tables)
    together = found_in(table[data.draw(st.permutations(range(table.height)))], name)
    alone = [found_in(each, name) for each in tables]
    assert together.episodes.equals(pl.concat([each.episodes for each in alone]))
    assert together.sessions.equals(pl.concat([each.sessions for each in alone]))
    assert together.series.equals(pl.concat([each.series for each in alone]))


@every_criterion
@few_examples
@given(rated=any_values)
def test_a_scale_turned_round_with_its_direction_gives_the_same_events(name: str, rated: list[float]) -> None:
    ours = found_in(ten(rated), name)
    theirs = found_in(ten([10 - value for value in rated]), name, higher_is_better=False)
    no_close_call(ours)
    assert theirs.sessions.select(WORDS).equals(ours.sessions.select(WORDS))
    assert theirs.events.select(KINDS).equals(ours.events.select(KINDS))
    turned = [10 - value for value in theirs.events["baseline"]]
    assert turned == pytest.approx(ours.events["baseline"].to_list(), abs=1e-9)


@every_criterion
@few_examples
@given(rated=any_values, shift=st.integers(-300, 300), factor=st.sampled_from([0.25, 1.0, 8.0]))
def test_another_zero_and_another_unit_change_no_decision(
    name: str, rated: list[float], shift: int, factor: float
) -> None:
    ours = found_in(ten(rated), name)
    no_close_call(ours)
    entry = ScaleNorms("*", (7.0 * factor + shift,), between_sd=1.3 * factor, within_sd=WITHIN_SD * factor)
    norms = Norms("moved", "1", "points", (entry,), "By hand.", False)
    moved = one_series([value * factor + shift for value in rated], low=shift, high=10 * factor + shift)
    theirs = found_in(moved, name, norms=norms)
    assert theirs.sessions.select(WORDS).equals(ours.sessions.select(WORDS))
    assert theirs.events.select(KINDS).equals(ours.events.select(KINDS))


@every_criterion
@few_examples
@given(level=grid, length=st.integers(1, 30))
def test_a_constant_series_has_no_event(name: str, level: float, length: int) -> None:
    assert found_in(ten([level] * length), name).events.is_empty()
