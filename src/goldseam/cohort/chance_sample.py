"""Counts and their intervals without bootstrap draws: chance from tables of some of the cases, errors linearised."""

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.chance_model import ChanceModel, CountedDraws
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.norms.marginal_likelihood import take_series

if TYPE_CHECKING:
    import polars as pl

MOST_RATINGS = 20_000
"""Of the cases whose sessions drawn tables have, where no draws are asked for; a smaller cohort is taken whole."""
MOST_RELATED, MOST_UNSEEN = 300_000, 100_000
"""The same for what shuffles, and for what puts ratings where none were given."""
RATINGS_DRAWN = 1_000_000
FEWEST_TABLES = 10
FEWEST_ALIKE = 50
MOST_STRATA = 20
STREAM = 45  # of the seed
PAIRS = 1000


@dataclass(frozen=True, eq=False)
class ChanceSample:
    """Some cases of a cohort, evenly spaced, and what is drawn with their sessions.

    Attributes
    ----------
    counter : EpisodeCounter
        Of these cases; that of the cohort itself where they are all.
    model : ChanceModel
        The norms of the whole cohort, with the sessions of these cases.
    """

    counter: EpisodeCounter
    model: ChanceModel

    @classmethod
    def of(cls, counter: EpisodeCounter, model: ChanceModel, ratings: int | None = None) -> "ChanceSample":
        """Take about so many ratings of whole cases, or all there are."""
        some = fewer_cases(counter.cohort, MOST_RATINGS if ratings is None else ratings)
        if some is counter.cohort:
            return cls(counter, model)
        few = replace(model, cohort=some, resampled=None)
        return cls(EpisodeCounter.prepared(some, counter.criteria), few)


def fewer_cases(cohort: Cohort, ratings: int) -> Cohort:
    """Cases with about so many ratings, evenly spaced in the order of their numbers; the cohort where it has no more.

    Parameters
    ----------
    cohort : Cohort
        With all of them.
    ratings : int
        1 or more.

    Returns
    -------
    Cohort
    """
    if len(cohort.series.value) <= ratings:
        return cohort
    wanted = max(1, int(cohort.n_cases * ratings / len(cohort.series.value)))
    return cases_of(cohort, np.unique(np.linspace(0, cohort.n_cases - 1, wanted).round().astype(np.int64)))


def cases_of(cohort: Cohort, chosen: Integers) -> Cohort:
    """Some cases of a cohort.

    Parameters
    ----------
    cohort : Cohort
        With all of them.
    chosen : ndarray of int
        Numbers of cases, ascending.

    Returns
    -------
    Cohort
        Its cases are numbered anew.
    """
    kept = np.isin(cohort.case, chosen)
    series = take_series(cohort.series, np.flatnonzero(kept))
    case = np.searchsorted(chosen, cohort.case[kept])
    rated = len(series.value)
    return replace(cohort, series=series, case=case, cases=cohort.cases[chosen], attended=rated, rated=rated)


def counted_without_draws(
    counter: EpisodeCounter, model: ChanceModel, sample: ChanceSample, own: "pl.DataFrame"
) -> CountedDraws:
    """Count the cohort, and what chance gives its cases, with linearised errors of both.

    By chance a case has the rate of the sampled cases with about as many ratings. A share is a ratio over cases, whose
    error is that of its linear part (Taylor), cases being independent; norms are held as fitted. Pairs drawn with
    these errors stand where draws of cases would.

    Parameters
    ----------
    counter, model
        Of the cohort.
    sample : ChanceSample
        What tables are drawn from.
    own : polars.DataFrame
        The cohort's events by the primary criterion.

    Returns
    -------
    CountedDraws
    """
    observed = counter.counted(counter.cohort.series, 1, model.norms, own)[0]
    tables = max(FEWEST_TABLES, ceil(RATINGS_DRAWN / max(len(sample.model.cohort.series.value), 1)))
    by_chance = _drawn(sample, tables)
    seen = _linear_parts(observed, counter.of)
    if sample.counter is counter:
        chance, parts = by_chance, _linear_parts(by_chance, counter.of)
        covariance = _products(seen, parts)
        variance = _products(parts, parts)
    else:
        columns = _same_columns(counter, sample.counter)
        chance, variance = _projected(counter, sample.counter, by_chance, columns)
        covariance = np.zeros(len(variance))
    pairs = _pairs(model.seed)
    shares = [each.sum(axis=0) / np.maximum(counter.of.sum(axis=0), 1) for each in (observed, chance)]
    first, second = _spread(_products(seen, seen), covariance, variance)
    return CountedDraws(
        observed,
        chance,
        np.zeros(len(variance)),  # the noise of the tables is part of the differences between the cases
        shares[0] + pairs[:, :1] * first[0],
        shares[1] + pairs[:, :1] * second[0] + pairs[:, 1:] * second[1],
        tables=tables,
        cases_drawn=sample.model.cohort.n_cases,
    )


