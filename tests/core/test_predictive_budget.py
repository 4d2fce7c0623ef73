"""The predictive criterion, version 4: one rate over both channels, slow declines as sums, answers about repair.

Expected values are worked out by hand, by a second implementation below or in `tests/core/reference/predictive.py`, or
are those of the simulated truth.
"""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import goldseam
from goldseam import Norms, PersonNorms, ScaleNorms, simulate
from goldseam.detection.criteria.predictive.null_courses import (
    PopulationFigures,
    limits_of_rate,
    null_courses,
)
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions
from goldseam.detection.criteria.predictive.sum_channel import BANDS, SumChannel, SumLimit, band
from goldseam.detection.criteria.predictive.version_4 import Predictive
from goldseam.norms.marginal_likelihood import population_of
from goldseam.series import load_series
from goldseam.simulate import MODELS
from tests.core.examples import examples
from tests.core.ratings import T1, T1_NORMS, one_series
from tests.core.reference import predictive as reference

detect = partial(goldseam.detect, criterion="predictive", version=4)
before = partial(goldseam.detect, criterion="predictive", version=3)
PERSON = PersonNorms((7.0,), 1.0, 1.0, own_sd_log_sd=0.2, autocorrelation=0.0, drift_sd=0.0)
SHARED = (
    "expected",
    "value",
    "p",
    "spread",
    "limit",
    "usual_low",
    "usual_high",
    "grade",
    "reason",
    "criterion_1",
)


def norms_with(person: PersonNorms) -> Norms:
    entry = ScaleNorms("*", person.mean_course, person.between_sd, person.within_sd, person=person)
    return Norms("hand", "1", "points", (entry,), "By hand.", False)


NORMS = norms_with(PERSON)


def channel_of(values: list[float], limit: float = 1e9) -> SumChannel:
    """Own SD 1, level of the population 7 with SD 1, no autocorrelation, nothing cut off."""
    series = load_series(one_series(values, low=None))
    n = len(values)
    known = {name: np.full(n, 7.0) for name in ("expected", "centre")}
    ones = {name: np.ones(n) for name in ("spread", "p", "erosion_p", "own_sd")}
    predictions = OneStepPredictions(**known, **ones, highest=np.zeros(n, np.bool_))
    people = population_of(PERSON, series)
    return SumChannel(
        series, people, predictions, SumLimit.same(limit, 1), np.zeros(n, np.bool_), np.zeros(1), window=6
    )


def sums_by_hand(values: list[float]) -> list[float]:
    """The same in plain words, a rating at a time; see docs/methods/predictive.md."""
    level, run, total, found = list[float](), list[float](), 0.0, list[float]()
    for value in values:
        if len(level) < 4:
            level.append(value - 7)
            found.append(0.0)
            continue
        uncertain = 1 / len(level)
        shrunken = 1 / (1 + uncertain)
        mean = sum(level) / len(level)
        own = min(shrunken * mean, mean)
        total = max(0.0, total + (own - (value - 7)) / (1 + shrunken * uncertain) ** 0.5 - 0.75)
        run.append(value - 7)
        if total == 0 or len(run) > 8:
            level, run, total = level + run, [], 0.0
        found.append(total)
    return found


def test_a_sum_by_hand() -> None:
    """First four 7.5: level .8 x .5 = .4, variance 1 + .8 / 4 = 1.2; then 6 is 1.4 below it, and 6.5 is .9."""
    channel = channel_of([7.5, 7.5, 7.5, 7.5, 6.0, 6.5, 9.0])
    first = 1.4 / 1.2**0.5 - 0.75
    second = first + 0.9 / 1.2**0.5 - 0.75
    np.testing.assert_allclose(channel.total, [0, 0, 0, 0, first, second, 0])


@examples(60)
@given(values=st.lists(st.floats(2, 10), min_size=1, max_size=30))
def test_sums_agree_with_the_second_implementation(values: list[float]) -> None:
    np.testing.assert_allclose(channel_of(values).total, sums_by_hand(values), atol=1e-9)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0, 2.0, 4.0, 10.0])
def test_who_always_gave_the_same_rating_has_not_declined(level: float) -> None:
    """A flat course holds no fall, however far below the population it lies; of it the sum is 0 throughout."""
    found = detect(one_series([level] * 20, low=0, high=10))
    assert found.events.height == 0
    assert found.sessions["criterion_2"].to_list().count("met") == 0
    assert channel_of([level] * 20).total.max() == 0


