"""What must hold of the predictive criterion for any ratings, and its agreement with a second implementation."""

from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import goldseam
from goldseam import Detection, Norms, PersonNorms, ScaleNorms
from tests.core.examples import examples
from tests.core.ratings import one_series
from tests.core.reference.predictive import Population, course, outcome

detect = partial(goldseam.detect, criterion="predictive", version=2)

PERSON = PersonNorms(
    (6.8, 6.9, 7.0), 1.3, 0.9, own_sd_log_sd=0.4, autocorrelation=0.3, drift_sd=0.15, trend_sd=0.04
)
ENTRY = ScaleNorms("*", (7.0,), between_sd=1.3, within_sd=0.9, person=PERSON)
NORMS = Norms("ten", "2", "points", (ENTRY,), "By hand.", False)
VARIANTS = {
    "fine": PERSON,
    "coarse": replace(PERSON, step=1.0),
    "skewed": replace(PERSON, step=0.25, error_shift=0.2, error_skew=-0.2),
}
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
GIVEN_UP = ("partial", "unrepaired")

few_examples = examples(10)
grid = st.integers(0, 40).map(lambda quarter: quarter / 4)
values = st.lists(grid, min_size=1, max_size=25)
with_gaps = st.lists(st.one_of(st.none(), grid, grid, grid), min_size=1, max_size=25)


@st.composite
def eventful(draw: st.DrawFn) -> list[float]:
    """A steady level with dips in it, so that most examples have an episode."""
    level = draw(st.floats(5.5, 9.5))
    shifts = st.sampled_from([0.0, 0.0, 0.0, 0.3, -0.5, -1.5, -2.5, -4.0])
    return [min(10.0, max(0.0, level + shift)) for shift in draw(st.lists(shifts, min_size=5, max_size=25))]


any_values = st.one_of(values, eventful())


def found_in(table: pl.DataFrame, **given_: object) -> Detection:
    return detect(table, **{"norms": NORMS, **given_})


def ten(values_: list[float | None], **given_: object) -> pl.DataFrame:
    return one_series(values_, low=0, high=10, **given_)


def same(left: Detection, right: Detection) -> bool:
    return left.episodes.equals(right.episodes) and left.sessions.equals(right.sessions)


def reference_population(person: PersonNorms) -> Population:
    return Population(
        course=person.mean_course,
        between=person.between_sd,
        within=person.within_sd,
        log_sd=person.own_sd_log_sd,
        kept=person.autocorrelation,
        drift=person.drift_sd,
        trend=person.trend_sd,
        step=person.step,
        low=0.0,
        high=10.0,
        shift=person.error_shift,
        skew=person.error_skew,
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dated", [False, True])
@examples(5)
@given(rated=eventful(), data=st.data())
def test_the_library_agrees_with_the_second_implementation(
    rated: list[float], data: st.DataObject, variant: str, *, dated: bool
) -> None:
    person = VARIANTS[variant]
    rated = [round(value / (person.step or 0.01)) * (person.step or 0.01) for value in rated]
    size = {"min_size": len(rated), "max_size": len(rated)}
    sessions = np.cumsum(data.draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), **size))).tolist()
    days = (
        np.cumsum(data.draw(st.lists(st.sampled_from([7, 7, 14, 29, 90]), **size))).tolist()
        if dated
        else None
    )
    norms = replace(NORMS, scales=(replace(ENTRY, person=person),))
    found = found_in(ten(rated, sessions=sessions, days=days), norms=norms)
    triples = list(zip(sessions, rated, days or [None] * len(rated), strict=True))
    people = reference_population(person)
    rows = course(triples, people)
    for mine, theirs in zip(found.sessions.to_dicts(), rows, strict=True):
        for name in ("expected", "spread", "p"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-6, abs=1e-9)
        # a rating on a threshold may fall to either side by rounding
        assume(min(abs(theirs["p"] - line) for line in (0.01, 0.025, 0.05)) > 1e-9)
        assert mine["criterion_1"] == theirs["criterion_1"]
    for number, event in enumerate(found.episodes.to_dicts()):
        onset = sessions.index(event["onset_session"])
        falls = rows[onset]["criterion_1"] == "met"
        assert event["p"] == pytest.approx(rows[onset]["p" if falls else "erosion_p"], rel=1e-6)
        if number or not falls:
            continue
        status, repair, back = outcome(onset, triples, rows, people)
        assert event["status"] == status or (status == "given up" and event["status"] in GIVEN_UP)
        assert event["repair_session"] == repair
        assert event["repair_probability"] == pytest.approx(back, rel=1e-5, abs=1e-9)


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
    moved = one_series([value + shift for value in rated], low=shift, high=shift + 10)
    person = replace(PERSON, mean_course=tuple(mean + shift for mean in PERSON.mean_course))
    norms = replace(NORMS, scales=(replace(ENTRY, mean_course=(7.0 + shift,), person=person),))
    assert_alike(found_in(ten(rated)), found_in(moved, norms=norms), factor=1.0, shift=shift)


