"""The tables of a detection that have a row per session, and how many of its series could be judged."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from goldseam.detection.display import DetectionDisplay
from goldseam.detection.engine.columns import DETAIL_COLUMNS, SESSION_COLUMNS
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.session_rows import SessionRows
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Counts:
    """How many series could be judged.

    Attributes
    ----------
    series : int
        All of them: judged, not applied or not enough data.
    judged : int
        At least one rating was judged; the flagged are among them.
    flagged : int
        At least one event was found.
    not_applied : int
        Long enough, but nothing could be inferred (nothing but highest ratings, for example).
    not_enough_data : int
        Too few ratings to judge any.
    """

    series: int
    judged: int
    flagged: int
    not_applied: int
    not_enough_data: int


class SessionTables(DetectionDisplay):
    """What became of every session."""

    higher_is_better: bool
    _series: RatingSeries
    _findings: Findings

    def _shown(self, table: "pl.DataFrame") -> "pl.DataFrame":
        raise NotImplementedError

    @cached_property
    def sessions(self) -> "pl.DataFrame":
        """One row per session in the table, rated or not, sorted by series and session.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, session``; ``expected, spread, degrees_of_freedom`` (of the predictive
            t distribution) and ``value, p``; ``verdict`` (*met*, *not met*, *not applied*, *not enough data*);
            ``limit``, the value nearest to the expected one that would have met the criterion, null when not
            judged; ``usual_low, usual_high``, the central 80% of the predictive distribution within the range;
            ``grade`` (*none*, *watch*, *probable*, *marked*); ``n_prior``, the number of earlier ratings;
            ``reason``, null or ``no_rating, few_earlier_ratings, ceiling_suspect, small_drop, open_episode,
            after_break, range_unknown, previous_not_rated, no_variation, series_too_short, window_incomplete,
            case_not_selected``; then one column per part of the criterion, `parts`, each a verdict, and the
            columns of `extra_columns`.
        """
        return self._shown(self._session_rows())

    def _session_rows(self) -> "pl.DataFrame":
        return self._rows.table(self._columns)

    def session_dicts(self, sessions: Collection[int] | None = None) -> list[dict[str, Any]]:
        """The rows of `sessions` as plain mappings, quicker where there are few.

        Parameters
        ----------
        sessions : collection of int, optional
            Only the rows of these sessions; all if not given.

        Returns
        -------
        list of dict of str to object
            Null is None.
        """
        return self._rows.plain(self._columns, sessions)

    @property
    def _columns(self) -> tuple[str, ...]:
        return (*SESSION_COLUMNS, *self.parts, *self.extra_columns)

    @cached_property
    def details(self) -> "pl.DataFrame":
        """The columns of `sessions` that say what became of each session, quicker where the others are not needed.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, session, expected, value, p, verdict``, `parts` and `extra_columns`.
        """
        return self._shown(self._rows.table((*DETAIL_COLUMNS, *self.parts, *self.extra_columns)))

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the criterion's parts, which are columns of `sessions`; empty where it has none."""
        return tuple(self._findings.parts)

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """Names of further columns of `sessions`; the criterion's page says what they hold."""
        return tuple(self._rows.extra_columns)

    @cached_property
    def _rows(self) -> SessionRows:
        return SessionRows(self._series, self._findings, self.higher_is_better)
