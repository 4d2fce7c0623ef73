"""How persons differ and move, against simulated truth; the error of measurement by hand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from goldseam import Norms, NormsError, PersonNorms, ScaleNorms, TableError, detect, fit_norms, simulate
from goldseam.norms.marginal_likelihood import marginal_log_likelihood, population_of, scale_step
from goldseam.norms.measurement_error import measurement_errors
from goldseam.series import load_series
from goldseam.simulate import MODELS, SimulationModel
from tests.core.ratings import one_series

RATERS = ("client", "therapist", "partner")
CALM = MODELS["unbounded"].without_episodes()


def person_of(model: SimulationModel, seed: int = 4, cases: int = 300) -> PersonNorms:
    norms = fit_norms(simulate(cases=cases, sessions=14, seed=seed, model=model).ratings)
    person = norms.scales[0].person
    assert person is not None
    return person


def test_fitting_finds_how_the_simulated_persons_differ_and_move() -> None:
    model = replace(MODELS["unbounded"], own_sd_log_sd=0.5, autocorrelation=0.5)
    person, span = person_of(model), model.maximum - model.minimum
    assert person.within_sd * span == pytest.approx(model.within_sd, rel=0.1)
    assert person.between_sd * span == pytest.approx(model.between_sd, rel=0.12)
    assert person.own_sd_log_sd == pytest.approx(0.5, abs=0.08)
    assert person.autocorrelation == pytest.approx(0.5, abs=0.08)
    assert person.drift_sd < 0.15
    assert person.step == 0


def test_fitting_tells_own_trends_from_drift() -> None:
    trend, drift = person_of(MODELS["trend"]), person_of(MODELS["drift"])
    assert trend.trend_sd * 100 == pytest.approx(MODELS["trend"].trend_sd, abs=0.15)
    assert trend.drift_sd < 0.15
    assert drift.drift_sd == pytest.approx(MODELS["drift"].drift_sd, abs=0.12)


def test_skewed_ratings_are_told_from_ruptures() -> None:
    """Own deviations of a gamma distribution turned round: skew -1; the share of so low ratings is counted."""
    random = np.random.default_rng(8)
    level, own = (
        50 + 8 * random.standard_normal((400, 1)),
        7 * np.exp(0.35 * random.standard_normal((400, 1))),
    )
    values = level - own * (random.gamma(4, 1, (400, 14)) - 4) / 2
    tables = [one_series(row.tolist(), low=None, case=f"{number:03}") for number, row in enumerate(values)]
    norms = fit_norms(pl.concat(tables[:200]))
    (entry,) = norms.scales
    assert entry.person is not None
    assert entry.person.error_skew < -0.15
    plain = replace(
        norms, scales=(replace(entry, person=replace(entry.person, error_shift=0.0, error_skew=0.0)),)
    )
    share = {}
    for name, given in (("fitted", norms), ("plain", plain)):
        rows = detect(pl.concat(tables[200:]), norms=given).sessions.filter(
            pl.col("verdict") != "not enough data"
        )
        share[name] = (rows["p"] < 0.025).mean()
    # 2,200 sessions: standard error about .004
    assert share["plain"] > 0.042
    assert share["fitted"] == pytest.approx(0.025, abs=0.012)


def test_what_the_end_of_the_scale_cuts_off_is_reckoned_with() -> None:
    """Half of the ratings are 10: their SD is far below the persons' own SD of .9."""
    model = replace(MODELS["items"], mean=9.9, trend=0.0)
    norms = fit_norms(simulate(cases=300, sessions=14, seed=5, model=model).ratings)
    (entry,) = norms.scales
    assert entry.person is not None
    assert entry.ceiling_share == pytest.approx(0.5, abs=0.05)
    assert entry.within_sd * 10 < 0.65
    assert entry.person.within_sd * 10 == pytest.approx(0.9, rel=0.12)
    assert entry.person.mean_course[0] * 10 == pytest.approx(9.9, abs=0.3)
    assert entry.person.step * 10 == pytest.approx(0.25)


def test_dips_and_lasting_falls_hardly_move_how_persons_differ() -> None:
    calm, disturbed = person_of(CALM), person_of(replace(CALM, episode_share=0.35))
    assert disturbed.within_sd == pytest.approx(calm.within_sd, rel=0.12)
    assert disturbed.own_sd_log_sd == pytest.approx(calm.own_sd_log_sd, abs=0.08)
    assert disturbed.autocorrelation == pytest.approx(calm.autocorrelation, abs=0.1)


