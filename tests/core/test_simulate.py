"""Simulated truth, checked against formulas, hand calculations and a plain-Python second implementation."""

import math
import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.exceptions import ParameterError
from goldseam.simulate import MODELS, SimulationModel, items_for_score, simulate, simulate_series

_KEYS = ["case", "rater", "scale"]


def _matrix(ratings: pl.DataFrame, sessions: int) -> np.ndarray:
    return ratings["value"].fill_null(float("nan")).to_numpy().reshape(-1, sessions)


def _stream(seed: int, key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key,))))


def _plain_series(model: SimulationModel, sessions: int, seed: int) -> list[float | None]:
    """The formulas of the model's docstring for the first series, one number at a time."""
    level = model.mean + model.between_sd * float(_stream(seed, 0).standard_normal())
    h = model.own_sd_log_sd
    own_sd = model.within_sd * math.exp(h * float(_stream(seed, 1).standard_normal()) - h * h)
    slope = model.trend + model.trend_sd * float(_stream(seed, 2).standard_normal())
    shocks, tails, steps, gaps = (_stream(seed, key) for key in (3, 4, 5, 6))
    values: list[float | None] = []
    previous = walk = 0.0
    for t in range(sessions):
        u = float(shocks.standard_normal())
        if model.tail_df:
            u *= math.sqrt((model.tail_df - 2) / float(tails.chisquare(model.tail_df)))
        previous = u if t == 0 else _next_deviation(model.autocorrelation, previous, u)
        step = float(steps.standard_normal())
        walk += model.drift_sd * step if t else 0.0
        latent = level + slope * t + own_sd * (previous + walk)
        if model.step:
            latent = model.minimum + model.step * round((latent - model.minimum) / model.step)
        rated = float(gaps.random()) >= model.missing_share
        values.append(min(max(latent, model.minimum), model.maximum) if rated else None)
    return values


def _next_deviation(phi: float, previous: float, shock: float) -> float:
    return phi * previous + math.sqrt(1 - phi * phi) * shock


@pytest.mark.parametrize("kind", sorted(MODELS))
@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1])
def test_the_first_series_is_the_model_written_out_in_plain_python(kind: str, seed: int) -> None:
    model = MODELS[kind].without_episodes()
    table = simulate(cases=3, sessions=12, seed=seed, model=model).ratings
    expected = _plain_series(model, 12, seed)
    got = table["value"].to_list()[:12]
    assert [value is None for value in got] == [value is None for value in expected]
    assert [v for v in got if v is not None] == pytest.approx(
        [v for v in expected if v is not None], abs=1e-6
    )


