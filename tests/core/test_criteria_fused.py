"""The fused criterion: equal to predictive where nothing else is known, and one honest p where something is."""

from dataclasses import replace
from itertools import accumulate, pairwise
from math import log, sqrt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from goldseam import EvidenceModel, EvidenceStrengths, TableError, detect, fit_norms, simulate
from goldseam.detection.criteria.fused.assumptions import (
    CORRELATION_WITH_VALUE,
    MEASURED,
    SCORE_DROPS,
    SHIFTS,
    TENSION,
    USUAL_SHARES,
)
from goldseam.detection.criteria.fused.categorical_evidence import CategoricalEvidence, categorical_evidence
from goldseam.detection.criteria.fused.likelihood_ratio import joint_p, residual_ratings
from goldseam.simulate import MODELS
from tests.core.ratings import T1, T1_NORMS, one_series
from tests.core.reference import fused as reference

KEYS = ["case", "rater", "scale"]
ASSUMED = EvidenceStrengths.assumed()
ratings = st.lists(st.integers(0, 40).map(lambda quarter: quarter / 4), min_size=1, max_size=12)


def with_columns(values: list[float], **columns: list[float | None]) -> pl.DataFrame:
    return one_series(values, low=0, high=10).with_columns(
        pl.Series(name, each, dtype=pl.Float64) for name, each in columns.items()
    )


def p_of(table: pl.DataFrame, **given_: object) -> list[float]:
    return detect(table, criterion="fused", **given_).sessions["p"].to_list()


def test_where_nothing_else_is_known_it_is_predictive_to_the_last_digit() -> None:
    bare = simulate(cases=200, sessions=14, seed=5).ratings
    empty = bare.with_columns(
        tension=pl.lit(None, dtype=pl.Float64), therapist_rating=pl.lit(None, dtype=pl.Float64)
    )
    norms = fit_norms(bare)
    alone = detect(bare, version=2, norms=norms)
    for table in (bare, empty):
        found = detect(table, criterion="fused", norms=norms)
        assert found.events.drop("criterion").equals(alone.events.drop("criterion"))
        assert found.sessions.select(alone.sessions.columns).equals(alone.sessions)
        assert found.sessions["evidence"].null_count() == found.sessions.height
    assert alone.events.height > 50


def test_the_test_vector_is_found_as_predictive_finds_it() -> None:
    events = detect(one_series(T1), criterion="fused", norms=T1_NORMS).events
    assert events.select("onset_session", "status").row(0) == (5, "repaired")


@settings(max_examples=25, deadline=None)
@given(rated=ratings, data=st.data())
def test_it_agrees_with_the_second_implementation(rated: list[float], data: st.DataObject) -> None:
    n = len(rated)

    def column(values: st.SearchStrategy[float]) -> list[float | None]:
        return data.draw(st.lists(st.one_of(st.none(), values, values, values), min_size=n, max_size=n))

    rated = [min(value, 9.75) for value in rated]  # highest ratings have a rule of their own
    whole = st.integers(0, 10).map(float)
    facet, therapist = column(whole), column(whole)
    tension, late = column(st.sampled_from([0.0, 1.0, 2.0])), column(st.sampled_from([0.0, 1.0]))
    table = with_columns(rated, facet_goal=facet, therapist_rating=therapist, tension=tension, late=late)
    alone = detect(table).sessions["p"].to_list()
    # the shipped norms on 0 to 10: mean .75 and SD within a person .09 of the range
    others = {
        name: reference.scores(each, 7.5, 0.9) for name, each in (("facets", facet), ("therapist", therapist))
    }
    habits = [reference.habit("tension", tension, alone), reference.habit("late", late, alone)]
    for t, mine in enumerate(p_of(table)):
        known = {name: score for name, each in others.items() if (score := each[t]) is not None}
        if known or tension[t] is not None or late[t] is not None:
            theirs = reference.joined(alone[t], known, [each[t] for each in habits])
            assert mine == pytest.approx(theirs, rel=2e-3, abs=1e-6)
        else:
            assert mine == alone[t]


