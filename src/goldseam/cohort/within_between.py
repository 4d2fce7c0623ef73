"""Alliance and progress taken apart: from session to session within persons, and in level between them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.cohort.cohort_data import Cohort, read_cohort, read_progress
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.paired_ratings import PairedRatings
from goldseam.cohort.panel_analysis import (
    BACK,
    BETWEEN,
    COURSE,
    FORWARD,
    LEVEL,
    PanelAnalysis,
    Row,
    chart_row,
    constant,
)
from goldseam.cohort.panel_autoregression import PanelPairs, fit_panel
from goldseam.exceptions import ParameterError
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl


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
        ``bias_taken_off``, uncorrected less estimate; ``chance, chance_uncorrected``: the means of both in
        tables in which neither leads to the other; ``refused``.
    reliability : float
        Share of the variance of estimated own levels of the alliance that is no error; NaN where not known.
    persons, sessions : int
        Persons with both ratings at some session, and such sessions over all of them.
    alliance, progress : str
        The scales.
    refused : str or None
        Why there is nothing.
    used : polars.DataFrame or None
        The ratings it was estimated from: ``person, cluster`` (numbers), ``session, alliance, progress``.
    """

    table: "pl.DataFrame"
    reliability: float
    persons: int
    sessions: int
    alliance: str
    progress: str
    refused: str | None = None
    used: "pl.DataFrame | None" = None

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
            chart_row(row, row["effect"] + (" (course)" if row["removed"] == COURSE else ""))
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
    second = read_progress(
        ratings,
        progress,
        first,
        scale=progress_scale,
        phase=progress_phase,
        higher_is_better=progress_higher_is_better,
        **options,
    )
    if second is None:
        raise ParameterError(
            "nothing says which ratings are of progress",
            where="progress, progress_scale",
            given=None,
            allowed="a table of its own, or a scale of the ratings",
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
    refused = MINIMUMS["within"].refusal(pairs[LEVEL].n) or constant(both, pairs[LEVEL])
    if refused:
        return WithinBetween(pl.DataFrame(), float("nan"), *facts, refused)
    analysis = PanelAnalysis(both, fit_panel(pairs[LEVEL]), fit_panel(pairs[COURSE]))
    rows = [*analysis.paths(LEVEL), *analysis.paths(COURSE), analysis.between()]
    table = pl.DataFrame([row | analysis.chance(row, seed) for row in rows], infer_schema_length=None)
    reliability = analysis.levels.reliability if analysis.levels.converged else float("nan")
    used = both.used("person", ("alliance", "progress"))
    return WithinBetween(table, reliability, *facts, used=used)


def _line(row: Row) -> str:
    name = f"{row['effect']} ({row['removed']} removed)"
    if row["refused"] is not None:
        return f"{name}: not answered, {row['refused']}"
    said = f"{name}: {row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
    return said if row["chance"] is None else f"{said}, by chance {row['chance']:.3f}"
