"""Alliance and progress taken apart: from session to session within persons, and in level between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.cohort_data import Cohort, read_cohort
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
from goldseam.exceptions import ParameterError
from goldseam.progress import with_progress
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

TABLES = 40
WIDEST_HALF = 0.5
"""Of an interval in own SDs, or of a correlation: a wider one says nothing."""
LEVEL, COURSE = "own level", "own straight course"
FORWARD, BACK = "alliance to next progress", "progress to next alliance"
KEPT_PROGRESS, KEPT_ALLIANCE = "progress to itself", "alliance to itself"
BETWEEN = "own level of progress per point of own level of alliance"
_PATHS = ((FORWARD, 1, 0), (BACK, 0, 1), (KEPT_PROGRESS, 1, 1), (KEPT_ALLIANCE, 0, 0))
_UNSOLVED = (
    "the series are too short, for so few persons, to tell own levels or courses from what is kept from one session to "
    "the next"
)
Row = dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class WithinBetween(ShownResult):
    """How alliance and progress hang together from session to session within persons, and between persons.

    Attributes
    ----------
    table : polars.DataFrame
        A row per effect: ``effect``; ``removed`` (*own level* or *own straight course*; of the row between persons, the
        error of own levels); ``persons, pairs`` (of neighbouring sessions) used; ``estimate`` with ``low, high``
        (points per point, 95%); ``standardised`` with its interval (per SD within persons, in such SDs; between
        persons the correlation of own levels); ``uncorrected``, least squares around observed means;
        ``bias_taken_off``, uncorrected less estimate; ``by_chance, uncorrected_by_chance``: the means of both in
        tables in which neither leads to the other; ``refused``.
    reliability : float
        Share of the variance of estimated own levels of the alliance that is no error; NaN where not known.
    persons, sessions : int
        Persons with both ratings at some session, and such sessions over all of them.
    alliance, progress : str
        The scales.
    refused : str or None
        Why there is nothing.
    """

    table: "pl.DataFrame"
    reliability: float
    persons: int
    sessions: int
    alliance: str
    progress: str
    refused: str | None = None

    def row(self, effect: str, removed: str = LEVEL) -> Row:
        """One row of the table.

        Parameters
        ----------
        effect, removed : str
            As in the table.

        Returns
        -------
        dict
        """
        import polars as pl

        return self.table.filter(pl.col("effect") == effect, pl.col("removed") == removed).row(0, named=True)

    def summary(self) -> str:
        """Who was used, and a line per effect.

        Returns
        -------
        str
        """
        head = (
            f"{self.alliance} and {self.progress}: {counted(self.persons, 'person')}, "
            f"{counted(self.sessions, 'session')} with both"
        )
        if self.refused:
            return f"{head}\nnot enough data: {self.refused}"
        return "\n".join([head, *(_line(row) for row in self.table.to_dicts())])

    def plot(self) -> Any:
        """Effects in own SDs, and the correlation between persons, with their intervals.

        Returns
        -------
        altair.LayerChart or None
            None where nothing was estimated; crosses are what chance gives.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.cohort.study_charts import interval_rows_chart

        rows = [
            {
                "name": row["effect"]
                if row["effect"] == BETWEEN
                else f"{row['effect']}, {row['removed']} removed",
                "value": row["standardised"],
                "low": row["standardised_low"],
                "high": row["standardised_high"],
                "chance": row["standardised_by_chance"],
            }
            for row in self.table.to_dicts()
            if row["refused"] is None and row["effect"] in (FORWARD, BACK, BETWEEN)
        ]
        return interval_rows_chart(rows, "own SDs per own SD; between persons, correlation")

    def _main_table(self) -> "pl.DataFrame":
        return self.table