def test_low_ratings_that_change_no_more_than_they_did_are_no_decline() -> None:
    """By hand: the last ratings of each course have the mean of the first ones, or a higher one."""
    for values in ([0.0, 1.0] * 10, [0.0] * 4 + [1.0, 0.0, 0.0, 1.0] + [0.0] * 10, [*np.linspace(0, 2, 20)]):
        assert detect(one_series([*values], low=0, high=10)).events.height == 0


def test_nobody_who_stays_where_they_are_has_declined_because_everybody_else_rises() -> None:
    """A course of the population that rises by .4 own SDs a session, and a person at 5 throughout."""
    rising = replace(PERSON, mean_course=tuple(4 + 0.4 * session for session in range(12)), between_sd=3.0)
    found = detect(one_series([5.0] * 12, low=0, high=10), norms=norms_with(rising))
    assert (found.events["onset_kind"] == "erosion").sum() == 0


@pytest.mark.parametrize("level", [0.0, 1.0, 2.0, 3.0, 5.0, 7.5])
def test_few_steady_people_are_told_of_a_slow_decline_whatever_their_level(level: float) -> None:
    """300 people, ratings of SD .7 round their own level, steps of .25: the limits stand for .00125 a session.

    That is 1.5% in twelve sessions; .05 is that and four errors of a share of 300 people.
    """
    random = np.random.default_rng(4)
    values = np.clip(np.round(random.normal(level, 0.7, (300, 15)) * 4) / 4, 0, 10)
    table = pl.concat(
        [
            one_series(row.tolist(), low=0, high=10).with_columns(case=pl.lit(str(n)))
            for n, row in enumerate(values)
        ]
    )
    events = detect(table, norms=Norms.default()).events.filter(onset_kind="erosion")
    assert events["case"].n_unique() / 300 <= 0.05


def test_a_decline_from_a_low_level_is_still_found() -> None:
    """From 4 to 1.5 in steps of .25 or .5, own SD about .3, and the population at 7.5.

    The baseline is the mean of the first seven, 4, moved on with the mean course, which rises by less than .5.
    """
    values = [4.0, 4.25, 3.75, 4.0, 4.25, 4.0, 3.75, 3.5, 3.25, 3.0, 2.75, 2.5, 2.25, 2.0, 1.75, 1.5]
    (event,) = detect(one_series(values, low=0, high=10), norms=Norms.default()).events.to_dicts()
    assert event["onset_kind"] == "erosion"
    assert 4.0 <= event["baseline"] <= 4.5


def test_limits_of_a_rate_by_counting() -> None:
    """Ten series; in the first band three rise to 2, 3 and 5, each once, at its first session: looks there are 40.

    Above 2 lie two series; the looks left are 40 less the three sessions of each after its passage: 34 in all, and
    .05 x 34 = 1.7 is less than two. Above 3 lies one: .05 x 37 = 1.85.
    """
    total = np.zeros((10, 28))
    total[:3, 4] = [2.0, 3.0, 5.0]
    looked_at = np.ones((10, 28), np.bool_)
    limits = limits_of_rate(total, looked_at, 0.05)
    assert limits == pytest.approx([3.0] * len(BANDS))


def test_bands_begin_with_their_number_of_earlier_ratings() -> None:
    assert band(np.array([0.0, 4, 7, 8, 11, 12, 16, 21, 22, 500])).tolist() == [0, 0, 0, 1, 1, 2, 3, 3, 4, 4]


def test_the_chance_of_a_sum_by_hand() -> None:
    """.05 at the start, .05 / e one over the rate beyond it, and never more than 1."""
    shape = (len(BANDS), 1)
    limit = SumLimit(np.full(shape, 9.0), np.full(shape, 2.0), np.full(shape, 0.5))
    found = limit.chance(np.array([2.0, 4.0, -100.0]), np.full(3, 6.0), np.zeros(3, np.int64))
    np.testing.assert_allclose(found, [0.05, 0.05 / np.e, 1.0])


SLOW = [7.0, 7.4, 6.9, 7.2, 7.1, 6.9, 6.4, 6.2, 5.9, 5.7, 5.5, 5.4, 5.2, 5.1]


