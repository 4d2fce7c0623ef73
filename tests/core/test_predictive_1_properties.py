"""What must hold of the predictive criterion for any ratings, and its agreement with a second implementation."""

from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import goldseam
from goldseam import Detection, Norms, ScaleNorms
from tests.core.examples import examples
from tests.core.ratings import one_series
from tests.core.reference.predictive_1 import Population, course

detect = partial(goldseam.detect, criterion="predictive", version=1)

ENTRY = ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=0.9)
NORMS = Norms("ten", "1", "points", (ENTRY,), "By hand.", False)
WORDS = ("verdict", "grade", "reason")
KINDS = (
    "onset_session",
    "onset_kind",
    "grade",
    "nadir_session",
    "status",
    "repair_session",
    "duration",
    "shape",
)

few_examples = examples(10)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
values = st.lists(grid, min_size=1, max_size=30)
with_gaps = st.lists(st.one_of(st.none(), grid, grid, grid), min_size=1, max_size=30)


@st.composite
def eventful(draw: st.DrawFn) -> list[float]:
    """A steady level with dips in it, so that most examples have an episode."""
    level = draw(st.floats(5.5, 9.5))
    course_of = st.sampled_from([0.0, 0.0, 0.0, 0.3, -0.5, -1.5, -2.5, -4.0])
    return [
        min(10.0, max(0.0, level + shift)) for shift in draw(st.lists(course_of, min_size=5, max_size=30))
    ]


any_values = st.one_of(values, eventful())


def found_in(table: pl.DataFrame, **given_: object) -> Detection:
    return detect(table, **{"norms": NORMS, **given_})


def ten(values_: list[float | None], **given_: object) -> pl.DataFrame:
    return one_series(values_, low=0, high=10, **given_)


def same(left: Detection, right: Detection) -> bool:
    return left.episodes.equals(right.episodes) and left.sessions.equals(right.sessions)


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("dated", [False, True])
@few_examples
@given(rated=any_values, data=st.data())
def test_the_kernel_agrees_with_the_second_implementation(
    rated: list[float], data: st.DataObject, *, ended: bool, dated: bool
) -> None:
    steps = data.draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=len(rated), max_size=len(rated)))
    gaps = data.draw(
        st.lists(st.sampled_from([7, 7, 14, 28, 29, 90]), min_size=len(rated), max_size=len(rated))
    )
    sessions = np.cumsum(steps).tolist()
    days = np.cumsum(gaps).tolist() if dated else None
    found = found_in(ten(rated, sessions=sessions, days=days), ended=ended)
    triples = list(zip(sessions, rated, days or [None] * len(rated), strict=True))
    rows, events = course(triples, Population(7.0, 1.3, 0.9, low=0, high=10), ended=ended)
    for mine, theirs in zip(found.sessions.to_dicts(), rows, strict=True):
        assert (mine["verdict"], mine["grade"]) == (theirs["verdict"], theirs["grade"])
        for name in ("expected", "spread", "p"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-9, abs=1e-12)
    for mine, theirs in zip(found.events.to_dicts(), events, strict=True):
        assert {name: mine[name] for name in KINDS} == {name: theirs[name] for name in KINDS}
        for name in ("baseline", "value", "p", "depth", "depth_z", "nadir"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-9, abs=1e-12)


@few_examples
@given(rated=any_values, more=values)
def test_later_sessions_never_change_an_earlier_decision(rated: list[float], more: list[float]) -> None:
    short, long = found_in(ten(rated)), found_in(ten([*rated, *more]))
    assert long.sessions.head(len(rated)).equals(short.sessions)
    onsets = ["onset_session", "onset_kind", "grade", "baseline", "value", "p"]
    assert long.events.select(onsets).head(short.events.height).equals(short.events.select(onsets))


@few_examples
@given(rated=any_values, padding=st.integers(1, 5))
def test_sessions_without_a_rating_at_the_end_change_nothing(rated: list[float], padding: int) -> None:
    bare, padded = found_in(ten(rated)), found_in(ten([*rated, *[None] * padding]))
    assert bare.episodes.equals(padded.episodes)
    assert bare.sessions.equals(padded.sessions.head(len(rated)))


@few_examples
@given(rated=with_gaps, data=st.data())
def test_the_order_of_rows_is_irrelevant(rated: list[float | None], data: st.DataObject) -> None:
    table = pl.concat([ten(rated, case="A"), ten(rated[::-1], case="B")])
    shuffled = table[data.draw(st.permutations(range(table.height)))]
    assert same(found_in(table), found_in(shuffled))