def test_falls_that_stay_do_not_pass_for_drift() -> None:
    """Nobody's level drifts in these data."""
    model = replace(MODELS["items"], episode_share=0.35)
    person = fit_norms(simulate(cases=600, sessions=16, seed=3, model=model).ratings).scales[0].person
    assert person is not None
    assert person.drift_sd < 0.05


def test_the_likelihood_of_two_ratings_by_the_normal_distribution() -> None:
    """Everyone alike, no drift: two ratings are bivariate normal with variance 1 + 4 and covariance 1 + .5 x 4.

    Outliers and jumps are allowed for, with 4% between them; so the density is a little off the plain one.
    """
    person = PersonNorms((5.0,), 1.0, 2.0, own_sd_log_sd=0.0, autocorrelation=0.5, drift_sd=0.0)
    series = load_series(one_series([5.5, 4.8], low=None))
    plain = stats.multivariate_normal([5, 5], [[5, 3], [3, 5]]).logpdf([5.5, 4.8])
    assert marginal_log_likelihood(series, person) == pytest.approx(plain, abs=0.1)
    assert population_of(person, series).mean(np.array([2])).tolist() == [5.0]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([1, 2, 3, 5], 1.0),
        ([0.25, 1.0, 1.75, 9.25], 0.75),
        ([1 / 3, 1.0, 5 / 3], 2 / 3),
        ([3.0, 3.0], 0.0),
        ([1.0, 1.3, 2.05], 0.0),
    ],
)
def test_the_step_of_a_scale_is_the_least_distance_if_all_are_multiples_of_it(
    values: list[float], step: float
) -> None:
    assert scale_step(np.array(values)) == pytest.approx(step)


def test_norms_hold_the_step_that_the_ratings_state() -> None:
    """Ratings in halves of a scale from 0 to 10 whose step is said to be a quarter: .025 of the range."""
    halves = simulate(cases=60, sessions=6, seed=1).ratings.with_columns(
        pl.col("value").mul(2).round().truediv(2)
    )
    fitted = fit_norms(halves.with_columns(step=0.25))
    assert fitted.scales[0].assumed_person.step == pytest.approx(0.025)
    assert fit_norms(halves).scales[0].assumed_person.step == pytest.approx(0.05)


def test_too_many_different_ratings_have_no_step() -> None:
    assert scale_step(np.arange(251.0)) == 0


def test_persons_travel_with_the_norms_and_leave_no_trace_where_there_are_none() -> None:
    bare = ScaleNorms("*", (0.7,), 0.1, 0.1)
    full = replace(bare, person=PersonNorms((0.7, 0.71), 0.1, 0.1, step=0.025), ceiling_share=0.2)
    for entry in (bare, full):
        norms = Norms("n", "1", "share_of_range", (entry,), "By hand.", False)
        assert Norms.from_content(norms.content()) == norms
        assert ("person" in norms.content()["scales"][0]) == (entry is full)
    assumed = bare.assumed_person
    assert assumed == PersonNorms((0.7,), 0.1, 0.1, trend_sd=assumed.trend_sd)
    assert assumed.trend_sd == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"mean_course": ()}, "mean_course: impossible value"),
        ({"between_sd": 0.0}, "between_sd: impossible value"),
        ({"own_sd_log_sd": 2.1}, "own_sd_log_sd: .* from 0 to 2"),
        ({"autocorrelation": 1.0}, "autocorrelation: .* from 0 to 0.99"),
        ({"step": -1.0}, "step: .* a finite number from 0"),
    ],
)
def test_impossible_persons_are_refused_by_name(figures: dict[str, object], message: str) -> None:
    with pytest.raises(NormsError, match=message):
        replace(PersonNorms((5.0,), 1.0, 1.0), **figures)


def test_kinds_of_raters_have_norms_of_their_own_where_there_are_enough() -> None:
    """Therapists rate 2 points lower here; of the partners there are too few, so the entry for all serves them."""
    clients = simulate(cases=60, sessions=8, seed=6, model="items").ratings
    therapists = clients.with_columns(rater=pl.lit("therapist"), value=(pl.col("value") - 2).clip(0, 10))
    partners = clients.filter(pl.col("case") <= "0009").with_columns(rater=pl.lit("partner"))
    ratings = pl.concat([clients.with_columns(rater=pl.lit("client")), therapists, partners])
    norms = fit_norms(ratings, by_rater=True)
    assert [entry.rater for entry in norms.scales] == ["*", "client", "therapist"]
    level = {rater: norms.for_scale("alliance", None, rater).mean_course[0] for rater in RATERS}
    assert level["client"] - level["therapist"] == pytest.approx(0.2, abs=0.02)
    assert norms.for_scale("alliance", None, "partner").rater == "*"
    assert Norms.from_content(norms.content()) == norms
    assert [entry.rater for entry in fit_norms(ratings).scales] == ["*"]