def test_a_slow_decline_is_found_once_with_its_limit() -> None:
    found = detect(one_series(SLOW, low=0, high=10), norms=NORMS)
    slow = found.sessions.filter(criterion_2="met")
    assert slow.height == 1
    (event,) = found.events.filter(onset_kind="erosion").to_dicts()
    assert event["onset_session"] == slow["session"][0]
    assert event["p"] < 0.05
    limit, session = slow["limit"][0], slow["session"][0]
    for value, verdicts in ((limit - 1e-6, ["met"]), (limit + 1e-6, ["not met"])):
        again = detect(one_series([*SLOW[: session - 1], value], low=0, high=10), norms=NORMS)
        assert again.sessions["criterion_2"].to_list()[-1:] == verdicts
    assert detect(one_series(SLOW, low=0, high=10), norms=NORMS, slow_share=0.0).events.height == 0


def test_the_level_held_against_is_that_of_before_the_sum_grew() -> None:
    (event,) = (
        detect(one_series(SLOW, low=0, high=10), norms=NORMS).events.filter(onset_kind="erosion").to_dicts()
    )
    # six ratings around 7.08, shrunken towards 7
    assert event["baseline"] == pytest.approx(7.07, abs=0.03)


@pytest.mark.parametrize("kind", ["items", "drift"])
def test_without_a_share_for_slow_declines_it_is_version_3_without_them(kind: str) -> None:
    ratings = simulate(cases=150, sessions=16, seed=4, model=replace(MODELS[kind], episode_share=0.8)).ratings
    ours, theirs = detect(ratings, slow_share=0.0), before(ratings, erosion=0.0)
    assert ours.sessions.select(SHARED).equals(theirs.sessions.select(SHARED))
    assert ours.events.equals(theirs.events)
    assert ours.events.height > 50


def test_thresholds_leave_the_slow_share_out() -> None:
    rule = Predictive(slow_share=0.2)
    thresholds = rule.p_thresholds
    assert (thresholds.watch, thresholds.probable, thresholds.marked) == pytest.approx((0.04, 0.02, 0.008))
    assert rule.slow_rate == pytest.approx(0.005)


def figures_of(person: PersonNorms, low: float | None = 0, high: float = 10) -> PopulationFigures:
    series = load_series(one_series([low or 5.0], low=low, high=high))
    return PopulationFigures.of(population_of(person, series), np.array([0.05 * (high - (low or 0))]), 0)


def test_limits_are_the_same_on_a_scale_of_another_range() -> None:
    wide = replace(PERSON, mean_course=(170.0,), between_sd=10.0, within_sd=10.0)
    assert figures_of(PERSON) == figures_of(wide, 100, 200)


def test_more_share_means_lower_limits_and_limits_rise_with_earlier_ratings() -> None:
    figures = figures_of(PERSON)
    found = [
        [limit for limit, _, _ in Predictive(slow_share=share).limits_of(figures)]
        for share in (0.02, 0.1, 0.4)
    ]
    for limits in found:
        assert limits == sorted(limits)
    for more, less in pairwise(found):
        assert all(high >= low for high, low in zip(more, less, strict=True))


def test_null_courses_are_drawn_from_the_population() -> None:
    """5,000 persons: mean, SD of a rating, and correlation of the first two; SD and correlation from tau, s and phi."""
    person = replace(PERSON, between_sd=0.8, autocorrelation=0.4, mean_course=(7.0, 7.5))
    people, smallest = figures_of(person, None).population(5_000)
    values = null_courses(people).value.reshape(5_000, -1)
    assert smallest[0] == pytest.approx(0.5)
    assert values[:, 0].mean() == pytest.approx(0.0, abs=0.06)
    assert values[:, 5].mean() == pytest.approx(0.5, abs=0.06)
    assert values[:, 3].std() == pytest.approx((0.8**2 + 1) ** 0.5, abs=0.04)
    together = (0.64 + 0.4) / 1.64
    assert np.corrcoef(values[:, 0], values[:, 1])[0, 1] == pytest.approx(together, abs=0.03)


def true_norms(kind: str) -> Norms:
    model = MODELS[kind]
    course = tuple(model.mean + model.trend * session for session in range(16))
    return norms_with(
        PersonNorms(
            course,
            model.between_sd,
            model.within_sd,
            own_sd_log_sd=model.own_sd_log_sd,
            autocorrelation=model.autocorrelation,
            drift_sd=model.drift_sd,
            trend_sd=model.trend_sd,
            step=model.step or 0.0,
        )
    )


