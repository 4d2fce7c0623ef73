"""Prevalence and repair beside chance: on simulated truths, and against scipy and hand calculations."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from goldseam import Norms, ParameterError, PersonNorms, ScaleNorms, TableNote, null_rate
from goldseam.operating import null_rates
from goldseam.operating.bootstrap import Bootstrap, Dips, rating_steps
from goldseam.operating.null_rate_records import (
    AssumedSensitivity,
    ChanceRate,
    excess_over,
    observed_share,
    rogan_gladen,
)
from goldseam.series import load_series
from goldseam.simulate import MODELS, simulate
from tests.core.ratings import one_series

ITEMS = MODELS["items"].without_episodes()
COURSE = tuple(ITEMS.mean + ITEMS.trend * session for session in range(40))
PERSON = PersonNorms(
    COURSE,
    ITEMS.between_sd,
    ITEMS.within_sd,
    ITEMS.own_sd_log_sd,
    ITEMS.autocorrelation,
    drift_sd=0.0,
    step=0.25,
)
TRUE_NORMS = Norms(
    name="true",
    version="1",
    unit="points",
    scales=(
        ScaleNorms("*", COURSE, ITEMS.between_sd, ITEMS.within_sd, minimum=0.0, maximum=10.0, person=PERSON),
    ),
    provenance="The simulated population's own figures.",
    empirical=False,
)


def unbounded(values: list[float | None], case: str = "A", rater: str = "client") -> pl.DataFrame:
    return one_series(values, low=None, high=None, case=case).with_columns(rater=pl.lit(rater))


def with_person(**figures: float) -> Norms:
    """Norms in points, mean 0, of people who differ and move as told and in nothing else."""
    person = PersonNorms(
        (0.0,), **({"own_sd_log_sd": 0.0, "autocorrelation": 0.0, "drift_sd": 0.0} | figures)
    )
    scale = ScaleNorms("*", (0.0,), person.between_sd, person.within_sd, person=person)
    return replace(TRUE_NORMS, scales=(scale,))


def drawn(table: pl.DataFrame, norms: Norms, count: int) -> np.ndarray:
    """Drawn tables, shape (count, ratings)."""
    bootstrap = Bootstrap.of(load_series(table), norms, higher_is_better=True, seed=3)
    return bootstrap.draw(range(count)).value.reshape(count, -1)


def test_an_observed_share_has_the_wilson_interval_of_scipy() -> None:
    for count, of in ((0, 12), (3, 20), (20, 150), (40, 40)):
        expected = stats.binomtest(count, of).proportion_ci(method="wilson")
        share = observed_share(count, of)
        assert (share.low, share.high) == (
            pytest.approx(expected.low, abs=1e-12),
            pytest.approx(expected.high),
        )
        assert share.value == count / of


def test_excess_and_correction_by_hand() -> None:
    """True .30, case sensitivity .50, null .125: one observes .26 (rounded), the excess is .1375, corrected .30-odd.

    .30 * .50 + .70 * .125 = .2375; (.2375 - .125) / (.5 - .125) = .30.
    """
    none = ChanceRate(0.125, 0.0, 0.1, 0.15)
    seen = observed_share(2375, 10_000)
    excess = excess_over(seen, none)
    assert excess.value == pytest.approx(0.1125)
    assert (excess.low, excess.high) == (pytest.approx(seen.low - 0.125), pytest.approx(seen.high - 0.125))
    fixed = rogan_gladen(excess, none, AssumedSensitivity(0.5, 0.0, None, ()))
    assert fixed is not None
    assert fixed.value == pytest.approx(0.30)
    assert fixed.low == pytest.approx(excess.low / 0.375)


def test_no_correction_without_a_sensitivity_above_chance() -> None:
    none = ChanceRate(0.125, 0.0, 0.1, 0.15)
    assert (
        rogan_gladen(excess_over(observed_share(3, 20), none), none, AssumedSensitivity(0.125, 0.0, None, ()))
        is None
    )


def test_monte_carlo_error_widens_the_interval_of_the_excess() -> None:
    """By hand: the half-width 1.96 * .02 joins the Wilson half-widths as the root of the sum of squares."""
    seen = observed_share(30, 100)
    excess = excess_over(seen, ChanceRate(0.1, 0.02, 0.0, 0.2))
    half = 1.959963984540054 * 0.02
    assert excess.low == pytest.approx(0.2 - np.hypot(0.3 - seen.low, half))
    assert excess.high == pytest.approx(0.2 + np.hypot(seen.high - 0.3, half))


def test_drawn_ratings_have_the_sessions_range_and_steps_of_the_table() -> None:
    table = one_series([7.0, None, 7.5, 8.25, 6.0, None, 9.5], low=0, high=10)
    series = load_series(table)
    bootstrap = Bootstrap.of(series, TRUE_NORMS, higher_is_better=True, seed=1)
    twice = bootstrap.draw((0, 1))
    assert twice.session.tolist() == [1, 3, 4, 5, 7] * 2
    assert (twice.n_series, twice.missed_series.tolist()) == (2, [0, 0, 1, 1])
    assert twice.minimum.tolist() == [0, 0]
    many = bootstrap.draw(range(200)).value
    assert many.min() >= 0
    assert many.max() <= 10
    assert np.array_equal(many * 4, np.round(many * 4))


def test_steps_are_read_off_the_ratings_and_not_invented() -> None:
    tables = [
        unbounded([1.0, 1.5, 3.0, 7.5]).with_columns(scale=pl.lit("halves")),
        unbounded([0.137, 4.26, 7.9, 2.0011]).with_columns(scale=pl.lit("line")),
        unbounded([5.0, 5.0, 6.0]).with_columns(scale=pl.lit("few")),
    ]
    series = load_series(pl.concat(tables))
    steps = dict(zip(series.keys["scale"], rating_steps(series, np.arange(3)), strict=True))
    assert steps == {"few": 0.0, "halves": 0.5, "line": 0.0}


def test_a_stated_step_goes_before_what_the_ratings_show() -> None:
    stated = unbounded([1.0, 2.0, 3.0, 7.0]).with_columns(
        minimum=pl.lit(0.0), maximum=pl.lit(10.0), step=pl.lit(0.5)
    )
    series = load_series(stated)
    assert rating_steps(series, np.zeros(1, np.int64)).tolist() == [0.5]
    norms = with_person(between_sd=1.0, within_sd=1.0)
    bootstrap = Bootstrap.of(series, norms, higher_is_better=True, seed=1)
    assert bootstrap.step.tolist() == [0.5]


def test_autocorrelation_reaches_over_gaps() -> None:
    """Sessions 1, 2, 4 with autocorrelation .8: correlations .8 and .8 squared; equal variances, no level."""
    norms = with_person(between_sd=1e-6, within_sd=2.0, autocorrelation=0.8)
    values = drawn(unbounded([1.0, 2.0, None, 1.5]), norms, 8_000)
    found = np.corrcoef(values.T)
    assert found[0, 1] == pytest.approx(0.8, abs=0.03)
    assert found[1, 2] == pytest.approx(0.64, abs=0.03)
    assert values.std(axis=0) == pytest.approx([2, 2, 2], abs=0.1)


def test_level_trend_drift_and_own_sds_are_those_of_the_norms() -> None:
    """Variances at sessions 1 and 9 by hand: level 9, trend 64 * .04, drift 8 * .25 * 4, deviations 4."""
    norms = with_person(between_sd=3.0, within_sd=2.0, trend_sd=0.2, drift_sd=0.5)
    values = drawn(unbounded([0.0, *[None] * 7, 1.0]), norms, 20_000)
    assert values[:, 0].var() == pytest.approx(9 + 4, rel=0.05)
    assert values[:, 1].var() == pytest.approx(9 + 64 * 0.04 + 8 * 0.25 * 4 + 4, rel=0.05)


def test_own_sds_have_the_root_mean_square_of_the_norms() -> None:
    norms = with_person(between_sd=1e-6, within_sd=2.0, own_sd_log_sd=0.5)
    values = drawn(unbounded([0.0] * 12), norms, 6_000)
    own = values.std(axis=1, ddof=1)
    assert (own**2).mean() == pytest.approx(4, rel=0.06)
    # log-SD .5, and what twelve ratings add: the variance of log chi-squared with 11 df, by 4, is trigamma(5.5) / 4
    assert np.log(own).var() == pytest.approx(0.25 + 0.1996 / 4, rel=0.1)


def test_a_dip_is_of_the_depth_and_length_asked_for_and_in_one_series_of_a_case() -> None:
    """The same random numbers with and without the dip: the difference is the dip alone."""
    tables = [unbounded([0.0] * 9, rater=rater) for rater in ("client", "partner")]
    series = load_series(pl.concat(tables))
    norms = with_person(between_sd=1.0, within_sd=2.0)
    bootstrap = Bootstrap.of(series, norms, higher_is_better=True, seed=2)
    chosen = np.array([0, 0])
    with_dip = bootstrap.draw(range(300), Dips(2.5, (2,)), chosen).value.reshape(300, 2, 9)
    fall = bootstrap.draw(range(300)).value.reshape(300, 2, 9) - with_dip
    assert np.unique(np.round(fall, 4)).tolist() == [0.0, 5.0]
    assert (fall.any(axis=2).sum(axis=1) == 1).all()
    onset = fall.any(axis=1).argmax(axis=1) + 1
    assert set(onset) == {5, 6, 7, 8, 9}
    assert ((fall > 0).sum(axis=(1, 2)) == np.where(onset == 9, 1, 2)).all()


def test_the_null_is_the_rate_of_the_simulator() -> None:
    """Two independent programs, one population: cases flagged by `own-mean` in 12 sessions without events."""
    table = simulate(cases=4_000, sessions=12, seed=11, model=ITEMS).ratings
    rates = null_rate(table, criterion="own-mean", norms=TRUE_NORMS, replications=4, sensitivity=1.0)
    assert rates.prevalence is not None
    assert rates.chance_prevalence is not None
    error = np.sqrt(rates.prevalence.value * (1 - rates.prevalence.value) / rates.prevalence.of)
    assert abs(rates.prevalence.value - rates.chance_prevalence.value) < 4 * error * np.sqrt(1 + 1 / 4)
    assert rates.repair is not None
    assert rates.chance_repair is not None
    assert abs(rates.repair.value - rates.chance_repair.value) < 4 * np.sqrt(0.25 / rates.repair.of)


def test_where_nothing_is_wrong_the_prevalence_lies_within_the_interval_of_chance() -> None:
    """24 event-free tables of 50 cases; of a binomial with .95, fewer than 19 would come once in 1,000 times."""
    inside = 0
    for seed in range(24):
        table = simulate(cases=50, sessions=10, seed=1_000 + seed, model=ITEMS).ratings
        rates = null_rate(table, criterion="own-mean", norms=TRUE_NORMS, replications=200, sensitivity=1.0)
        assert rates.prevalence is not None
        assert rates.chance_prevalence is not None
        inside += rates.chance_prevalence.low <= rates.prevalence.value <= rates.chance_prevalence.high
    assert inside >= 19


@pytest.mark.parametrize("criterion", ["own-mean", "previous-drop"])
def test_the_corrected_estimate_gives_the_true_prevalence_back(criterion: str) -> None:
    """A quarter or less is seen by the rule; 30% of 3,000 cases have a dip of 2.5 SD: within four errors of .30."""
    model = replace(ITEMS.with_dips(depth_sd=2.5, duration=1), durations=(1, 2), episode_share=0.3)
    made = simulate(cases=3_000, sessions=12, seed=41, model=model)
    truth = made.truth.height / 3_000
    rates = null_rate(made.ratings, criterion=criterion, norms=TRUE_NORMS, replications=30)
    assert rates.excess is not None
    assert rates.corrected_prevalence is not None
    error = (rates.corrected_prevalence.high - rates.corrected_prevalence.low) / (2 * 1.96)
    assert abs(rates.corrected_prevalence.value - truth) < 4 * error
    assert rates.excess.low > 0
    assert rates.excess.value < truth


def toy(*courses: tuple[str, str, list[float | None]]) -> pl.DataFrame:
    ranged = {"minimum": pl.lit(0.0), "maximum": pl.lit(10.0)}
    return pl.concat(
        [unbounded(values, case, rater).with_columns(**ranged) for case, rater, values in courses]
    )


def test_cases_are_counted_once_and_short_series_not_at_all() -> None:
    """By hand, `low-level` below 5: A is flagged twice (one case), B in a series too short to count, C never."""
    low, high = [8.0, 4.0, 8.0, 8.0, 8.0, 8.0], [8.0] * 6
    table = toy(
        ("A", "client", low), ("A", "partner", low), ("B", "client", high), ("B", "partner", [4.0] * 5),
        ("C", "client", high), ("D", "client", [4.0, None, 4.0, 4.0, 4.0, 4.0]),
    )  # fmt: skip
    rates = null_rate(table, criterion="low-level", replications=2, sensitivity=1.0)
    assert (rates.cases, rates.series, rates.cases_counted) == (4, 6, 3)
    assert rates.prevalence is not None
    assert (rates.prevalence.count, rates.prevalence.of) == (1, 3)
    assert rates.repair is None
    assert rates.chance_repair is None


def test_repairs_are_counted_over_events() -> None:
    """`previous-drop` of 3 points or more: back at once in A (repaired), never in B, and twice in C."""
    table = toy(
        ("A", "client", [8.0, 8.0, 8.0, 4.0, 8.0, 8.0, 8.0]),
        ("B", "client", [8.0, 8.0, 8.0, 4.0, 4.0, 4.0, 4.0]),
        ("C", "client", [8.0, 8.0, 8.0, 4.0, 8.0, 8.0, 4.0, 8.0, 8.0]),
    )
    rates = null_rate(table, criterion="previous-drop", points=3.0, replications=5, sensitivity=1.0)
    assert rates.prevalence is not None
    assert rates.repair is not None
    assert rates.prevalence.count == 3
    assert (rates.repair.count, rates.repair.of) == (3, 4)


def test_too_short_a_table_is_not_enough_data() -> None:
    rates = null_rate(toy(("A", "client", [8.0] * 5)), criterion="own-mean")
    assert (rates.outcome, rates.cases, rates.cases_counted) == ("not enough data", 1, 0)
    assert rates.prevalence is None
    assert rates.chance_prevalence is None


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return simulate(cases=40, sessions=9, seed=2).ratings


def test_the_result_depends_neither_on_the_order_of_rows_nor_on_how_many_are_drawn_at_once(
    table: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = null_rate(table, criterion="previous-drop", replications=7, seed=9)
    assert null_rate(table.reverse(), criterion="previous-drop", replications=7, seed=9) == whole
    monkeypatch.setattr(null_rates, "RATINGS_AT_ONCE", 700)
    assert null_rate(table, criterion="previous-drop", replications=7, seed=9) == whole


def test_another_seed_draws_another_null(table: pl.DataFrame) -> None:
    one, two = (null_rate(table, criterion="own-mean", replications=9, seed=seed) for seed in (1, 2))
    assert one.prevalence == two.prevalence
    assert one.chance_prevalence != two.chance_prevalence


def test_a_reversed_scale_gives_the_same(table: pl.DataFrame) -> None:
    """Ratings and norms turned round, in steps that both directions share."""
    turned = table.with_columns(value=10 - pl.col("value"))
    one = null_rate(table, criterion="previous-drop", replications=5)
    two = null_rate(turned, criterion="previous-drop", replications=5, higher_is_better=False)
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replications": 1}, "replications.*given 1.*2 or more"),
        ({"seed": -1}, "seed.*given -1"),
        ({"sensitivity": 0.0}, "sensitivity.*given 0.0"),
        ({"depth_sd": 0.0}, "depth_sd.*given 0.0"),
        ({"durations": ()}, "durations.*given"),
        ({"fewest_ratings": 0}, "fewest_ratings.*given 0"),
        ({"criterion": "guess"}, "guess"),
        ({"sds": "many"}, "sds.*many"),
    ],
)
def test_bad_arguments_are_named(table: pl.DataFrame, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        null_rate(table, **({"criterion": "own-mean"} | arguments))


def test_one_rating_is_enough_where_it_is_asked_for(table: pl.DataFrame) -> None:
    assert null_rate(table, criterion="own-mean", fewest_ratings=1, replications=2) is not None


def test_norms_that_need_a_range_take_one_from_the_ratings_and_say_so() -> None:
    with pytest.warns(TableNote, match="taken 1 to 6 for scale alliance"):
        null_rate(unbounded([5.0, 6.0, 5.5, 5.0, 6.0, 5.0]), criterion="own-mean", replications=5)


def test_evidence_that_chance_cannot_draw_is_refused() -> None:
    bare = simulate(cases=30, sessions=9, seed=1).ratings
    told = bare.with_columns(tension=pl.lit(0.0), late=pl.lit(1.0))
    with pytest.raises(
        ParameterError, match=r"fused reads more than ratings, .*; given 'late, tension'; allowed: a table"
    ):
        null_rate(told, criterion="fused", replications=20)
    # a column in which nothing is known is absent
    empty = bare.with_columns(tension=pl.lit(None, dtype=pl.Float64))
    alone = null_rate(empty, criterion="fused", replications=20)
    assert alone.prevalence == null_rate(told, criterion="predictive", replications=20).prevalence