@few_examples
@given(rated=any_values, factor=st.sampled_from([0.125, 0.25, 2.0, 8.0, 64.0]))
def test_another_unit_with_norms_in_that_unit_changes_no_decision(rated: list[float], factor: float) -> None:
    scaled = one_series([value * factor for value in rated], low=0, high=10 * factor)
    person = replace(
        PERSON,
        mean_course=tuple(mean * factor for mean in PERSON.mean_course),
        between_sd=1.3 * factor,
        within_sd=0.9 * factor,
        trend_sd=PERSON.trend_sd * factor,
    )
    entry = ScaleNorms("*", (7.0 * factor,), 1.3 * factor, 0.9 * factor, person=person)
    other = found_in(scaled, norms=replace(NORMS, scales=(entry,)))
    assert_alike(found_in(ten(rated)), other, factor=factor, shift=0)


def assert_alike(ours: Detection, theirs: Detection, *, factor: float, shift: float) -> None:
    """The same decisions; numbers in points moved and scaled, p and z the same."""
    limit = pl.col("limit")
    assume(ours.sessions.filter(limit.is_not_null(), (pl.col("value") - limit).abs() < 1e-6).is_empty())
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
    ours = found_in(ten(rated))
    theirs = found_in(ten([10 - value for value in rated]), higher_is_better=False)
    limit = pl.col("limit")
    assume(ours.sessions.filter(limit.is_not_null(), (pl.col("value") - limit).abs() < 1e-6).is_empty())
    assert theirs.sessions.select(WORDS).equals(ours.sessions.select(WORDS))
    assert theirs.events.select(KINDS).equals(ours.events.select(KINDS))
    assert 10 - theirs.sessions["expected"].to_numpy() == pytest.approx(
        ours.sessions["expected"].to_numpy(), abs=1e-9
    )


@pytest.mark.parametrize("variant", VARIANTS)
@few_examples
@given(rated=st.lists(grid, min_size=4, max_size=20), low=grid, high=grid)
def test_a_lower_rating_never_has_a_larger_p(
    rated: list[float], low: float, high: float, variant: str
) -> None:
    norms = replace(NORMS, scales=(replace(ENTRY, person=VARIANTS[variant]),))
    last = [found_in(ten([*rated, value]), norms=norms).sessions["p"][-1] for value in sorted((low, high))]
    assert last[0] <= last[1]


@few_examples
@given(level=grid, length=st.integers(1, 40))
def test_a_constant_series_never_has_an_event(level: float, length: int) -> None:
    assert found_in(ten([level] * length)).events.is_empty()


@pytest.mark.parametrize("variant", VARIANTS)
@few_examples
@given(rated=with_gaps)
def test_every_session_has_a_verdict_and_numbers_are_finite(rated: list[float | None], variant: str) -> None:
    norms = replace(NORMS, scales=(replace(ENTRY, person=VARIANTS[variant]),))
    sessions = found_in(ten(rated), norms=norms).sessions
    assert sessions.height == len(rated)
    judged = sessions.filter(pl.col("verdict").is_in(["met", "not met"]))
    assert judged["p"].is_between(0, 1).all()
    finite = judged.select(pl.col("expected", "spread", "limit", "usual_low", "usual_high").is_finite().all())
    assert finite.row(0) in {(True,) * 5, (None,) * 5}
    assert (judged["usual_low"] >= 0).all()
    assert (judged["usual_high"] <= 10).all()