def test_the_same_seed_gives_the_same_table_in_another_process() -> None:
    code = (
        "from goldseam.simulate import simulate\n"
        "s = simulate(cases=40, sessions=9, seed=5)\n"
        "print(s.ratings.write_csv() + s.truth.write_csv() + s.people.write_csv())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = simulate(cases=40, sessions=9, seed=5)
    tables = (here.ratings, here.truth, here.people)
    assert other == "".join(table.write_csv() for table in tables) + "\n"


def test_another_seed_gives_other_ratings() -> None:
    one, two = (simulate(cases=5, sessions=5, seed=seed).ratings["value"] for seed in (1, 2))
    assert one.to_list() != two.to_list()


def test_the_first_cases_stay_the_same_when_more_are_asked_for() -> None:
    few, many = (simulate(cases=cases, sessions=10, seed=3) for cases in (20, 200))
    assert many.ratings[:200].equals(few.ratings)
    assert many.people[:20].equals(few.people)
    assert many.truth.filter(pl.col("case").is_in(few.people["case"].implode())).equals(few.truth)


def test_more_missing_ratings_change_no_other_rating() -> None:
    full = simulate(cases=50, sessions=10, seed=4, model=replace(MODELS["items"], missing_share=0.0)).ratings
    holes = simulate(cases=50, sessions=10, seed=4, model=replace(MODELS["items"], missing_share=0.5)).ratings
    rated = holes["value"].is_not_null()
    assert holes.filter(rated).equals(full.filter(rated))


def test_columns_and_types() -> None:
    simulation = simulate(
        cases=2, sessions=3, seed=1, raters=("a", "b"), scale="bond", start=date(2026, 1, 5)
    )
    assert dict(simulation.ratings.schema) == {
        "case": pl.String,
        "rater": pl.String,
        "scale": pl.String,
        "session": pl.Int64,
        "value": pl.Float64,
        "minimum": pl.Float64,
        "maximum": pl.Float64,
        "date": pl.Date,
    }
    assert simulation.truth.columns == [
        *_KEYS,
        *("onset_session", "depth_sd", "depth", "duration", "repaired", "repair_session", "kind", "recovery"),
    ]
    assert simulation.ratings["rater"].to_list() == (["a"] * 3 + ["b"] * 3) * 2
    assert simulation.ratings["date"].to_list()[:3] == [
        date(2026, 1, 5),
        date(2026, 1, 12),
        date(2026, 1, 19),
    ]


def test_scores_lie_on_the_grid_of_four_whole_number_items() -> None:
    ratings = simulate(cases=500, sessions=12, seed=8, model="items").ratings
    values = ratings["value"].drop_nulls().to_numpy()
    assert np.all(values * 4 == np.round(values * 4))
    assert values.min() >= 0
    assert values.max() <= 10


def test_a_quarter_of_the_ceiling_kind_is_at_the_maximum() -> None:
    ratings = simulate(cases=10_000, sessions=16, seed=9, model=MODELS["ceiling"].without_episodes()).ratings
    share = (ratings["value"].drop_nulls() == 10).mean()
    assert share == pytest.approx(0.25, abs=0.01)


def test_population_moments_are_those_stated() -> None:
    """Between SD 8.573, root mean square own SD 7, lag-1 correlation .2, 10% missing: the model's parameters.

    Tolerances are above four standard errors for 20,000 series of 10.
    """
    model = replace(MODELS["unbounded"], trend=0.0, own_sd_log_sd=0.2).without_episodes()
    simulation = simulate(cases=20_000, sessions=10, seed=10, model=model)
    values = _matrix(simulation.ratings, 10)
    mean, sd = (simulation.people[column].to_numpy() for column in ("mean", "sd"))
    deviation = (values - mean[:, None]) / sd[:, None]
    assert mean.std() == pytest.approx(8.573, rel=0.02)
    assert math.sqrt(np.mean(sd**2)) == pytest.approx(7, rel=0.01)
    assert np.nanstd(deviation) == pytest.approx(1, rel=0.01)
    assert np.nanmean(deviation[:, 1:] * deviation[:, :-1]) == pytest.approx(0.2, abs=0.015)
    assert np.isnan(values).mean() == pytest.approx(0.1, abs=0.005)


def test_heavy_tails_have_unit_variance_and_more_far_values_than_the_normal() -> None:
    """Student t, 5 df, times sqrt(3/5): P(|x| > 4) = .0036, both tails beyond 5.164 (scipy.stats.t)."""
    model = replace(
        MODELS["unbounded"], tail_df=5, own_sd_log_sd=0.0, autocorrelation=0.0, trend=0.0, within_sd=2.0
    ).without_episodes()
    simulation = simulate(cases=20_000, sessions=10, seed=11, model=model)
    deviation = (_matrix(simulation.ratings, 10) - simulation.people["mean"].to_numpy()[:, None]) / 2.0
    assert np.nanstd(deviation) == pytest.approx(1, abs=0.02)
    far = np.mean(np.abs(deviation[~np.isnan(deviation)]) > 4)
    assert far == pytest.approx(0.0036, abs=0.0006)


def test_drift_adds_one_step_of_variance_per_session() -> None:
    """Var(level_t) = drift_sd**2 * (t - 1) own variances, beside the unit variance of the deviations."""
    model = replace(
        MODELS["unbounded"], drift_sd=0.5, own_sd_log_sd=0.0, within_sd=3.0, trend=0.0, missing_share=0.0
    ).without_episodes()
    simulation = simulate(cases=20_000, sessions=9, seed=12, model=model)
    deviation = (_matrix(simulation.ratings, 9) - simulation.people["mean"].to_numpy()[:, None]) / 3.0
    assert np.var(deviation, axis=0) == pytest.approx(1 + 0.25 * np.arange(9), rel=0.06)


def test_an_episode_lowers_the_same_series_by_its_depth_and_nothing_else() -> None:
    """The event-free twin (same seed) is the reference: streams are separate, so only the dip differs."""
    model = replace(
        MODELS["unbounded"], minimum=-1000.0, missing_share=0.0, episode_share=1.0, erosion_share=0.4
    )
    with_episode = simulate(cases=300, sessions=14, seed=13, model=model)
    twin = simulate(cases=300, sessions=14, seed=13, model=model.without_episodes())
    fall = _matrix(twin.ratings, 14) - _matrix(with_episode.ratings, 14)
    for row, event in zip(fall, with_episode.truth.iter_rows(named=True), strict=True):
        onset, depth = event["onset_session"], event["depth"]
        assert np.all(row[: onset - 1] == 0)
        end = event["repair_session"] or 15
        assert event["duration"] == end - onset
        if event["kind"] == "erosion":
            expected = depth * np.minimum(np.arange(1, 16 - onset) / 6, 1)
            assert row[onset - 1 :] == pytest.approx(expected, abs=1e-5)
        elif event["kind"] == "level_shift":
            assert row[onset - 1 :] == pytest.approx(depth, abs=1e-5)
        else:
            assert row[onset - 1] == pytest.approx(depth, abs=1e-5)
            assert np.all(row[onset - 1 : end - 1] > 0.25 * depth)
            assert np.all(row[end - 1 :] <= 0.25 * depth + 1e-5)
    assert set(with_episode.truth["kind"]) == {"dip", "level_shift", "erosion"}
    assert set(with_episode.truth["recovery"]) == {"abrupt", "gradual", "none"}


def test_depth_is_in_the_persons_own_sd() -> None:
    simulation = simulate(cases=200, sessions=10, seed=14)
    joined = simulation.truth.join(simulation.people, on=_KEYS)
    assert joined["depth"].to_numpy() == pytest.approx((joined["depth_sd"] * joined["sd"]).to_numpy())
    assert joined["depth_sd"].is_between(2, 3).all()


def test_shares_of_episodes_are_those_stated() -> None:
    """35% of 20,000 series, 10% of these erosions, 80% of the others repairable: binomial, 4 SE tolerance."""
    truth = simulate(cases=20_000, sessions=30, seed=15, model="items").truth
    assert truth.height / 20_000 == pytest.approx(0.35, abs=0.014)
    assert (truth["kind"] == "erosion").mean() == pytest.approx(0.10, abs=0.015)
    others = truth.filter(pl.col("kind") != "erosion")
    assert (others["kind"] == "dip").mean() == pytest.approx(0.80, abs=0.021)
    assert truth["onset_session"].min() == 5
    assert truth["onset_session"].max() == 30


def test_series_too_short_for_an_episode_have_none() -> None:
    simulation = simulate(cases=50, sessions=4, seed=16)
    assert simulation.truth.height == 0
    assert simulation.ratings.height == 200


def test_a_dip_that_the_series_does_not_outlive_is_not_repaired() -> None:
    truth = simulate(
        cases=400, sessions=6, seed=17, model=MODELS["items"].with_dips(depth_sd=2, duration=2)
    ).truth
    ends = {(5, True): 0, (6, False): 0, (5, False): 0}
    for onset, repaired, session in truth.select("onset_session", "repaired", "repair_session").iter_rows():
        ends[(onset, repaired)] = ends.get((onset, repaired), 0) + 1
        assert not repaired
        assert session is None
    assert ends[(5, False)] > 0
    assert ends[(6, False)] > 0


def test_one_series_has_its_dip_where_it_is_wanted() -> None:
    model = replace(MODELS["unbounded"], missing_share=0.0)
    calm = simulate_series(sessions=12, seed=18, model=model, mean=60, sd=4)
    dip = simulate_series(
        sessions=12, seed=18, model=model, mean=60, sd=4, onset_session=7, depth_sd=3, duration=2
    )
    lasting = simulate_series(
        sessions=12, seed=18, model=model, mean=60, sd=4, onset_session=7, depth_sd=3, duration=None
    )
    fall = np.subtract(calm.values, dip.values)
    assert fall == pytest.approx([0] * 6 + [12, 12] + [0] * 4, abs=1e-5)
    assert (dip.onset_session, dip.repair_session, dip.depth) == (7, 9, 12)
    assert np.subtract(calm.values, lasting.values) == pytest.approx([0] * 6 + [12] * 6, abs=1e-5)
    assert lasting.repair_session is None
    assert (calm.onset_session, calm.depth) == (None, 0)


def test_a_gradual_recovery_climbs_in_equal_steps() -> None:
    """Depth 12 over 3 sessions: 12, then 9, 6, 3, then 0; three quarters regained where 3 are left."""
    model = replace(MODELS["unbounded"], missing_share=0.0)
    calm = simulate_series(sessions=9, seed=19, model=model, sd=4)
    dip = simulate_series(
        sessions=9, seed=19, model=model, sd=4, onset_session=4, depth_sd=3, recovery_sessions=3
    )
    assert np.subtract(calm.values, dip.values) == pytest.approx([0, 0, 0, 12, 9, 6, 3, 0, 0], abs=1e-5)
    assert dip.repair_session == 7


def test_a_longer_series_begins_with_the_shorter_one() -> None:
    short, long = (simulate_series(sessions=sessions, seed=20).values for sessions in (6, 15))
    assert long[:6] == short


@given(total=st.integers(0, 40), seed=st.integers(0, 2**63 - 1))
def test_items_have_exactly_the_mean_asked_for(total: int, seed: int) -> None:
    answers = items_for_score(total / 4, seed=seed)
    assert sum(answers) == total
    assert all(0 <= answer <= 10 for answer in answers)
    assert answers == items_for_score(total / 4, seed=seed)


@pytest.mark.parametrize("score", [-0.25, 10.25, 7.3])
def test_a_score_no_answers_can_give_is_refused(score: float) -> None:
    with pytest.raises(ParameterError, match=r"score.*given .*allowed: 0 to 10 in steps of 1/4"):
        items_for_score(score, seed=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cases": 0}, "cases.*given 0"),
        ({"sessions": True}, "sessions.*given True"),
        ({"sessions": 2.0}, "sessions.*given 2.0"),
        ({"seed": -1}, "seed.*given -1"),
        ({"model": "rough"}, "model.*given 'rough'.*items"),
        ({"raters": "client"}, "raters.*given 'client'"),
        ({"raters": ("a", "a")}, "raters"),
        ({"raters": ()}, "raters"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        simulate(**({"cases": 1, "sessions": 4, "seed": 1} | arguments))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("missing_share", 1.1),
        ("within_sd", 0.0),
        ("between_sd", -1.0),
        ("mean", math.nan),
        ("maximum", -1.0),
        ("step", 0.0),
        ("autocorrelation", 1.0),
        ("tail_df", 2),
        ("depth_sd", (3.0, 2.0)),
        ("durations", ()),
        ("durations", (0,)),
        ("earliest_onset", 0),
    ],
)
def test_impossible_models_are_refused(field: str, value: object) -> None:
    with pytest.raises(ParameterError, match=field):
        replace(SimulationModel(), **{field: value})


@pytest.mark.parametrize(("sessions", "some"), [(4, False), (5, True)])
def test_a_course_that_ends_at_the_earliest_onset_has_one_place_for_it(sessions: int, some: bool) -> None:
    model = SimulationModel(episode_share=1.0, earliest_onset=5)
    assert (simulate(cases=20, sessions=sessions, seed=1, model=model).truth.height > 0) is some


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("onset_session", 0),
        ("onset_session", 9),
        ("depth_sd", -1),
        ("duration", 0),
        ("recovery_sessions", -1),
    ],
)
def test_impossible_dips_are_refused(field: str, value: float) -> None:
    arguments = {"sessions": 8, "seed": 1, "onset_session": 5} | {field: value}
    with pytest.raises(ParameterError, match=field):
        simulate_series(**arguments)


def test_an_own_sd_must_be_positive() -> None:
    with pytest.raises(ParameterError, match="sd"):
        simulate_series(sessions=5, seed=1, sd=0)
