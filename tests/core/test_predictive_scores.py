"""The predictive criterion, version 3: ratings as scores, falls within an episode; by hand and against version 2."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

import goldseam
from goldseam import Norms, NormsError, PersonNorms, ScaleNorms, fit_norms, simulate
from goldseam.norms.normal_scores import score_table
from goldseam.simulate import MODELS
from goldseam.state_space import Population, ScoreTable
from tests.core.ratings import T1, T1_NORMS, one_series

detect = partial(goldseam.detect, criterion="predictive", version=3)
before = partial(goldseam.detect, criterion="predictive", version=2)
BENT = ScoreTable(np.array([2.0, 4.0, 8.0]), np.array([0.0, 4.0, 8.0]))
PERSON = PersonNorms((7.0,), 1.0, 1.0, own_sd_log_sd=0.2, autocorrelation=0.1, drift_sd=0.1)
COURSE = [5.1, 4.6, 5.3, 4.9, 3.2, 3.6, 4.8, 5.0, 3.9, 5.2, 2.6, 3.0, 4.4]
TENTHS = np.linspace(-3, 12, 151)


def norms_with(person: PersonNorms, scored: PersonNorms | None = None, **entry: bool) -> Norms:
    made = ScaleNorms("alliance", (7.0,), 1.0, 1.0, person=person, scored_person=scored, **entry)
    return Norms("hand", "1", "points", (made,), "By hand.", False)


def in_scores(person: PersonNorms, table: ScoreTable) -> PersonNorms:
    return replace(person, points=tuple(table.points.tolist()), scores=tuple(table.scores.tolist()))


def test_a_table_is_straight_between_its_places_and_beyond_them() -> None:
    """Slope 2 from 2 to 4 and below, 1 from there on: 1 is 2 - 1, so 0 - 2; 3 is half-way from 0 to 4; 10 is 8 + 2."""
    points, scores = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 10.0]), np.array([-2.0, 0.0, 2.0, 4.0, 6.0, 10.0])
    np.testing.assert_allclose(BENT.score(points), scores)
    np.testing.assert_allclose(BENT.point(scores), points)
    assert BENT.score(np.array([-np.inf, np.inf])).tolist() == [-np.inf, np.inf]
    np.testing.assert_allclose(BENT.point(BENT.score(TENTHS)), TENTHS, atol=1e-12)


def test_a_rating_stands_for_what_lies_between_the_scores_half_a_step_away() -> None:
    """Step 1: 3 is from 2.5 to 3.5, scores 1 to 3; 4 from 3.5 to 4.5, scores 3 to 4.5; without a table as it is."""
    one = np.ones(3)
    people = Population(
        course=np.zeros((2, 1)),
        kind=np.array([0, 0, 1]),
        **dict.fromkeys(
            ("between_sd", "within_sd", "own_sd_log_sd", "autocorrelation", "drift_sd", "slope_sd", "step"),
            one,
        ),
        minimum=0 * one,
        maximum=10 * one,
        tables={0: BENT},
    )
    middle, low, high, width = people.stands_for(np.array([3.0, 4.0, 3.0]))
    np.testing.assert_allclose(middle, [2, 4, 3])
    np.testing.assert_allclose(low, [1, 3, 2.5])
    np.testing.assert_allclose(high, [3, 4.5, 3.5])
    np.testing.assert_allclose(width, [2, 1.5, 1])
    # SD 1 around score 4: the points of 3 and 5 are 3.5 and 5
    np.testing.assert_allclose(people.spread_in_points(4 * one, one), [0.75, 0.75, 1])


def test_normal_scores_by_hand() -> None:
    """Whole numbers 1 to 5, 10, 20, 40, 20 and 10 in a hundred: z at their upper edges from the shares below."""
    ratings = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [100, 200, 400, 200, 100])
    table = score_table(ratings, 1.0)
    assert table is not None
    assert table.points.tolist() == [1.5, 2.5, 3.5, 4.5]
    z = norm.ppf([0.1, 0.3, 0.7, 0.9])
    # the quartiles lie at z = -+.6745, straight between the places: they keep their places
    low, high = np.interp(norm.ppf([0.25, 0.75]), z, table.points)
    unit = (high - low) / (2 * norm.ppf(0.75))
    np.testing.assert_allclose(table.scores, low + (z - norm.ppf(0.25)) * unit)


def test_ratings_at_too_few_places_have_no_table() -> None:
    assert score_table(np.repeat([1.0, 2.0, 3.0], 100), 1.0) is None
    assert score_table(np.repeat([1.0, 2.0, 3.0, 4.0], [1, 2, 400, 1]), 1.0) is None


def test_on_ratings_without_steps_it_is_version_2_of_their_scores() -> None:
    """No ends, no steps, no table in version 2, which is given the scores themselves."""
    given = norms_with(PERSON, in_scores(PERSON, BENT))
    found = detect(one_series(COURSE, low=None), norms=given).sessions
    scores = BENT.score(np.array(COURSE)).tolist()
    known = before(one_series(scores, low=None), norms=norms_with(PERSON)).sessions
    np.testing.assert_allclose(found["p"], known["p"], rtol=1e-9)
    np.testing.assert_allclose(found["expected"], BENT.point(known["expected"].to_numpy()), rtol=1e-9)
    for name in ("usual_low", "usual_high"):
        seen = known[name].is_not_null().to_numpy()
        assert seen.sum() == len(COURSE) - 3
        np.testing.assert_allclose(
            found[name].to_numpy()[seen], BENT.point(known[name].to_numpy()[seen]), atol=1e-6
        )
    assert found["p"].min() < 0.025


@pytest.mark.parametrize("step", [0.0, 0.5])
def test_a_straight_table_changes_nothing(step: float) -> None:
    """Scores of 1 + 2 x, and a person stated in them, is the person in points."""
    person = replace(PERSON, step=step, trend_sd=0.05)
    double = ScoreTable(np.array([0.0, 10.0]), np.array([1.0, 21.0]))
    scored = in_scores(
        replace(person, mean_course=(15.0,), between_sd=2.0, within_sd=2.0, trend_sd=0.1), double
    )
    values = [8.5, 8.0, 9.0, 8.5, 4.0, 6.5, 8.5, 10.0, 7.5, 7.0, 6.5, 6.5, 6.0, 5.5, 5.5]
    table = one_series(values, low=0, high=10)
    ours, theirs = detect(table, norms=norms_with(person, scored)), before(table, norms=norms_with(person))
    for name in ("p", "expected", "spread", "limit"):
        np.testing.assert_allclose(
            ours.sessions[name].drop_nulls(), theirs.sessions[name].drop_nulls(), rtol=1e-6
        )
    assert ours.sessions["verdict"].equals(theirs.sessions["verdict"])
    assert ours.events.select("onset_session", "status").equals(
        theirs.events.select("onset_session", "status")
    )
    assert theirs.events.height > 0


def test_a_table_turned_round_with_its_direction_gives_the_same() -> None:
    """Distress is alliance turned round, -x; so are the norms, their table, and the order of its places."""
    up = norms_with(PERSON, in_scores(PERSON, BENT))
    down_person = replace(PERSON, mean_course=(-7.0,))
    mirrored = ScoreTable(-BENT.points[::-1], -BENT.scores[::-1])
    down = norms_with(down_person, in_scores(down_person, mirrored), higher_is_better=False)
    ours = detect(one_series(COURSE, low=None), norms=up)
    turned = one_series([-value for value in COURSE], low=None)
    theirs = detect(turned, norms=down, higher_is_better=False)
    np.testing.assert_allclose(ours.sessions["p"], theirs.sessions["p"], rtol=1e-9)
    np.testing.assert_allclose(ours.sessions["expected"], -theirs.sessions["expected"].to_numpy(), rtol=1e-9)


def test_a_series_is_judged_alike_alone_and_beside_one_without_a_table() -> None:
    plain = replace(norms_with(PERSON).scales[0], scale="other")
    given = norms_with(replace(PERSON, step=0.1), in_scores(replace(PERSON, step=0.1), BENT))
    both = replace(given, scales=(*given.scales, plain))
    ours = one_series(COURSE, low=0, high=10)
    theirs = ours.with_columns(scale=pl.lit("other"))
    together = detect(pl.concat([ours, theirs]), norms=both).sessions
    alone = pl.concat([detect(each, norms=both).sessions for each in (ours, theirs)])
    assert together.sort("scale", "session").equals(alone.sort("scale", "session"))
    known = before(theirs, norms=both).sessions["p"]
    assert together.filter(scale="other")["p"].equals(known)


def test_the_test_vector_is_found_as_before() -> None:
    event = detect(one_series(T1), norms=T1_NORMS).events.row(0, named=True)
    assert (event["onset_session"], event["status"], event["repair_session"]) == (5, "repaired", 7)


def test_a_fall_after_a_rating_that_was_not_low_begins_an_episode_of_its_own() -> None:
    """Down at 7, half-way back at 8 and not low there, down again at 9: version 2 has one episode, this one two."""
    values = [7.0, 7.4, 6.8, 7.1, 7.2, 6.9, 3.0, 5.6, 2.0, 2.2, 7.1, 7.2, 7.0]
    table = one_series(values, low=0, high=10)
    given = norms_with(replace(PERSON, autocorrelation=0.0, drift_sd=0.0))
    low = detect(table, norms=given).sessions.filter(pl.col("grade") != "none")["session"].to_list()
    assert 8 not in low
    assert {7, 9} <= set(low)
    first, second = detect(table, norms=given).events.to_dicts()
    assert (first["onset_session"], first["status"], first["duration"]) == (7, "renewed", 2)
    assert (first["nadir"], first["repair_session"]) == (3.0, None)
    assert (second["onset_session"], second["status"]) == (9, "repaired")
    (only,) = before(table, norms=given).events.to_dicts()
    assert (only["onset_session"], only["nadir"]) == (7, 2.0)


def test_every_fall_after_a_rating_that_was_not_low_is_an_onset() -> None:
    """From the verdicts alone, over simulated courses of which most have an episode; erosion begins further ones."""
    model = replace(MODELS["items"], episode_share=0.8)
    ratings = simulate(cases=400, sessions=20, seed=9, model=model).ratings
    found = detect(ratings)
    rated = found.sessions.filter(pl.col("value").is_not_null()).sort("case", "session")
    rated = rated.with_columns(low=pl.col("grade") != "none")
    fell = rated.filter(
        (pl.col("criterion_1") == "met") & ~pl.col("low").shift(1).over("case").fill_null(value=False)
    )
    onsets = found.events.select("case", session="onset_session")
    assert fell.join(onsets, on=["case", "session"], how="anti").is_empty()
    renewed = found.events.filter(pl.col("status") == "renewed")
    assert renewed.height > 10
    # what ended it is the next event of the series
    following = found.events.sort("case", "onset_session").with_columns(
        after=pl.col("onset_session").shift(-1).over("case")
    )
    ended = following.filter(pl.col("status") == "renewed").select("case", session="after")
    assert ended["session"].null_count() == 0
    assert ended.join(fell, on=["case", "session"], how="anti").is_empty()


def test_a_second_low_rating_in_a_row_is_the_same_episode() -> None:
    values = [7.0, 7.4, 6.8, 7.1, 7.2, 6.9, 3.0, 2.0, 1.5, 7.1, 7.2, 7.0]
    table = one_series(values, low=0, high=10)
    events = detect(table, norms=norms_with(PERSON)).events
    assert events["onset_session"].to_list() == [7]


def test_norms_with_a_table_are_kept_in_a_file_and_checked(tmp_path: Path) -> None:
    given = norms_with(PERSON, in_scores(PERSON, BENT))
    given.write(tmp_path / "norms.json")
    assert Norms.read(tmp_path / "norms.json") == given
    assert "scored_person" not in norms_with(PERSON).content()["scales"][0]
    for points, scores in [
        ((1.0, 2.0), (1.0,)),
        ((1.0,), (1.0,)),
        ((2.0, 1.0), (1.0, 2.0)),
        ((), (1.0, 2.0)),
    ]:
        with pytest.raises(NormsError, match="ascending order"):
            replace(PERSON, points=points, scores=scores)


def sums_near_the_floor(cases: int, seed: int) -> pl.DataFrame:
    """Means of six items from 0 to 4, each rounded and stopped by itself, of persons near 0.7; nothing ever happens."""
    random, sessions = np.random.default_rng(seed), 12
    own = 0.6 * np.exp(0.3 * random.standard_normal((cases, 1)) - 0.09)
    latent = 0.7 + 0.7 * random.standard_normal((cases, 1)) + own * random.standard_normal((cases, sessions))
    error = 0.5 * random.standard_normal((cases, sessions, 6)) + np.linspace(-0.5, 0.5, 6)
    sums = np.clip(np.round(latent[:, :, None] + error), 0, 4).sum(axis=2)
    return pl.DataFrame(
        {
            "case": np.repeat(np.arange(cases), sessions),
            "rater": "client",
            "scale": "alliance",
            "session": np.tile(np.arange(1, sessions + 1), cases),
            "value": sums.ravel() / 6,
            "minimum": 0.0,
            "maximum": 4.0,
        }
    )


def test_near_the_floor_p_is_what_it_says_once_sums_are_read_as_scores() -> None:
    """Where a rating can be low at all: 2,700 null sessions with .8 or more expected, of 4; .003 standard error."""
    norms = fit_norms(sums_near_the_floor(200, 1))
    assert norms.scales[0].scored_person is not None
    null = sums_near_the_floor(600, 2)
    judged = pl.col("verdict") != "not enough data"
    ours, theirs = (rule(null, norms=norms).sessions.filter(judged) for rule in (detect, before))
    room = ours["expected"] >= 0.8
    assert 2300 < room.sum() < 3000
    assert (ours.filter(room)["p"] < 0.025).mean() == pytest.approx(0.025, abs=0.009)
    # the lowest totals lie closer together than scores do: read as they are, hardly one of them is low
    near = ours["expected"].is_between(0.8, 1.2)
    assert (theirs.filter(near)["p"] < 0.025).mean() < 0.014


def test_ratings_without_steps_get_no_table() -> None:
    norms = fit_norms(simulate(cases=60, sessions=8, seed=3, model=MODELS["unbounded"]).ratings)
    assert norms.scales[0].scored_person is None
