"""What chance alone gives in a cohort: the fitted norms, tables drawn from them, and both for resampled cases."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.episode_counts import FEWEST_RATINGS, EpisodeCounter
from goldseam.cohort.resampled_norms import ResampledNorms
from goldseam.norms import Norms, fit_norms
from goldseam.operating.bootstrap import Bootstrap, Dips
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.progress import with_progress

if TYPE_CHECKING:
    import polars as pl

STREAM = 40  # of the seed; lower numbers are those of the simulator and of drawn tables
TABLES_A_DRAW = 3
DIP_TABLES = 40
DIP_DEPTHS, DIP_LENGTHS = (2.0, 3.0), (1, 2)
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

    def norms_at(self, weights: Floats) -> Norms:
        """The norms of resampled cases."""
        if self.resampled is None:
            return self.norms
        return self.resampled.at(weights[self.cohort.case])


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
        Shares in each draw.
    """

    observed: Floats
    chance: Floats
    chance_error: Floats
    observed_draws: Floats
    chance_draws: Floats

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


def counted_draws(counter: EpisodeCounter, model: ChanceModel, draws: int) -> CountedDraws:
    """Count the cohort, tables drawn from its norms, and both again in each draw under the norms of that draw.

    A draw's chance is that of the full fit, reweighted, moved by what the refitted norms change in tables drawn with
    the same random numbers, so that their noise cancels.
    """
    observed = counter.counted(model.cohort.series, 1, model.norms)[0]
    chance, totals = _mean_counts(counter, model, model.norms, draws, "drawing tables")
    of = counter.of
    error = totals.std(axis=0, ddof=1) / np.maximum(of.sum(axis=0), 1) / sqrt(draws)
    few, _totals = _mean_counts(counter, model, model.norms, TABLES_A_DRAW)
    seen_draws, chance_draws = [], []
    for weights in with_progress([*model.weights(draws)], "refitting norms"):
        seen, moved = observed, chance
        if model.resampled is not None:
            norms = model.norms_at(weights)
            seen = counter.counted(model.cohort.series, 1, norms)[0]
            moved = chance + _mean_counts(counter, model, norms, TABLES_A_DRAW)[0] - few
        with np.errstate(invalid="ignore", divide="ignore"):
            seen_draws.append((weights @ seen) / (weights @ of))
            chance_draws.append((weights @ moved) / (weights @ of))
    return CountedDraws(observed, chance, error, np.stack(seen_draws), np.stack(chance_draws))


def sensitivity_marks(counter: EpisodeCounter, model: ChanceModel) -> "pl.DataFrame":
    """Share of the counted cases that are flagged where each has one true dip, by its depth and length.

    Returns
    -------
    polars.DataFrame
        ``depth_sd`` (own SDs), ``sessions``, ``sensitivity``, ``error`` (Monte-Carlo).
    """
    import polars as pl

    bootstrap, cohort = model.tables(model.norms), model.cohort
    long = counter.of[cohort.case, 0] > 0
    chosen = np.where(long & (cohort.series.lengths >= FEWEST_RATINGS), cohort.case, -1)
    rows = []
    for depth in DIP_DEPTHS:
        for length in DIP_LENGTHS:
            drawn = bootstrap.draw(range(DIP_TABLES), Dips(depth, (length,)), chosen)
            events = counter.judged(counter.criteria[0], drawn, model.norms)
            table, series = counter.split(events)
            hit = np.zeros((DIP_TABLES, cohort.n_cases), np.bool_)
            counted = chosen[series] >= 0
            hit[table[counted], cohort.case[series[counted]]] = True
            shares = hit.sum(axis=1) / counter.of[:, 0].sum()
            error = float(shares.std(ddof=1)) / sqrt(DIP_TABLES)
            rows.append(
                {"depth_sd": depth, "sessions": length, "sensitivity": float(shares.mean()), "error": error}
            )
    return pl.DataFrame(rows)


def _mean_counts(
    counter: EpisodeCounter, model: ChanceModel, norms: Norms, tables: int, what: str = ""
) -> tuple[Floats, Floats]:
    """Mean numerators of each case over drawn tables, and the sums over cases of each table."""
    bootstrap = model.tables(norms)
    at_once = max(1, RATINGS_AT_ONCE // max(len(model.cohort.series.value), 1))
    starts = range(0, tables, at_once)
    total, sums = np.zeros_like(counter.of), []
    for start in with_progress(starts, what) if what else starts:
        numbers = range(start, min(start + at_once, tables))
        counts = counter.counted(bootstrap.draw(numbers), len(numbers), norms)
        total += counts.sum(axis=0)
        sums.append(counts.sum(axis=1))
    return total / tables, np.concatenate(sums)