def drawn_sessions(n: int) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, CategoricalEvidence]]:
    """Ordinary sessions as the model assumes them, some terms missing: the value's score, other scores, answers."""
    random = np.random.default_rng(20261125)
    table = np.linalg.cholesky(ASSUMED.table) @ random.standard_normal((len(MEASURED), n))
    table[1:, : n // 2] = np.where(
        random.random((len(MEASURED) - 1, n // 2)) < 0.4, np.nan, table[1:, : n // 2]
    )
    scores = dict(zip(MEASURED, table, strict=True))
    value = scores.pop("value")
    categories = {}
    for name, usual in USUAL_SHARES.items():
        link = CORRELATION_WITH_VALUE.get(name, 0.0)
        inclined = -link * value + sqrt(1 - link**2) * random.standard_normal(n)
        answer = np.searchsorted(ndtri(np.cumsum(usual)[:-1]), inclined).astype(float)
        categories[name] = categorical_evidence(
            ASSUMED.by_category[name], np.repeat(np.array(usual)[:, None], n, axis=1), answer, value
        )
    return value, scores, categories


def test_p_is_uniform_where_sessions_are_as_assumed() -> None:
    n = 200_000
    value, scores, categories = drawn_sessions(n)
    residual = residual_ratings(value, scores, ASSUMED)
    independent = [each for name, each in categories.items() if name != TENSION]
    exact, with_tension = (
        joint_p(value, residual, independent),
        joint_p(value, residual, list(categories.values())),
    )
    for alpha in (0.01, 0.025, 0.05, 0.2, 0.5):
        error = 4 * sqrt(alpha * (1 - alpha) / n)
        assert (exact < alpha).mean() == pytest.approx(alpha, abs=error)
        # the shares of the answers on tension are those with this rating: an approximation, within a tenth
        assert (with_tension < alpha).mean() == pytest.approx(alpha, abs=error + alpha / 10)


def test_the_discriminant_of_two_ratings_by_hand() -> None:
    # Facets -2 and therapist -1 beside a value of -1.75: left over -2 + .875 = -1.125 and -1 + .35 = -.65, variances
    # .75 and .96, covariance .15 - .1 = .05; falls left 1.4 - .875 = .525 and .55 - .35 = .2.
    score, strength = reference.rest(-1.75, {"facets": -2.0, "therapist": -1.0})
    determinant = 0.75 * 0.96 - 0.05**2
    w1, w2 = (0.96 * 0.525 - 0.05 * 0.2) / determinant, (0.75 * 0.2 - 0.05 * 0.525) / determinant
    by_hand = sqrt(w1 * 0.525 + w2 * 0.2)
    assert (score, strength) == pytest.approx(((-1.125 * w1 - 0.65 * w2) / by_hand, by_hand))
    mine = residual_ratings(
        np.array([-1.75]), {"facets": np.array([-2.0]), "therapist": np.array([-1.0])}, ASSUMED
    )
    assert (mine.score[0], mine.strength[0]) == pytest.approx((score, strength))
    added = -w1 * (-1.125 + 0.525 / 2) - w2 * (-0.65 + 0.1)
    assert sum(each[0] for each in mine.contributions.values()) == pytest.approx(
        log(0.5 + 0.5 * np.exp(added))
    )


def test_what_a_first_answer_adds_by_hand() -> None:
    # Late: usual share .1, so the threshold is 1.2816 SD; a rupture moves the latent variable by .5 SD.
    table = with_columns([7, 7, 7, 7], late=[1, None, None, None], tension=[2, None, None, None])
    rows = detect(table, criterion="fused").sessions
    likely = 1 - reference.NORMAL.cdf(1.2815516 - 0.5)
    assert rows["odds_late"][0] == pytest.approx(0.5 + 0.5 * likely / 0.1, rel=1e-5)
    assert rows["odds_late"][1] is None
    # Tension: share .02, threshold 2.0537, moved to (2.0537 + .2 z) / sqrt(.96) by the rating's own score z.
    z = reference.NORMAL.inv_cdf(detect(table).sessions["p"][0])
    threshold = (2.0537489 + 0.2 * z) / sqrt(0.96)
    shares = [1 - reference.NORMAL.cdf(threshold - move) for move in (1.0, 0.0)]
    assert rows["odds_tension"][0] == pytest.approx(0.5 + 0.5 * shares[0] / shares[1], rel=1e-5)


def test_no_term_is_strong_evidence_against_a_drop() -> None:
    # 1 - q = .5 is the least any single term, and the other ratings together, can multiply the odds by.
    table = with_columns(
        [7, 7.5, 7, 7.25, 7, 7.5, 4],
        tension=[0] * 7,
        late=[0] * 7,
        therapist_rating=[7, 7, 8, 7, 7, 8, 10],
        facet_goal=[7, 7, 8, 7, 7, 8, 10],
    )
    found = detect(table, criterion="fused").sessions.row(6, named=True)
    assert found["odds_therapist"] * found["odds_facets"] >= 0.5
    assert found["odds_tension"] >= 0.5
    assert found["verdict"] == "met"


def test_what_is_usual_for_the_person_is_no_evidence() -> None:
    always = with_columns([7.0] * 12, tension=[1.0] * 12)
    odds = detect(always, criterion="fused").sessions["odds_tension"].to_list()
    assert odds[0] > 1.5
    assert all(later < earlier for earlier, later in pairwise(odds))
    assert odds[-1] < 1.3


def test_terms_are_given_in_plain_words_with_their_odds() -> None:
    table = with_columns(
        [7, 7.5, 7, 7.25, 6, 10],
        tension=[0, 0, 0, 0, 2, 0],
        late=[0, 0, 0, 0, 1, 0],
        seconds_taken=[90, 100, 95, 90, 20, 90],
        skipped_items=[0, 0, 0, 0, 1, 0],
        therapist_rating=[7, 7, 8, 7, 4, 7],
    )
    rows = detect(table, criterion="fused").sessions
    told = rows["evidence"][4]
    for words in (
        "rating lower than expected: speaks for a strain, ",
        "therapist's own rating lower than expected: speaks for a strain, ",
        "said there was clearly tension: speaks for a strain, ",
        "left questions out: speaks for a strain, ",
        "answered much faster than usual: speaks for a strain, ",
        "answered late: speaks for a strain, ",
    ):
        assert words in told
    odds = rows["odds_tension"][4]
    assert f"said there was clearly tension: speaks for a strain, {float(f'{odds:.2g}')} to 1" in told
    assert told.count(" to 1") == 6
    assert rows["evidence"][3].startswith("rating as usual: speaks against, ")
    assert rows["evidence"][5].startswith("the highest possible rating: says little; ")


def test_a_fall_too_small_by_itself_counts_only_where_the_rest_supports_it() -> None:
    steady = [7.0] * 9
    falls = [*steady, 6.75]  # a quarter of a point: below the gate of .05 of the range
    assert detect(with_columns(falls), criterion="fused").events.is_empty()
    calm = with_columns(falls, tension=[0.0] * 10, late=[0.0] * 10)
    assert detect(calm, criterion="fused").events.is_empty()
    tense = with_columns(
        falls, tension=[0.0] * 9 + [2.0], late=[0.0] * 9 + [1.0], skipped_items=[0.0] * 9 + [1.0]
    )
    assert detect(tense, criterion="fused").events["onset_session"].to_list() == [10]
    # without a fall nothing begins, whatever else is said
    level = with_columns([*steady, 7.25], tension=[0.0] * 9 + [2.0], late=[0.0] * 9 + [1.0])
    assert detect(level, criterion="fused").events.is_empty()


def test_the_limit_is_the_highest_rating_that_would_have_met_it() -> None:
    columns = {"tension": [0.0, 0, 0, 0, 0, 1], "therapist_rating": [7.0, 7, 8, 7, 7, 6]}
    limit = detect(with_columns([7, 7.5, 7, 7.25, 7, 6], **columns), criterion="fused").sessions["limit"][5]
    for value, verdict in ((limit - 1e-4, "met"), (limit + 1e-4, "not met")):
        continuous = with_columns([7, 7.5, 7, 7.25, 7, value], **columns)
        assert detect(continuous, criterion="fused").sessions["verdict"][5] == verdict


def test_neither_the_order_of_rows_nor_other_series_matter() -> None:
    made = simulate(cases=40, sessions=9, seed=11, evidence=EvidenceModel()).ratings
    whole = detect(made, criterion="fused").sessions
    shuffled = detect(made.sample(fraction=1.0, shuffle=True, seed=1), criterion="fused").sessions
    assert shuffled.equals(whole)
    for case in ("case-000003", "case-000027"):
        alone = detect(made.filter(pl.col("case") == case), criterion="fused").sessions
        assert alone.equals(whole.filter(pl.col("case") == case))


def test_later_sessions_change_no_earlier_decision() -> None:
    made = simulate(cases=60, sessions=12, seed=12, evidence=EvidenceModel()).ratings
    whole = detect(made, criterion="fused").sessions.filter(pl.col("session") <= 8)
    early = detect(made.filter(pl.col("session") <= 8), criterion="fused").sessions
    columns = ["case", "session", "p", "verdict", "grade", "evidence"]
    assert early.select(columns).equals(whole.select(columns))


def test_a_scale_turned_round_gives_the_same_events() -> None:
    made = simulate(cases=80, sessions=10, seed=13, evidence=EvidenceModel(items=0)).ratings
    rated = ["value", "facet_1", "facet_2", "therapist_rating", "member_rating_1"]
    turned = made.with_columns((10 - pl.col(name)).alias(name) for name in rated)
    found = detect(made, criterion="fused").events
    other = detect(turned, criterion="fused", higher_is_better=False).events
    same = ["case", "onset_session", "grade", "status", "repair_session"]
    assert other.select(same).equals(found.select(same))
    assert other["p"].to_list() == pytest.approx(found["p"].to_list(), rel=1e-6)
    assert found.height > 5


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "tension",
            3.0,
            r"row 2, column tension: no such answer; given 3; allowed: 0 \(no\), 1 \(a little\) or 2",
        ),
        ("late", 0.5, r"row 2, column late: no such answer; given 0.5; allowed: 0 \(in time\) or 1 \(late\)"),
        ("seconds_taken", -1.0, "row 2, column seconds_taken: no such answer; given -1"),
        ("therapist_rating", 11.0, "row 2, column therapist_rating: outside the scale's range; given 11"),
        ("item_1", -1.0, "row 2, column item_1: outside the scale's range; given -1"),
    ],
)
def test_impossible_evidence_is_refused_where_it_stands(column: str, value: float, message: str) -> None:
    table = with_columns([7, 7], **{column: [0.0, value]})
    with pytest.raises(TableError, match=message):
        detect(table, criterion="fused")
    assert detect(table).sessions.height == 2  # which reads none of it