def within_between(
    ratings: Ratings,
    progress: Ratings | None = None,
    cases: Any = None,
    *,
    scale: str | None = None,
    phase: str | None = None,
    higher_is_better: bool = True,
    progress_scale: str | None = None,
    progress_phase: str | None = None,
    progress_higher_is_better: bool = True,
    seed: int = 1,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> WithinBetween:
    """Estimate what follows from a session's alliance in the progress of the next, and how levels go together.

    With x and y the alliance and the progress of a person at a session, around the mean of all at that session:
    y(t + 1) = own level + b x(t) + r y(t) + innovation, and the same the other way round. Own levels (or own straight
    courses) are removed, and the bias that this leaves in short series (Nickell 1981) is taken off as it is known at
    any length; own levels are latent: the error of those estimated is taken off their variance (Lüdtke et al. 2008).
    Formulas: ``docs/methods/within-between.md``.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`.
    progress
        Ratings of how somebody is doing, by session, in the same form; the table of ratings itself if not given.
    cases
        As for `goldseam.episode_prevalence`; intervals are clustered by therapist where ten are known, else by case.
    scale, phase, higher_is_better
        Of the alliance.
    progress_scale, progress_phase, progress_higher_is_better
        Of progress. What is rated before a session follows the alliance of the session before.
    seed : int
        Of the tables in which nothing leads to anything.

    Returns
    -------
    WithinBetween
        Effects on thin data are refused, each with its reason.

    Raises
    ------
    TableError
        A table cannot be used, or has several scales and none was chosen.
    ParameterError
        Progress is the alliance itself.

    Examples
    --------
    >>> import goldseam, polars as pl
    >>> ratings = goldseam.simulate(cases=40, sessions=8, seed=1).ratings
    >>> both = pl.concat([ratings, ratings.with_columns(scale=pl.lit("wellbeing"))])
    >>> found = goldseam.within_between(both, scale="alliance", progress_scale="wellbeing")
    >>> str(found.refused)[:62]
    'not enough persons with three pairs of neighbouring sessions: '
    """
    options: dict[str, Any] = {"missing": missing, "outlying": outlying, "reading": reading}
    first = read_cohort(
        ratings, cases, scale=scale, phase=phase, higher_is_better=higher_is_better, **options
    )
    if progress is None and progress_scale is None:
        raise ParameterError(
            "nothing says which ratings are of progress",
            where="progress, progress_scale",
            given=None,
            allowed="a table of its own, or a scale of the ratings",
        )
    second = read_cohort(
        ratings if progress is None else progress,
        scale=progress_scale,
        phase=progress_phase,
        higher_is_better=progress_higher_is_better,
        **options,
    )
    return within_between_of(first, second, seed=seed)


def within_between_of(alliance: Cohort, progress: Cohort, *, seed: int) -> WithinBetween:
    """As `within_between`, of cohorts that were read.

    Parameters
    ----------
    alliance, progress : Cohort
        One scale each.
    seed : int
        Of the tables.

    Returns
    -------
    WithinBetween
    """
    import polars as pl

    both = PairedRatings.of(alliance, progress)
    known = np.isfinite(both.values[:, :, 0])
    facts = (int(known.any(axis=1).sum()), int(known.sum()), both.alliance, both.progress)
    pairs = {name: PanelPairs.of(both.around, order) for name, order in ((LEVEL, 1), (COURSE, 2))}
    refused = MINIMUMS["within"].refusal(pairs[LEVEL].n) or _constant(both, pairs[LEVEL])
    if refused:
        return WithinBetween(pl.DataFrame(), float("nan"), *facts, refused)
    analysis = PanelAnalysis(both, fit_panel(pairs[LEVEL]), fit_panel(pairs[COURSE]))
    rows = [*analysis.paths(LEVEL), *analysis.paths(COURSE), analysis.between()]
    table = pl.DataFrame([row | analysis.chance(row, seed) for row in rows], infer_schema_length=None)
    reliability = analysis.levels.reliability if analysis.levels.converged else float("nan")
    return WithinBetween(table, reliability, *facts)


def _constant(both: PairedRatings, pairs: PanelPairs) -> str | None:
    """Why nothing can be said where a rating does not vary within persons, or is a copy of the other."""
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
            why = few or (None if fit.converged else _UNSOLVED)
            figures = _NOTHING if why else self._path(fit, to, source, float(sd[source] / sd[to]))
            yield _checked(row, figures, float(usual[to, source]), why)

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
        why = None if fit.converged else _UNSOLVED
        why = why or MINIMUMS["settling"].refusal(round(fit.settling, 3))
        why = why or MINIMUMS["between"].refusal(round(fit.reliability, 3))
        figures = _NOTHING if why else (*self._between(level_slope), *self._between(level_correlation))
        return _checked(row, figures, observed_slope(self.both.around[fit.pairs.kept]), why)

    def _between(self, figure: LevelFigure) -> tuple[float, float, float]:
        value, influence = self.levels.between(figure)
        return clustered_interval(value, influence, self.both.cluster[self.levels.pairs.kept])

    def chance(self, row: Row, seed: int) -> Row:
        """What tables in which neither leads to the other give for a row."""
        effect, removed = row["effect"], row["removed"]
        nothing: Row = dict.fromkeys(("by_chance", "standardised_by_chance", "uncorrected_by_chance"))
        own = effect in (KEPT_PROGRESS, KEPT_ALLIANCE)
        if row["refused"] is not None or own or not self.levels.converged:
            return nothing
        drawn = self._drawn(seed, unrelated=effect == BETWEEN)
        name = "between" if effect == BETWEEN else f"{effect}, {removed}"
        value, usual = (float(np.nanmean(drawn[each])) for each in (name, f"{name}, uncorrected"))
        scaled = row["standardised"] / row["estimate"] if row["estimate"] else 1.0
        return {"by_chance": value, "standardised_by_chance": scaled * value, "uncorrected_by_chance": usual}

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


def _checked(row: Row, figures: tuple[float | None, ...], usual: float, why: str | None) -> Row:
    """A row with its figures, or without where its interval says nothing."""
    low, high = figures[4], figures[5]
    if why is None and (low is None or high is None or not (high - low) / 2 <= WIDEST_HALF):
        why = f"the interval reaches further than {WIDEST_HALF:g} own SDs to either side"
        figures = _NOTHING
    names = ("estimate", "low", "high", "standardised", "standardised_low", "standardised_high")
    found = row | dict(zip(names, figures, strict=True))
    known = None if not np.isfinite(usual) else usual
    bias = None if known is None or figures[0] is None else known - figures[0]
    return found | {"uncorrected": known, "bias_taken_off": bias, "refused": why}


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


def _line(row: Row) -> str:
    name = f"{row['effect']} ({row['removed']} removed)"
    if row["refused"] is not None:
        return f"{name}: not answered, {row['refused']}"
    said = f"{name}: {row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
    return said if row["by_chance"] is None else f"{said}, by chance {row['by_chance']:.3f}"
