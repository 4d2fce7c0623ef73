"""What members of a couple have from their own alliance and from their partner's, and what they share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.cohort.cohort_data import Cohort, read_cohort, read_progress
from goldseam.cohort.couple_analysis import EITHER, CoupleAnalysis
from goldseam.cohort.couple_ratings import CoupleRatings
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.panel_analysis import COURSE, LEVEL, Row, chart_row
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class ActorPartner(ShownResult):
    """Actor and partner effects in couples.

    Attributes
    ----------
    table : polars.DataFrame
        A row per effect: ``effect`` (*actor*: of the own alliance; *partner*: of the partner's; *both members*: where
        both are a point higher; *common fate*: between couples, of the level that members share); ``of`` (*either
        member*, a role, or one role less the other); further columns as in `goldseam.WithinBetween.table`, with
        ``couples`` for ``persons``.
    couples, sessions : int
        Couples with all ratings at some session, and such sessions.
    shared : float
        Correlation between members of own levels of the alliance; NaN where not known.
    roles : tuple of str or None
        Where members can be told apart.
    alliance : str
        The scale.
    outcome : str
        What effects are on: progress, or the alliance itself.
    refused : str or None
        Why there is nothing.
    used : polars.DataFrame or None
        The ratings it was estimated from: ``couple, cluster`` (numbers), ``session, alliance_1, alliance_2`` (of the
        member whose name comes first, and of the other) and, where it is given, ``progress_1, progress_2``.
    """

    table: "pl.DataFrame"
    couples: int
    sessions: int
    shared: float
    roles: tuple[str, str] | None
    alliance: str
    outcome: str
    refused: str | None = None
    used: "pl.DataFrame | None" = None

    def row(self, effect: str, of: str = EITHER, removed: str = LEVEL) -> Row:
        """One row of the table.

        Parameters
        ----------
        effect, of, removed : str
            As in the table.

        Returns
        -------
        dict
        """
        import polars as pl

        chosen = (pl.col("effect") == effect) & (pl.col("of") == of) & (pl.col("removed") == removed)
        return self.table.filter(chosen).row(0, named=True)

    def summary(self) -> str:
        """How many couples, and a line per effect.

        Returns
        -------
        str
        """
        head = (
            f"{self.alliance} and the next {self.outcome}: {counted(self.couples, 'couple')}, "
            f"{counted(self.sessions, 'session')}"
        )
        if self.refused:
            return f"{head}\nnot enough data: {self.refused}"
        return "\n".join([head, *(_line(row) for row in self.table.to_dicts())])

    def plot(self) -> Any:
        """Effects in own SDs with their intervals; crosses are what chance gives.

        Returns
        -------
        altair.LayerChart or None
            None where nothing was estimated.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.cohort.study_charts import interval_rows_chart

        rows = [chart_row(row, _name(row)) for row in self.table.to_dicts() if row["refused"] is None]
        return interval_rows_chart(rows, "own SDs per own SD; common fate, correlation")

    def _main_table(self) -> "pl.DataFrame":
        return self.table


def actor_partner(
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
) -> ActorPartner:
    """Estimate actor and partner effects from session to session in couples (Kashy & Kenny 2000; Cook & Kenny 2005).

    Of both members' alliance at a session, around own levels (or own straight courses) and the mean of all: what of it
    is found at the next session in progress, or, where no progress is given, in the alliance. Both members' ratings are
    held at once, and the bias of short series is taken off, as in `goldseam.within_between`. Where the same two names
    of raters occur in every couple these are roles, and members are told apart, too. With progress, the level that
    members share is set against the progress that they share (common fate: Ledermann & Kenny 2012).

    Parameters
    ----------
    ratings, progress, cases, scale, phase, higher_is_better, seed, missing, outlying, reading
        As for `goldseam.within_between`; cases with two members are used. Without progress, and without
        `progress_scale`, effects are on the alliance.
    progress_scale, progress_phase, progress_higher_is_better
        Of progress.

    Returns
    -------
    ActorPartner
        Effects on thin data are refused, each with its reason.

    Raises
    ------
    TableError
        A table cannot be used, or has several scales and none was chosen.
    ParameterError
        Progress is the alliance itself.
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
    return actor_partner_of(first, second, seed=seed)


def actor_partner_of(alliance: Cohort, progress: Cohort | None, *, seed: int) -> ActorPartner:
    """As `actor_partner`, of cohorts that were read.

    Parameters
    ----------
    alliance : Cohort
        One scale.
    progress : Cohort or None
        The other, if there is one.
    seed : int
        Of the tables without effect.

    Returns
    -------
    ActorPartner
    """
    import polars as pl

    ratings = CoupleRatings.of(alliance, progress)
    known = np.isfinite(ratings.values[:, :, 0])
    of = (int(known.any(axis=1).sum()), int(known.sum()))
    outcome = ratings.progress or ratings.alliance
    analysis = CoupleAnalysis(ratings, seed)
    refused = MINIMUMS["couples"].refusal(analysis.pairs[LEVEL].n // 2) or analysis.constant
    if refused:
        return ActorPartner(
            pl.DataFrame(), *of, float("nan"), ratings.roles, ratings.alliance, outcome, refused
        )
    rows = [*analysis.either(LEVEL), *analysis.either(COURSE), *analysis.by_role(), *analysis.common_fate()]
    table = pl.DataFrame(rows, infer_schema_length=None)
    names = ("alliance_1", "alliance_2", "progress_1", "progress_2")[: ratings.values.shape[2]]
    used = ratings.used("couple", names)
    return ActorPartner(table, *of, analysis.shared, ratings.roles, ratings.alliance, outcome, used=used)


def _name(row: Row) -> str:
    """In a chart."""
    of = "" if row["of"] == EITHER else f", {row['of']}"
    return str(row["effect"]) + of + (" (course)" if row["removed"] == COURSE else "")


def _line(row: Row) -> str:
    name = f"{row['effect']}, {row['of']} ({row['removed']} removed)"
    if row["refused"] is not None:
        return f"{name}: not answered, {row['refused']}"
    said = f"{name}: {row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
    return said if row["chance"] is None else f"{said}, by chance {row['chance']:.3f}"