def test_ratings_are_judged_by_the_norms_of_their_kind_of_rater() -> None:
    low, high = (ScaleNorms("*", (mean,), 0.1, 0.1, rater=rater) for mean, rater in ((0.3, "a"), (0.8, "*")))
    norms = Norms("n", "1", "share_of_range", (low, high), "By hand.", False)
    table = pl.concat(
        [one_series([5.0] * 4, low=0, high=10).with_columns(rater=pl.lit(r)) for r in ("a", "b")]
    )
    first = detect(table, norms=norms).sessions.filter(pl.col("session") == 1)
    assert first["expected"].to_list() == pytest.approx([3.0, 8.0], abs=0.1)


def items(rows: list[tuple[int, str, float | None]], **given: object) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["session", "item", "value"], orient="row")
    return table.with_columns(case=pl.lit("A"), rater=pl.lit("client"), scale=pl.lit("bond"), **given)


def test_the_error_of_measurement_by_hand() -> None:
    """Items (4, 6), (5, 5), (6, 7): residuals of the two-way table are +-1/6, +-5/6, -+2/3... summing squares to 7/6.

    Session means 5, 5, 6.5; item means 5, 6; grand mean 5.5. Residuals of item a: 4-5-5+5.5 = -.5, 5-5-5+5.5 = .5,
    6-6.5-5+5.5 = 0; of item b the same with the other sign. Squares sum to 1 over 2 x 1 degrees of freedom: variance
    .5, of the mean of two items .25, error .5.
    """
    rows = [(1, "a", 4.0), (1, "b", 6.0), (2, "a", 5.0), (2, "b", 5.0), (3, "a", 6.0), (3, "b", 7.0)]
    assert measurement_errors(items(rows)) == {("bond", "*"): pytest.approx(0.5)}
    unanswered = [*rows, (4, "a", 1.0), (4, "b", None)]
    assert measurement_errors(items(unanswered)) == {("bond", "*"): pytest.approx(0.5)}
    assert measurement_errors(items(rows, phase=pl.lit("pre"))) == {("bond", "pre"): pytest.approx(0.5)}


def test_one_item_has_no_error_to_see_and_a_missing_column_is_named() -> None:
    assert measurement_errors(items([(1, "a", 4.0), (2, "a", 5.0)])) == {}
    with pytest.raises(TableError, match="lacks a column; given 'item'"):
        measurement_errors(items([(1, "a", 4.0)]).drop("item"))


def test_the_error_of_measurement_reaches_the_norms_in_their_unit() -> None:
    ratings = simulate(cases=60, sessions=8, seed=3, model="items").ratings
    rows = [(1, "a", 4.0), (1, "b", 6.0), (2, "a", 5.0), (2, "b", 5.0), (3, "a", 6.0), (3, "b", 7.0)]
    answers = items(rows).with_columns(scale=pl.lit("alliance"))
    assert fit_norms(ratings, items=answers).scales[0].measurement_error == pytest.approx(0.05)
    assert fit_norms(ratings).scales[0].measurement_error is None


def test_how_many_dips_there_are_is_estimated_with_its_error() -> None:
    """Known truth: none ever begins, or one in 80% of the courses of 14 sessions, from the fifth session on."""
    calm, disturbed = (
        person_of(replace(CALM, episode_share=share, repaired_share=1.0)) for share in (0.0, 0.8)
    )
    assert calm.dips is not None
    assert disturbed.dips is not None
    assert calm.dips < 0.006
    assert disturbed.dips > 0.015
    assert disturbed.dips_log_sd is not None
    assert 0 < disturbed.dips_log_sd < 1


def test_falls_taken_as_falls_pull_neither_mean_course_nor_own_sd_down() -> None:
    """Nearly half of the series with an event: what is fitted lies nearer to what is true of all but these."""
    ratings = simulate(
        cases=250, sessions=14, seed=4, model=replace(MODELS["unbounded"], episode_share=0.45)
    ).ratings
    either_way, down = fit_norms(ratings), fit_norms(ratings, falls=True)
    before, after = either_way.scales[0].person, down.scales[0].person
    assert before is not None
    assert after is not None
    # true: .5 and .0028 more at each session; an own SD is .07
    true = 0.5 + 0.0028 * np.arange(9, 14)
    errors = [float(np.mean(each.mean_course[9:14] - true)) for each in (before, after)]
    assert errors[1] > errors[0] + 0.005
    assert 0.07 * 0.95 < after.within_sd < before.within_sd
    assert (after.dips or 0) > 1.2 * (before.dips or 0)
    assert down.provenance.endswith("Lasting changes of level were taken to be falls.")