@pytest.mark.parametrize("kind", ["items", "unbounded", "autocorrelated", "drift", "missing"])
def test_one_rate_over_both_channels(kind: str) -> None:
    """2,000 null cases with the true figures: onsets of both channels .016 to .030, slow ones near .05 x .025."""
    made = simulate(cases=2_000, sessions=16, seed=22, model=MODELS[kind].without_episodes())
    found = detect(made.ratings, norms=true_norms(kind))
    looks = found.sessions["verdict"].is_in(["met", "not met"]).sum()
    slow = (found.sessions["criterion_2"] == "met").sum() / looks
    assert 0.016 <= found.events.height / looks <= 0.030
    # a standard error of .00025; that of the limits, from 3,000 courses, is as large
    assert slow == pytest.approx(0.00125, abs=0.0011)


def test_slow_declines_are_found_more_often_than_without_the_channel() -> None:
    """Of declines of 2 own SDs over six sessions, in ten: about .70 with the channel, .58 with sudden drops alone."""
    model = replace(
        MODELS["items"], episode_share=1.0, depth_sd=(2.0, 2.0), erosion_share=1.0, erosion_sessions=6
    )
    made = simulate(cases=800, sessions=24, seed=12, model=model)
    truth = made.truth.filter(pl.col("onset_session") <= 14).select("case", begins="onset_session")
    shares = []
    for share in (0.05, 0.0):
        events = detect(made.ratings, norms=true_norms("items"), slow_share=share).events.join(
            truth, on="case"
        )
        passed = pl.col("onset_session") - pl.col("begins")
        shares.append(events.filter(passed >= 0, passed < 10)["case"].n_unique() / truth.height)
    assert shares[0] > shares[1] + 0.08


steps = st.integers(0, 40).map(lambda quarter: quarter / 4)


@st.composite
def sinking(draw: st.DrawFn) -> list[float | None]:
    """A level that may sink slowly or all at once; some sessions are not rated."""
    level, fall = draw(st.floats(5.5, 9)), draw(st.sampled_from([0.0, 0.1, 0.3]))
    shifts = draw(
        st.lists(st.sampled_from([0.0, 0.0, 0.25, -0.25, 0.5, -0.5, -2.5]), min_size=6, max_size=28)
    )
    rated = [min(10.0, max(0.0, level + by - fall * place)) for place, by in enumerate(shifts)]
    gaps = draw(st.lists(st.integers(0, 27), max_size=3))
    return [None if place in gaps else round(4 * value) / 4 for place, value in enumerate(rated)]


@examples(12)
@given(courses=st.lists(sinking(), min_size=2, max_size=4), seed=st.integers(0, 10**6))
def test_one_series_gives_the_same_as_many_in_any_order(courses: list[list[float | None]], seed: int) -> None:
    tables = [one_series(each, low=0, high=10, case=f"c{place}") for place, each in enumerate(courses)]
    together = detect(pl.concat(tables).sample(fraction=1, shuffle=True, seed=seed), norms=NORMS)
    alone = [detect(each, norms=NORMS) for each in tables]
    assert together.sessions.equals(pl.concat([each.sessions for each in alone]))
    assert together.episodes.equals(pl.concat([each.episodes for each in alone]))


@examples(12)
@given(rated=sinking(), more=st.lists(steps, max_size=8))
def test_later_ratings_change_no_decision(rated: list[float | None], more: list[float]) -> None:
    ours = detect(one_series(rated, low=0, high=10), norms=NORMS)
    later = detect(one_series([*rated, *more], low=0, high=10), norms=NORMS)
    names = ["p", "verdict", "criterion_1", "criterion_2", "grade"]
    assert later.sessions.head(len(rated)).select(names).equals(ours.sessions.select(names))
    onsets = ["onset_session", "onset_kind", "p", "baseline"]
    known = later.events.filter(pl.col("onset_session") <= len(rated)).select(onsets)
    assert known.equals(ours.events.select(onsets))


@examples(12)
@given(rated=sinking(), lower=st.sampled_from([0.25, 1.0, 3.0]))
def test_a_lower_last_rating_is_never_less_of_an_alarm(rated: list[float | None], lower: float) -> None:
    if rated[-1] is None or rated[-1] < lower:
        return
    ours = detect(one_series(rated, low=0, high=10), norms=NORMS).sessions.row(-1, named=True)
    beneath = detect(one_series([*rated[:-1], rated[-1] - lower], low=0, high=10), norms=NORMS)
    theirs = beneath.sessions.row(-1, named=True)
    if ours["verdict"] == "met":
        assert theirs["verdict"] == "met"