def test_it_finds_more_at_the_same_rate_of_false_alarms_and_its_p_keeps_its_word() -> None:
    # A small version of benchmarks/detectors/fused.py: known simulated truth, 3% false alarms, dips of 2 own SD.
    quiet = simulate(
        cases=1500, sessions=12, seed=14, model=MODELS["items"].without_episodes(), evidence=EvidenceModel()
    )
    model = replace(MODELS["items"], missing_share=0.0).with_dips(depth_sd=2.0, duration=1)
    dips = simulate(cases=1500, sessions=12, seed=15, model=model, evidence=EvidenceModel())
    onsets = dips.truth.select("case", session="onset_session")
    found = {}
    for criterion in ("predictive", "fused"):
        null = detect(quiet.ratings, criterion=criterion, norms="shipped").sessions.filter(
            pl.col("n_prior") >= 3, pl.col("p").is_not_null()
        )
        at = detect(dips.ratings, criterion=criterion, norms="shipped").sessions.join(
            onsets, on=["case", "session"]
        )
        found[criterion] = (at["p"] < null["p"].quantile(0.03)).mean()
        low = (null["p"] < 0.025).mean()
        assert 0.015 <= low <= 0.033
    assert found["fused"] >= 1.25 * found["predictive"]


def test_sessions_are_numbered_as_given() -> None:
    sessions = list(accumulate([1, 1, 2, 1, 3]))
    table = one_series([7, 7, 7, 7, 5], low=0, high=10, sessions=sessions).with_columns(tension=pl.lit(0.0))
    assert detect(table, criterion="fused").sessions["session"].to_list() == sessions
    assert TENSION in SHIFTS
    assert set(SCORE_DROPS) == set(MEASURED)
