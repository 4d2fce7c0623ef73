"""Criteria that look at the whole course at once: what must never matter to them."""

from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, criteria, detect
from tests.core.ratings import one_series

CRITERIA: dict[str, dict[str, Any]] = {
    "episode-regression": {"permutations": 99, "alpha": 0.5},
    "segmentation": {},
}
WORDS = ("verdict", "grade", "reason")
KINDS = ("onset_session", "onset_kind", "nadir_session", "status", "repair_session", "duration", "shape")

few_examples = settings(max_examples=15, deadline=None)
every_criterion = pytest.mark.parametrize("criterion", CRITERIA)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)


@st.composite
def eventful(draw: st.DrawFn) -> list[float | None]:
    """A steady level with dips in it and sessions without a rating, so that most examples have an event."""
    level = draw(st.sampled_from([6.0, 7.25, 9.0]))
    shift = st.sampled_from([0.0, 0.0, 0.25, -0.25, 0.5, -4.0, None])
    shifts = draw(st.lists(shift, min_size=5, max_size=25))
    return [None if away is None else min(10.0, max(0.0, level + away)) for away in shifts]


courses = st.one_of(
    st.lists(st.one_of(st.none(), grid, grid, grid, grid), min_size=1, max_size=25), eventful(), eventful()
)


def norms(factor: float = 1.0, shift: float = 0.0) -> Norms:
    entry = ScaleNorms("*", (7.0 * factor + shift,), between_sd=1.3 * factor, within_sd=0.9 * factor)
    return Norms("ten", "1", "points", (entry,), "By hand.", False)


def ten(rated: list[float | None], **given_: Any) -> pl.DataFrame:
    return one_series(rated, low=0, high=10, **given_)


def found_in(table: pl.DataFrame, criterion: str, **given_: Any) -> Detection:
    return detect(table, criterion=criterion, **{"norms": norms(), **CRITERIA[criterion], **given_})


def same_decisions(ours: Detection, theirs: Detection) -> None:
    words = [*WORDS, *ours.parts]
    assert theirs.sessions.select(words).equals(ours.sessions.select(words))
    assert theirs.events.select(KINDS).equals(ours.events.select(KINDS))


@every_criterion
def test_they_say_that_later_sessions_count(criterion: str) -> None:
    assert [each.prospective for each in criteria() if each.id == criterion] == [False]


@every_criterion
@few_examples
@given(batch=st.lists(courses, min_size=1, max_size=6), data=st.data())
def test_neither_the_order_of_rows_nor_the_other_series_matter(
    criterion: str, batch: list[list[float | None]], data: st.DataObject
) -> None:
    tables = [ten(rated, case=f"{number:02}") for number, rated in enumerate(batch)]
    table = pl.concat(tables)
    together = found_in(table[data.draw(st.permutations(range(table.height)))], criterion)
    alone = [found_in(each, criterion) for each in tables]
    assert together.episodes.equals(pl.concat([each.episodes for each in alone]))
    assert together.sessions.equals(pl.concat([each.sessions for each in alone]))
    assert together.series.equals(pl.concat([each.series for each in alone]))


@every_criterion
@few_examples
@given(rated=courses, padding=st.integers(1, 4))
def test_sessions_without_a_rating_at_the_end_change_nothing(
    criterion: str, rated: list[float | None], padding: int
) -> None:
    bare, padded = found_in(ten(rated), criterion), found_in(ten([*rated, *[None] * padding]), criterion)
    assert bare.episodes.equals(padded.episodes)
    assert bare.sessions.equals(padded.sessions.head(len(rated)))


@every_criterion
@few_examples
@given(rated=courses)
def test_a_scale_turned_round_with_its_direction_gives_the_same_events(
    criterion: str, rated: list[float | None]
) -> None:
    turned = ten([None if value is None else 10 - value for value in rated])
    ours, theirs = found_in(ten(rated), criterion), found_in(turned, criterion, higher_is_better=False)
    same_decisions(ours, theirs)
    assert theirs.events["depth"].to_list() == pytest.approx(ours.events["depth"].to_list())


@every_criterion
@few_examples
@given(rated=courses, shift=st.integers(-300, 300), factor=st.sampled_from([0.25, 0.7, 8.0]))
def test_another_zero_and_another_unit_change_no_decision(
    criterion: str, rated: list[float | None], shift: int, factor: float
) -> None:
    moved = [None if value is None else value * factor + shift for value in rated]
    table = one_series(moved, low=shift, high=10 * factor + shift)
    theirs = found_in(table, criterion, norms=norms(factor, shift))
    same_decisions(found_in(ten(rated), criterion), theirs)


@every_criterion
@few_examples
@given(level=grid, length=st.integers(1, 30))
def test_a_constant_series_has_no_event_and_no_error(criterion: str, level: float, length: int) -> None:
    assert found_in(ten([level] * length), criterion).events.is_empty()


@every_criterion
@few_examples
@given(rated=courses)
def test_short_series_are_not_judged(criterion: str, rated: list[float | None]) -> None:
    (least,) = (each.shortest_series for each in criteria() if each.id == criterion)
    known = [value for value in rated if value is not None]
    assume(known)
    verdicts = set(found_in(ten(known[: least - 1]), criterion).sessions["verdict"])
    assert verdicts == {"not enough data"}
    long = found_in(ten((known * least)[:least]), criterion).sessions
    assert "series_too_short" not in long["reason"].to_list()
