"""A study without bootstrap draws: linearised errors by hand and beside the bootstrap, chance from some cases."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam.cohort import chance_sample
from goldseam.cohort.chance_model import ChanceModel, counted_draws
from goldseam.cohort.chance_sample import ChanceSample, cases_of, counted_without_draws, fewer_cases
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.episode_courses import _median_interval
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.simulate import MODELS, simulate


@pytest.fixture(autouse=True)
def fewer_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance_sample, "RATINGS_DRAWN", 40_000)


def ratings_of(cases: int, sessions: int = 8, seed: int = 3) -> pl.DataFrame:
    return simulate(
        cases=cases, sessions=sessions, seed=seed, model=MODELS["items"].without_episodes()
    ).ratings


@pytest.fixture(scope="module")
def lengths_two() -> Cohort:
    """Cases of 8 and of 20 sessions, in turn: the longer ones are flagged more often by chance."""
    long = ratings_of(200, 20, seed=4).with_columns(case=pl.format("c{}b", "case"))
    short = ratings_of(200, 8, seed=5).with_columns(case=pl.format("c{}a", "case"))
    return read_cohort(pl.concat([short, long]))


@pytest.fixture(scope="module")
def prepared(lengths_two: Cohort) -> tuple[EpisodeCounter, ChanceModel]:
    counter = EpisodeCounter.prepared(lengths_two, chosen_criteria("own-mean", None, ()))
    return counter, ChanceModel.fitted(lengths_two, seed=2, fast=True)


def own(counter: EpisodeCounter, model: ChanceModel) -> pl.DataFrame:
    return counter.judged(counter.criteria[0], counter.cohort.series, model.norms)


def test_the_error_of_a_share_is_that_of_as_many_cases() -> None:
    """By hand: the variance of the share of n cases is p (1 - p) / (n - 1), n / (n - 1) times that of Bernoulli."""
    flagged = np.array([[1.0], [0.0], [0.0], [1.0], [1.0]])
    parts = chance_sample._linear_parts(flagged, np.ones((5, 1)))
    assert chance_sample._products(parts, parts)[0] == pytest.approx(0.6 * 0.4 / 4)


def test_pairs_have_exactly_the_errors_and_the_covariance_asked_for() -> None:
    first, covariance, second = np.array([0.04]), np.array([0.01]), np.array([0.09])
    (a,), (b, c) = chance_sample._spread(first, covariance, second)
    pairs = chance_sample._pairs(1)
    drawn = np.stack([pairs[:, 0] * a[0], pairs[:, 0] * b[0] + pairs[:, 1] * c[0]])
    assert np.cov(drawn) == pytest.approx(np.array([[0.04, 0.01], [0.01, 0.09]]))


def test_intervals_are_those_of_drawing_cases_with_norms_held(
    prepared: tuple[EpisodeCounter, ChanceModel],
) -> None:
    """The bootstrap of the same tables: of 400 draws the SDs have an error of 3.5%; here chance has fewer tables."""
    counter, model = prepared
    some = replace(model, seed=7)
    drawn = counted_draws(counter, some, 400)
    without = counted_without_draws(counter, some, ChanceSample(counter, some), own(counter, some))
    for place in range(4):
        for kind in ("observed", "excess"):
            one, other = (each.interval(counter.of, kind, place) for each in (drawn, without))
            assert other[2] - other[1] == pytest.approx(one[2] - one[1], rel=0.15)
            assert abs(other[0] - one[0]) < 0.15 * (one[2] - one[1])


def test_chance_of_some_cases_is_that_of_all(prepared: tuple[EpisodeCounter, ChanceModel]) -> None:
    """Drawn for a third of the cases, by length: as drawn for all of them within four errors, also by length."""
    counter, model = prepared
    sample = ChanceSample.of(counter, model, 1_500)
    assert 100 < sample.model.cohort.n_cases < 200
    few, again = (counted_without_draws(counter, model, sample, own(counter, model)) for _ in range(2))
    assert np.array_equal(few.chance_draws, again.chance_draws)
    everyone = counted_without_draws(counter, model, ChanceSample(counter, model), own(counter, model))
    assert (few.cases_drawn, everyone.cases_drawn) == (sample.model.cohort.n_cases, 400)
    long = np.bincount(counter.cohort.case, counter.cohort.series.lengths) > 10
    for group in (long, ~long):
        shares = [each.chance[group, 0].mean() for each in (few, everyone)]
        assert shares[0] == pytest.approx(shares[1], abs=0.04)
    assert everyone.chance[long, 0].mean() > everyone.chance[~long, 0].mean() + 0.05
    error = few.chance_draws.std(axis=0, ddof=1)
    total = counter.of.sum(axis=0)
    assert (np.abs(few.chance.sum(axis=0) - everyone.chance.sum(axis=0)) / total < 4 * error).all()


def test_cases_are_taken_whole_and_evenly(lengths_two: Cohort) -> None:
    some = fewer_cases(lengths_two, 1_000)
    assert some.rated == len(some.series.value) == pytest.approx(1_000, rel=0.15)
    names = some.cases.get_column("case").to_list()
    known = lengths_two.cases.get_column("case").to_list()
    assert [names[0], names[-1]] == [known[0], known[-1]]
    one = cases_of(lengths_two, np.array([known.index(names[1])]))
    assert one.series.keys.get_column("case").to_list() == [names[1]]
    assert fewer_cases(lengths_two, 10**6) is lengths_two


def test_a_group_that_the_sample_lacks_has_no_figure_by_chance(
    prepared: tuple[EpisodeCounter, ChanceModel],
) -> None:
    """Two couples among three hundred: as their group is refused anyhow, nothing is made up for them."""
    ratings = ratings_of(300)
    names = ratings.get_column("case").unique().sort()
    cases = pl.DataFrame(
        {"case": names, "modality": ["individual"] * 155 + ["couple"] * 2 + ["individual"] * 143}
    )
    cohort = read_cohort(ratings, cases)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("own-mean", None, ()))
    model = replace(prepared[1], cohort=cohort)
    sample = ChanceSample.of(counter, model, 200)
    assert "couple" not in {each.group for each in sample.counter.shares}
    counts = counted_without_draws(counter, model, sample, own(counter, model))
    place = [each.group for each in counter.shares].index("couple")
    assert np.isnan(counts.chance[:, place]).all()
    assert not np.isnan(np.delete(counts.chance, place, axis=1)).any()


def test_a_study_without_draws_says_so_and_refuses_what_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MOST_RATINGS", 800), ("MOST_UNSEEN", 1_000), ("MOST_RELATED", 1_500)):
        monkeypatch.setattr(chance_sample, name, most)
    monkeypatch.setattr("goldseam.cohort.whole_study.MOST_RELATED", 1_500)
    monkeypatch.setattr("goldseam.cohort.dropout_after_flag.MOST_UNSEEN", 1_000)
    ratings = simulate(cases=300, sessions=10, seed=6).ratings
    random, names = np.random.default_rng(5), ratings.get_column("case").unique().sort()
    cases = pl.DataFrame(
        {
            "case": names,
            "therapist": [f"T{number:02d}" for number in random.integers(1, 31, 300)],
            "ending": random.choice(["planned", "dropout"], 300),
        }
    )
    outcomes = pl.DataFrame({"case": names, "after": random.standard_normal(300)})
    one = goldseam.study(ratings, cases, outcomes=outcomes, criterion="own-mean", others=(), draws=0)
    answers = {each.name: each for each in one.answers}
    assert "none were asked for (draws=0)" in answers["flag-effect"].sentence
    assert answers["repair-effect"].refused
    assert "intervals are linearised (Taylor)" in " ".join(answers["prevalence"].notes)
    assert "norms held fixed, so the intervals are too narrow" in answers["prevalence"].sentence
    assert "It is of 110 cases, evenly spaced" in " ".join(answers["dropout"].notes)
    assert "of 166 cases, evenly spaced" in " ".join(answers["one-with-many"].notes)
    assert one.settings["cases_in_tables_by_chance"] == 88
    assert one.settings["norms_in_draws"] == "held fixed"


def test_the_interval_of_a_median_is_about_that_of_resampled_cases() -> None:
    """Episodes of 400 cases, three each, alike within a case: 400 resamples, whose ends have an error of a tenth."""
    random = np.random.default_rng(8)
    case = np.repeat(np.arange(400), 3)
    value = random.exponential(2.0, 400)[case] + random.exponential(0.5, 1200)
    resampled = _median_interval(value, case, np.random.default_rng(9))
    inverted = _median_interval(value, case, None)
    assert inverted[1] - inverted[0] == pytest.approx(resampled[1] - resampled[0], rel=0.2)
    assert inverted[0] < np.median(value) < inverted[1]
