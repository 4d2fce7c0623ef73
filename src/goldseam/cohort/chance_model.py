"""What chance alone gives in a cohort: the fitted norms, tables drawn from them, and both for resampled cases."""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.draw_runner import HERE, DrawRunner
from goldseam.cohort.episode_counts import FEWEST_RATINGS, EpisodeCounter
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.resampled_norms import ResampledNorms
from goldseam.norms import Norms, fit_norms
from goldseam.operating.bootstrap import Bootstrap, Dips
from goldseam.operating.rate_estimators import NORMAL_95

if TYPE_CHECKING:
    import polars as pl

STREAM = 40  # of the seed; lower numbers are those of the simulator and of drawn tables
TABLES_A_DRAW = 3
DIP_TABLES = 40
DIPS = ((2.0, 1), (2.0, 2), (3.0, 1), (3.0, 2))
"""Depth in own SDs, and sessions."""
RATINGS_AT_ONCE = 100_000


@dataclass(frozen=True, eq=False)
class ChanceModel:
    """The norms fitted to a cohort, the tables drawn from them, and the norms of resampled cases.

    Attributes
    ----------
    cohort : Cohort
        Whose sessions they have.
    norms : Norms
        The full fit.
    seed : int
        Of the drawn tables and the resampling.
    resampled : ResampledNorms or None
        None where the norms are held fixed.
    """

    cohort: Cohort
    norms: Norms
    seed: int
    resampled: ResampledNorms | None

    @classmethod
    def fitted(cls, cohort: Cohort, *, seed: int, fast: bool) -> "ChanceModel":
        """Fit the norms; the cohort has enough series."""
        norms = fit_norms(cohort.series, name="fitted to the cohort")
        return cls(cohort, norms, seed, None if fast else ResampledNorms.of(cohort.series, norms))

    def tables(self, norms: Norms) -> Bootstrap:
        """To draw tables from; random numbers are the same for the same number of a table, whatever the norms."""
        return Bootstrap.of(self.cohort.series, norms, higher_is_better=True, seed=self.seed)

    def weights(self, draws: int) -> Floats:
        """How often each case is drawn, shape (draws, n_cases)."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(STREAM,))))
        cases = self.cohort.n_cases
        return random.multinomial(cases, np.full(cases, 1 / cases), size=draws).astype(np.float64)

    def cluster_weights(self, draws: int) -> Floats:
        """How often each case is drawn where therapists are drawn with all their cases, shape (draws, n_cases).

        A case without a known therapist stands for itself; with fewer than ten therapists cases are drawn.
        """
        cluster = therapist_clusters(self.cohort)
        if cluster is None:
            return self.weights(draws)
        clusters = int(cluster.max()) + 1
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(STREAM,))))
        drawn = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)
        weights: Floats = drawn[:, cluster].astype(np.float64)
        return weights

    def norms_at(self, weights: Floats) -> Norms:
        """The norms of resampled cases."""
        if self.resampled is None:
            return self.norms
        return self.resampled.at(weights[self.cohort.case])


def therapist_clusters(cohort: Cohort) -> Integers | None:
    """The number of each case's therapist, a case without a known one by itself; None with fewer than ten.

    Parameters
    ----------
    cohort : Cohort
        Whose cases they are.

    Returns
    -------
    ndarray of int, shape (n_cases,), or None
    """
    given = cohort.cases.get_column("therapist")
    if given.drop_nulls().n_unique() < MINIMUMS["therapists"].least:
        return None
    alone = [f"\0{number}" for number in range(cohort.n_cases)]
    names = [name or own for name, own in zip(given.to_list(), alone, strict=True)]
    cluster: Integers = np.unique(names, return_inverse=True)[1].astype(np.int64)
    return cluster


@dataclass(frozen=True, eq=False)
class CountedDraws:
    """What is counted in the cohort, by chance, and in each bootstrap draw.

    Attributes
    ----------
    observed, chance : ndarray of float, shape (n_cases, n_shares)
        Numerators of each case; by chance, their mean over the drawn tables.
    chance_error : ndarray of float, shape (n_shares,)
        Monte-Carlo standard error of the share by chance.
    observed_draws, chance_draws : ndarray of float, shape (draws, n_shares)
        Shares in each draw; without draws, pairs with the errors of both.
    tables, cases_drawn : int
        Tables that were drawn for chance, and of how many cases.
    """

    observed: Floats
    chance: Floats
    chance_error: Floats
    observed_draws: Floats
    chance_draws: Floats
    tables: int = 0
    cases_drawn: int = 0

    def interval(self, of: Floats, kind: str, place: int) -> tuple[float, float, float]:
        """Estimate and 95% interval of a share: *observed*, *chance* or *excess*.

        The interval is normal, with the SD over the draws and the Monte-Carlo error of chance, cut off where a share
        ends.
        """
        total = of[:, place].sum()
        seen, chance = self.observed[:, place].sum() / total, self.chance[:, place].sum() / total
        draws = {
            "observed": self.observed_draws[:, place],
            "chance": self.chance_draws[:, place],
            "excess": self.observed_draws[:, place] - self.chance_draws[:, place],
        }[kind]
        value = {"observed": seen, "chance": chance, "excess": seen - chance}[kind]
        error = 0.0 if kind == "observed" else float(self.chance_error[place])
        half = NORMAL_95 * sqrt(float(np.nanvar(draws, ddof=1)) + error**2)
        least = -1.0 if kind == "excess" else 0.0
        return float(value), max(float(value) - half, least), min(float(value) + half, 1.0)


@dataclass(frozen=True, eq=False)
class _TablesOfChance:
    """Counts in drawn tables, some at a time."""

    counter: EpisodeCounter
    model: ChanceModel
    tables: int

    def __call__(self, number: int) -> Floats:
        """Each case's counts summed over the tables of a block, then each table's summed over the cases."""
        at_once = tables_at_once(self.model.cohort)
        numbers = range(number * at_once, min((number + 1) * at_once, self.tables))
        bootstrap = self.model.tables(self.model.norms)
        counts = self.counter.counted(bootstrap.draw(numbers), len(numbers), self.model.norms)
        return np.concatenate([counts.sum(axis=0), counts.sum(axis=1)])


@dataclass(frozen=True, eq=False)
class _RefittedDraw:
    """Shares as observed and by chance in drawn cases, under the norms refitted to them."""

    counter: EpisodeCounter
    model: ChanceModel
    weights: Floats
    observed: Floats
    chance: Floats
    few: Floats

    def __call__(self, number: int) -> Floats:
        """Shape (2, n_shares)."""
        counter, model, weights, of = self.counter, self.model, self.weights[number], self.counter.of
        seen, moved = self.observed, self.chance
        if model.resampled is not None:
            seen, few = _own_and_few_tables(counter, model, model.norms_at(weights))
            moved = self.chance + few - self.few
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([(weights @ seen) / (weights @ of), (weights @ moved) / (weights @ of)])


def counted_draws(
    counter: EpisodeCounter,
    model: ChanceModel,
    draws: int,
    runner: DrawRunner = HERE,
    own: "pl.DataFrame | None" = None,
) -> CountedDraws:
    """Count the cohort, tables drawn from its norms, and both again in each draw under the norms of that draw.

    A draw's chance is that of the full fit, reweighted, moved by what the refitted norms change in tables drawn with
    the same random numbers, so that their noise cancels. `own`: the cohort's events by the primary criterion.
    """
    observed = counter.counted(model.cohort.series, 1, model.norms, own)[0]
    drawn = _TablesOfChance(counter, model, draws)
    blocks = runner.run(drawn, range(ceil(draws / tables_at_once(model.cohort))), "drawing tables")
    cases, of = model.cohort.n_cases, counter.of
    chance = np.sum([block[:cases] for block in blocks], axis=0) / draws
    totals = np.concatenate([block[cases:] for block in blocks])
    error = totals.std(axis=0, ddof=1) / np.maximum(of.sum(axis=0), 1) / sqrt(draws)
    few = _few_tables(counter, model, model.norms)
    each = _RefittedDraw(counter, model, model.weights(draws), observed, chance, few)
    shares = np.stack(runner.run(each, range(draws), "refitting norms"))
    return CountedDraws(observed, chance, error, shares[:, 0], shares[:, 1], draws, cases)


@dataclass(frozen=True, eq=False)
class _DippedTables:
    """Shares of the counted cases that are flagged where each has one true dip, table by table."""

    counter: EpisodeCounter
    model: ChanceModel

    def __call__(self, number: int) -> Floats:
        """For one depth and length, shape (DIP_TABLES,)."""
        counter, cohort, norms = self.counter, self.model.cohort, self.model.norms
        depth, length = DIPS[number]
        long = counter.of[cohort.case, 0] > 0
        chosen = np.where(long & (cohort.series.lengths >= FEWEST_RATINGS), cohort.case, -1)
        drawn = self.model.tables(norms).draw(range(DIP_TABLES), Dips(depth, (length,)), chosen)
        events = counter.judged(counter.criteria[0], drawn, norms)
        table, series = counter.split(events)
        hit = np.zeros((DIP_TABLES, cohort.n_cases), np.bool_)
        counted = chosen[series] >= 0
        hit[table[counted], cohort.case[series[counted]]] = True
        shares: Floats = hit.sum(axis=1) / counter.of[:, 0].sum()
        return shares


def sensitivity_marks(
    counter: EpisodeCounter, model: ChanceModel, runner: DrawRunner = HERE
) -> "pl.DataFrame":
    """Share of the counted cases that are flagged where each has one true dip, by its depth and length.

    Returns
    -------
    polars.DataFrame
        ``depth_sd`` (own SDs), ``sessions``, ``sensitivity``, ``error`` (Monte-Carlo).
    """
    import polars as pl

    found = runner.run(_DippedTables(counter, model), range(len(DIPS)), "true dips")
    rows = [
        (depth, length, float(shares.mean()), float(shares.std(ddof=1)) / sqrt(DIP_TABLES))
        for (depth, length), shares in zip(DIPS, found, strict=True)
    ]
    return pl.DataFrame(rows, schema=["depth_sd", "sessions", "sensitivity", "error"], orient="row")


def _own_and_few_tables(counter: EpisodeCounter, model: ChanceModel, norms: Norms) -> tuple[Floats, Floats]:
    """Numerators of each case in the cohort's own table, and their mean over the few tables of a draw."""
    if tables_at_once(model.cohort) <= TABLES_A_DRAW:
        return counter.counted(model.cohort.series, 1, norms)[0], _few_tables(counter, model, norms)
    # judging all of them at once takes a fifth less time
    together = model.tables(norms).with_own(range(TABLES_A_DRAW))
    counts = counter.counted(together, 1 + TABLES_A_DRAW, norms)
    return counts[0], counts[1:].sum(axis=0) / TABLES_A_DRAW


def _few_tables(counter: EpisodeCounter, model: ChanceModel, norms: Norms) -> Floats:
    """Mean numerators of each case over the few tables of a draw."""
    bootstrap, total = model.tables(norms), np.zeros_like(counter.of)
    at_once = tables_at_once(model.cohort)
    for start in range(0, TABLES_A_DRAW, at_once):
        numbers = range(start, min(start + at_once, TABLES_A_DRAW))
        total += counter.counted(bootstrap.draw(numbers), len(numbers), norms).sum(axis=0)
    return total / TABLES_A_DRAW


def tables_at_once(cohort: Cohort) -> int:
    """How many tables like a cohort's are drawn and judged together.

    Parameters
    ----------
    cohort : Cohort
        Whose ratings they have.

    Returns
    -------
    int
    """
    return max(1, RATINGS_AT_ONCE // max(len(cohort.series.value), 1))
