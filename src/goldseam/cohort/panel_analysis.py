"""Alliance and progress within and between persons: rows of a table, and what tables without effect give for each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.paired_ratings import PairedRatings
from goldseam.cohort.panel_autoregression import (
    LevelFigure,
    PanelFit,
    PanelPairs,
    clustered_interval,
    fit_panel,
    level_correlation,
    level_slope,
)
from goldseam.cohort.panel_chance import PanelChance
from goldseam.progress import with_progress

TABLES = 40
WIDEST_HALF = 0.5
"""Of an interval in own SDs, or of a correlation: a wider one says nothing."""
LEVEL, COURSE = "own level", "own straight course"
FORWARD, BACK = "alliance to next progress", "progress to next alliance"
KEPT_PROGRESS, KEPT_ALLIANCE = "progress to itself", "alliance to itself"
BETWEEN = "between persons"
_PATHS = ((FORWARD, 1, 0), (BACK, 0, 1), (KEPT_PROGRESS, 1, 1), (KEPT_ALLIANCE, 0, 0))
UNSOLVED = (
    "the series are too short, for so few persons, to tell own levels or courses from what is kept from one session to "
    "the next"
)
Row = dict[str, Any]


def constant(both: PairedRatings, pairs: PanelPairs) -> str | None:
    """Why nothing can be said where a rating does not vary within persons, or is a copy of the other.

    Parameters
    ----------
    both : PairedRatings
        With the names.
    pairs : PanelPairs
        Of them.

    Returns
    -------
    str or None
    """
    total = pairs.earlier.sum(axis=0)
    size = np.sqrt(np.diag(total))
    for name, each in zip((both.alliance, both.progress), size, strict=True):
        if each < 1e-8:
            return f"{name} does not vary within persons"
    if abs(total[0, 1]) > (1 - 1e-8) * size[0] * size[1]:
        return f"{both.progress} follows {both.alliance} like a copy"
    return None


@dataclass(frozen=True, eq=False)
class PanelAnalysis:
    """Both fits, and what tables without any effect give.

    Attributes
    ----------
    both : PairedRatings
        The ratings.
    levels, courses : PanelFit
        With own levels, and with own straight courses removed.
    """

    both: PairedRatings
    levels: PanelFit
    courses: PanelFit
    _chance: dict[str, dict[str, Floats]] = field(default_factory=dict)

    def paths(self, removed: str) -> Iterator[Row]:
        """The rows within persons."""
        fit = self.levels if removed == LEVEL else self.courses
        sd = self.both.own_sd(fit.pairs.kept)
        few = None if removed == LEVEL else MINIMUMS["own course"].refusal(fit.pairs.n)
        usual = fit.pairs.uncorrected() if not few else np.full((2, 2), np.nan)
        for effect, to, source in _PATHS:
            row = {"effect": effect, "removed": removed, "persons": fit.pairs.n, "pairs": fit.pairs.n_pairs}
            why = few or (None if fit.converged else UNSOLVED)
            figures = _NOTHING if why else self._path(fit, to, source, float(sd[source] / sd[to]))
            yield checked_row(row, figures, float(usual[to, source]), why)

    def _path(self, fit: PanelFit, to: int, source: int, scaled: float) -> tuple[float, ...]:
        cluster = self.both.cluster[fit.pairs.kept]
        found = clustered_interval(float(fit.a[to, source]), fit.influence[:, 2 * to + source], cluster)
        return (*found, *(scaled * each for each in found))

    def between(self) -> Row:
        """The row between persons."""
        fit = self.levels
        row = {
            "effect": BETWEEN,
            "removed": "error of own levels",
            "persons": fit.pairs.n,
            "pairs": fit.pairs.n_pairs,
        }
        why = None if fit.converged else UNSOLVED
        why = why or MINIMUMS["settling"].refusal(round(fit.settling, 3))
        why = why or MINIMUMS["between"].refusal(round(fit.reliability, 3))
        figures = _NOTHING if why else (*self._between(level_slope), *self._between(level_correlation))
        return checked_row(row, figures, observed_slope(self.both.around[fit.pairs.kept]), why)

    def _between(self, figure: LevelFigure) -> tuple[float, float, float]:
        value, influence = self.levels.between(figure)
        return clustered_interval(value, influence, self.both.cluster[self.levels.pairs.kept])

    def chance(self, row: Row, seed: int) -> Row:
        """What tables in which neither leads to the other give for a row."""
        effect, removed = row["effect"], row["removed"]
        own = effect in (KEPT_PROGRESS, KEPT_ALLIANCE)
        if row["refused"] is not None or own or not self.levels.converged:
            return by_chance(np.zeros((0, 2)))
        drawn = self._drawn(seed, unrelated=effect == BETWEEN)
        name = "between" if effect == BETWEEN else f"{effect}, {removed}"
        return by_chance(np.column_stack([drawn[name], drawn[f"{name}, uncorrected"]]))

    def _drawn(self, seed: int, *, unrelated: bool) -> dict[str, Floats]:
        """Estimates in each drawn table."""
        kind = "unrelated" if unrelated else "related"
        if kind not in self._chance:
            fit = self.courses if self.courses.converged and not unrelated else self.levels
            source = PanelChance.of(self.both, fit, unrelated=unrelated, seed=seed)
            tables = [
                _figures(source.table(each)) for each in with_progress(range(TABLES), "tables without effect")
            ]
            self._chance[kind] = {name: np.array([each[name] for each in tables]) for name in tables[0]}
        return self._chance[kind]


_NOTHING = (None,) * 6


def checked_row(row: Row, figures: tuple[float | None, ...], usual: float, why: str | None) -> Row:
    """A row with its figures, or without where its interval says nothing.

    Parameters
    ----------
    row : dict
        What it is of.
    figures : tuple of float or None
        Estimate with its interval, and standardised.
    usual : float
        Of least squares; NaN where not known.
    why : str or None
        Why there are no figures.

    Returns
    -------
    dict
    """
    low, high = figures[4], figures[5]
    if why is None and (low is None or high is None or not (high - low) / 2 <= WIDEST_HALF):
        why = f"the interval reaches further than {WIDEST_HALF:g} own SDs to either side"
        figures = _NOTHING
    names = ("estimate", "low", "high", "standardised", "standardised_low", "standardised_high")
    found = row | dict(zip(names, figures, strict=True))
    known = None if not np.isfinite(usual) else usual
    bias = None if known is None or figures[0] is None else known - figures[0]
    return found | {"uncorrected": known, "bias_taken_off": bias, "refused": why}


def by_chance(drawn: Floats) -> Row:
    """What tables without effect give for a row.

    Parameters
    ----------
    drawn : ndarray of float, shape (n_tables, 2)
        Estimate and least squares in each table; NaN where there was no solution.

    Returns
    -------
    dict
    """
    known = drawn[np.isfinite(drawn).all(axis=1)]
    if not len(known):
        return dict.fromkeys(("chance", "chance_uncorrected"))
    value, usual = (float(each) for each in known.mean(axis=0))
    return {"chance": value, "chance_uncorrected": usual}


def chart_row(row: Row, name: str) -> Row:
    """A row of a chart, all of it standardised.

    Parameters
    ----------
    row : dict
        With its figures.
    name : str
        Before it.

    Returns
    -------
    dict
        As `goldseam.cohort.study_charts.interval_rows_chart` takes it.
    """
    scaled = row["standardised"] / row["estimate"] if row["estimate"] else 1.0
    ends = {"low": row["standardised_low"], "high": row["standardised_high"]}
    chance = None if row["chance"] is None else scaled * row["chance"]
    return {"name": name, "value": row["standardised"], **ends, "chance": chance}


def _figures(around: Floats) -> dict[str, float]:
    """What a drawn table gives for every row."""
    found: dict[str, float] = {}
    for removed, order in ((LEVEL, 1), (COURSE, 2)):
        pairs = PanelPairs.of(around, order)
        fit = fit_panel(pairs)
        usual = pairs.uncorrected()
        for effect, to, source in _PATHS:
            found[f"{effect}, {removed}"] = float(fit.a[to, source])
            found[f"{effect}, {removed}, uncorrected"] = float(usual[to, source])
        if removed == LEVEL:
            covariance = fit.own_covariance().mean(axis=0)
            found["between"] = level_slope(fit.a, covariance) if fit.converged else float("nan")
    found["between, uncorrected"] = observed_slope(around)
    return found


def observed_slope(around: Floats) -> float:
    """Slope of the observed mean of progress in that of the alliance, between persons.

    Parameters
    ----------
    around : ndarray of float, shape (n_persons, n_sessions, 2)
        NaN where not known; everybody has some.

    Returns
    -------
    float
    """
    covariance = np.cov(np.nanmean(around, axis=1).T)
    return float(covariance[0, 1] / covariance[0, 0])