def test_missing_ratings_at_the_end_change_nothing() -> None:
    ours = detect(one_series(SLOW, low=0, high=10), norms=NORMS).episodes
    assert detect(one_series([*SLOW, None, None], low=0, high=10), norms=NORMS).episodes.equals(ours)


def test_the_test_vector_is_found_as_before() -> None:
    event = detect(one_series(T1), norms=T1_NORMS).episodes.row(0, named=True)
    assert (event["onset_session"], event["status"], event["repair_session"]) == (5, "repaired", 7)
    assert (event["repair"], event["renews"]) == ("repaired", None)


RENEWED = [7.0, 7.4, 6.8, 7.1, 7.2, 6.9, 3.0, 5.6, 2.0, 2.2, 7.1, 7.2, 7.0]


def test_a_renewed_episode_is_linked_to_the_first() -> None:
    first, second = detect(one_series(RENEWED, low=0, high=10), norms=NORMS).episodes.to_dicts()
    assert (first["onset_session"], first["status"], first["renews"]) == (7, "renewed", None)
    assert (second["onset_session"], second["renews"]) == (9, 7)


def answer_by_reference(
    onset: int, until: int, values: list[float], rows: list[dict[str, float]], people: reference.Population
) -> str:
    """From the ratings before place `until`, six at most."""
    row = rows[onset]
    state = reference.Repair(row["centre"], row["spread"], people.usual(onset + 1), onset + 1, people.high)
    state.begin(values[onset])
    following = list(enumerate(values, start=1))[onset + 1 : min(onset + 7, until)]
    for number, value in following:
        state.learn(number, value, people.usual(number))
    if len(following) < 2 or 1 / 3 < state.back < 2 / 3:
        return "cannot be told"
    return "repaired" if state.back >= 2 / 3 else "not repaired"


@pytest.mark.parametrize(
    "after",
    [
        [],
        [7.0],
        [7.0, 7.1],
        [4.2, 4.0],
        [4.0, 4.4, 4.1, 4.3],
        [5.6, 5.7],
        [7.0, 7.2, 4.5, 4.6, 4.4, 4.5],
        [4.0, 6.9, 7.1, 6.8, 7.0, 7.1, 2.0],
    ],
)
def test_answers_about_repair_agree_with_the_second_implementation(after: list[float]) -> None:
    values = [7.0, 7.4, 6.8, 7.1, 7.2, 6.9, 4.0, *after]
    event, *others = detect(one_series(values, low=0, high=10), norms=NORMS).episodes.to_dicts()
    assert event["onset_session"] == 7
    until = others[0]["onset_session"] - 1 if others else len(values)
    people = reference.Population((7.0,), 1.0, 1.0, log_sd=0.2, kept=0.0, drift=0.0, low=0.0, high=10.0)
    rows = reference.course([(place, value, None) for place, value in enumerate(values, start=1)], people)
    assert event["repair"] == answer_by_reference(6, until, values, rows, people)


def test_what_is_said_of_repair() -> None:
    """500 cases each with the true figures, all found dips with two later ratings; asked: .20 at most, .85 at least."""
    shares = {}
    for name, repaired in (("never", 0.0), ("repaired", 1.0)):
        model = replace(MODELS["items"], episode_share=1.0, repaired_share=repaired, erosion_share=0.0)
        made = simulate(cases=500, sessions=16, seed=9, model=model)
        truth = made.truth.select("case", "duration", begins="onset_session", mended="repair_session")
        rated = made.ratings.drop_nulls("value").select("case", "session")
        since = pl.col("onset_session") - pl.col("begins")
        found = detect(made.ratings, norms=true_norms("items")).episodes.join(truth, on="case")
        within = found.filter(since >= 0, since < pl.col("duration")).unique(
            "case", keep="first", maintain_order=True
        )
        later = within.select("case", "onset_session").join(rated, on="case")
        enough = (
            later.filter(pl.col("session") > pl.col("onset_session"))
            .group_by("case")
            .agg(later=pl.len(), last=pl.col("session").max())
            .filter(pl.col("later") >= 2)
        )
        told = within.join(enough, on="case")
        if repaired:
            told = told.filter(pl.col("mended") <= pl.col("last"))
        shares[name] = (told["repair"] == "repaired").mean()
        assert told.height > 150
    assert shares["never"] <= 0.20
    assert shares["repaired"] >= 0.85