@few_examples
@given(batch=st.lists(any_values, min_size=1, max_size=8))
def test_a_series_is_judged_alone_or_among_others_alike(batch: list[list[float]]) -> None:
    tables = [ten(rated, case=f"{number:02}") for number, rated in enumerate(batch)]
    together, alone = found_in(pl.concat(tables)), [found_in(table) for table in tables]
    assert together.episodes.equals(pl.concat([each.episodes for each in alone]))
    assert together.sessions.equals(pl.concat([each.sessions for each in alone]))
    assert together.series.equals(pl.concat([each.series for each in alone]))


@few_examples
@given(rated=any_values, shift=st.integers(-500, 500))
def test_adding_a_constant_changes_no_decision(rated: list[float], shift: int) -> None:
    # A power-of-two fraction keeps the sums exact, so that no rating crosses a threshold by rounding alone.
    moved = one_series([value + shift for value in rated], low=shift, high=shift + 10)
    norms = replace(NORMS, scales=(replace(ENTRY, mean_course=(7.0 + shift,)),))
    assert_alike(found_in(ten(rated)), found_in(moved, norms=norms), factor=1.0, shift=shift)


@few_examples
@given(rated=any_values, factor=st.sampled_from([0.125, 0.25, 2.0, 8.0, 64.0]))
def test_another_unit_with_norms_in_that_unit_changes_no_decision(rated: list[float], factor: float) -> None:
    scaled = one_series([value * factor for value in rated], low=0, high=10 * factor)
    entry = replace(ENTRY, mean_course=(7.0 * factor,), between_sd=1.3 * factor, within_sd=0.9 * factor)
    other = found_in(scaled, norms=replace(NORMS, scales=(entry,)))
    assert_alike(found_in(ten(rated)), other, factor=factor, shift=0)


def assert_alike(ours: Detection, theirs: Detection, *, factor: float, shift: float) -> None:
    """The same decisions; numbers in points moved and scaled, p and z the same."""
    clear = ours.sessions.filter(
        pl.col("limit").is_not_null(), (pl.col("value") - pl.col("limit")).abs() < 1e-9
    )
    assume(clear.is_empty())
    assert ours.sessions.select(WORDS).equals(theirs.sessions.select(WORDS))
    assert ours.events.select(KINDS).equals(theirs.events.select(KINDS))
    for name in ("baseline", "value", "nadir"):
        expected = ours.events[name].to_numpy() * factor + shift
        assert theirs.events[name].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-7)
    for name in ("p", "depth_z"):
        assert theirs.events[name].to_numpy() == pytest.approx(
            ours.events[name].to_numpy(), rel=1e-6, abs=1e-9
        )


@few_examples
@given(rated=any_values)
def test_a_scale_turned_round_with_its_direction_gives_the_same_events(rated: list[float]) -> None:
    turned = ten([10 - value for value in rated])
    # Norms that state the direction of the turned scale, and the same norms left as they were.
    stated = replace(NORMS, scales=(replace(ENTRY, mean_course=(3.0,), higher_is_better=False),))
    ours = found_in(ten(rated))
    for norms in (stated, NORMS):
        theirs = found_in(turned, norms=norms, higher_is_better=False)
        back = theirs.sessions.with_columns(-pl.col("value", "expected", "limit") + 10)
        assert back.select(WORDS).equals(ours.sessions.select(WORDS))
        assert theirs.events.select(KINDS).equals(ours.events.select(KINDS))
        assert back["expected"].to_numpy() == pytest.approx(ours.sessions["expected"].to_numpy(), abs=1e-9)
        low_high = theirs.sessions.select(-pl.col("usual_high") + 10, -pl.col("usual_low") + 10).to_numpy()
        usual = ours.sessions.select("usual_low", "usual_high").to_numpy()
        assert low_high == pytest.approx(usual, abs=1e-9, nan_ok=True)


@few_examples
@given(rated=st.lists(grid, min_size=4, max_size=20), low=grid, high=grid)
def test_a_lower_rating_never_has_a_larger_p(rated: list[float], low: float, high: float) -> None:
    last = [found_in(ten([*rated, value])).sessions["p"][-1] for value in sorted((low, high))]
    assert last[0] <= last[1]


@few_examples
@given(level=grid, length=st.integers(1, 40))
def test_a_constant_series_never_has_an_event_after_the_norms_are_outweighed(
    level: float, length: int
) -> None:
    assert found_in(ten([level] * length)).events.is_empty()


@few_examples
@given(rated=with_gaps)
def test_every_session_has_a_verdict_and_numbers_are_finite(rated: list[float | None]) -> None:
    sessions = found_in(ten(rated)).sessions
    assert sessions.height == len(rated)
    judged = sessions.filter(pl.col("verdict").is_in(["met", "not met"]))
    assert judged["p"].is_between(0, 1).all()
    assert judged.select(
        pl.col("expected", "spread", "limit", "usual_low", "usual_high").is_finite().all()
    ).row(0) in {(True,) * 5, (None,) * 5}
    assert (judged["usual_low"] >= 0).all()
    assert (judged["usual_high"] <= 10).all()