def _drawn(sample: ChanceSample, tables: int) -> Floats:
    """Each case's mean numerators over the tables."""
    from goldseam.progress import with_progress

    counter, model = sample.counter, sample.model
    bootstrap = model.tables(model.norms)
    total = np.zeros_like(counter.of)
    for number in with_progress(range(tables), "drawing tables"):
        total += counter.counted(bootstrap.draw([number]), 1, model.norms)[0]
    return total / tables


def _linear_parts(numerators: Floats, of: Floats) -> Floats:
    """What each case adds to the error of each share; shape (n_cases, n_shares)."""
    total = np.maximum(of.sum(axis=0), 1)
    parts: Floats = (numerators - (numerators.sum(axis=0) / total) * of) / total
    return parts


def _products(one: Floats, other: Floats) -> Floats:
    cases = len(one)
    products: Floats = (one * other).sum(axis=0) * (cases / max(cases - 1, 1))
    return products


def _same_columns(counter: EpisodeCounter, few: EpisodeCounter) -> list[int]:
    """For each share of the cohort its place among those of the sample; -1 where the sample has no such group."""
    known = {(each.question, each.group): place for place, each in enumerate(few.shares)}
    return [known.get((each.question, each.group), -1) for each in counter.shares]


def _strata(counter: EpisodeCounter, few: EpisodeCounter) -> tuple[Integers, Integers]:
    """Of each case of the cohort, and of the sample: the number of those with about as many ratings."""
    counts = [
        np.bincount(each.cohort.case, each.cohort.series.lengths, each.cohort.n_cases)
        for each in (counter, few)
    ]
    at_most = max(1, min(MOST_STRATA, len(counts[1]) // FEWEST_ALIKE))
    inner = np.unique(np.quantile(counts[1], np.arange(1, at_most) / at_most))
    whole, some = (np.searchsorted(inner, each, side="left") for each in counts)
    return whole, some


def _projected(
    counter: EpisodeCounter, few: EpisodeCounter, numerators: Floats, columns: list[int]
) -> tuple[Floats, Floats]:
    """Numerators by chance of every case, and the variance of each share."""
    whole, some = _strata(counter, few)
    strata = int(max(whole.max(initial=0), some.max(initial=0))) + 1
    chance = np.full(counter.of.shape, np.nan)
    variance = np.full(len(columns), np.nan)
    for share, place in enumerate(columns):
        if place < 0:
            continue
        above, below = (np.bincount(some, each[:, place], strata) for each in (numerators, few.of))
        overall = above.sum() / max(below.sum(), 1)
        rate = np.where(below > 0, above / np.maximum(below, 1), overall)
        chance[:, share] = counter.of[:, share] * rate[whole]
        weight = np.bincount(whole, counter.of[:, share], strata) / max(counter.of[:, share].sum(), 1)
        rest = numerators[:, place] - rate[some] * few.of[:, place]
        cases = np.maximum(np.bincount(some, few.of[:, place] > 0, strata), 2)
        of_rate = np.bincount(some, rest**2, strata) * cases / (cases - 1) / np.maximum(below, 1) ** 2
        variance[share] = float((weight**2 * of_rate).sum())
    return chance, variance


def _pairs(seed: int) -> Floats:
    """Pairs with means 0, variances 1 and no covariance, exactly; shape (PAIRS, 2)."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAM,))))
    drawn = random.standard_normal((PAIRS, 2))
    drawn -= drawn.mean(axis=0)
    factor = np.linalg.cholesky(np.cov(drawn.T))
    pairs: Floats = np.linalg.solve(factor, drawn.T).T
    return pairs


def _spread(first: Floats, covariance: Floats, second: Floats) -> tuple[tuple[Floats], tuple[Floats, Floats]]:
    """What to multiply pairs by for these variances and this covariance."""
    own = np.sqrt(first)
    shared = np.divide(covariance, own, out=np.zeros_like(own), where=own > 0)
    return (own,), (shared, np.sqrt(np.maximum(second - shared**2, 0.0)))
