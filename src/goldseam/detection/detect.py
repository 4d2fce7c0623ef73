"""The one call that runs any criterion on any table, and its result as tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Integers
from goldseam.detection.criteria import CRITERIA
from goldseam.detection.engine.codes import Outcome, Status, Verdict
from goldseam.detection.engine.columns import (
    DETAIL_COLUMNS,
    EPISODE_COLUMNS,
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    TEXT_COLUMNS,
    WHOLE_NUMBER_COLUMNS,
)
from goldseam.detection.engine.criterion import Criterion, coded, judge_in_blocks, words
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.session_rows import SessionRows
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries, load_series
from goldseam.series.table_columns import KEYS

if TYPE_CHECKING:
    import polars as pl

SELECTIONS = ("first", "last", "smallest", "largest")


def detect(
    ratings: "pl.DataFrame | str | Path",
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | None = None,
    higher_is_better: bool | None = None,
    missing: "float | str | Sequence[float | str]" = (),
    outlying: str | None = None,
    **parameters: Any,
) -> "Detection":
    """Find ruptures and their repair in ratings of one series or of many.

    The same code serves one series and a table of many; the result depends neither on the order of rows nor on
    the other series in the table.

    Parameters
    ----------
    ratings : polars.DataFrame, str or Path
        A row per attended session of one rater's view of one relation: ``case, rater, scale, session, value``
        and optionally ``phase, date, minimum, maximum``; or a ``.csv`` or ``.parquet`` file of them. Sessions
        are numbered from 1; an empty value is a session that was not rated.
    criterion : str
        The criterion's id; `criteria` lists them.
    version : int, optional
        Its version; the newest if not given.
    norms : Norms, optional
        The shipped default if not given.
    higher_is_better : bool, optional
        The direction of the scales; the criterion's own if not given.
    missing, outlying
        Codes for a missing rating, and whether what looks like one is real; as for `goldseam.read_ratings`.
    **parameters
        Parameters of the criterion.

    Returns
    -------
    Detection

    Raises
    ------
    TableError
        The ratings cannot be used.
    ParameterError
        The criterion, its version or a parameter does not exist, or a value is not allowed.
    NormsError
        The norms do not cover a scale, or need a range that is not known.

    Examples
    --------
    >>> import polars as pl
    >>> values = [7.0, 7.5, 7.2, 7.4, 3.9, 7.3, 7.5]
    >>> ratings = pl.DataFrame({"case": "A", "rater": "client", "scale": "alliance", "session": range(1, 8),
    ...                         "value": values, "minimum": 0, "maximum": 10})
    >>> detect(ratings).events.select("onset_session", "grade", "status", "repair_session").row(0)
    (5, 'marked', 'repaired', 6)
    """
    rule = find_criterion(criterion, version, **parameters)
    direction = rule.higher_is_better if higher_is_better is None else higher_is_better
    used = Norms.default() if norms is None else norms
    series = load_series(ratings, evidence=rule.reads_evidence, missing=missing, outlying=outlying)
    oriented = series if direction else series.reversed()
    findings = judge_in_blocks(rule, oriented, used, higher_is_better=direction)
    return Detection(
        criterion=rule,
        norms=used if rule.needs_norms else None,
        higher_is_better=direction,
        _series=oriented,
        _findings=findings,
    )


def criteria() -> tuple[type[Criterion], ...]:
    """All criteria, sorted by id and version.

    Returns
    -------
    tuple of criterion classes
    """
    return tuple(each for _, each in sorted(_by_key().items()))


def find_criterion(criterion: str, version: int | None = None, **parameters: Any) -> Criterion:
    """A criterion with its parameters set.

    Parameters
    ----------
    criterion : str
        Its id.
    version : int, optional
        Its version; the newest if not given.
    **parameters
        Values of its parameters; defaults for the others.

    Returns
    -------
    Criterion

    Raises
    ------
    ParameterError
        The criterion, the version or a parameter does not exist, or a value is not allowed.
    """
    versions = {number: each for (name, number), each in _by_key().items() if name == criterion}
    if not versions:
        known = ", ".join(sorted({name for name, _ in _by_key()}))
        raise ParameterError("unknown criterion", given=criterion, allowed=known)
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        known = ", ".join(map(str, sorted(versions)))
        raise ParameterError(f"unknown version of criterion {criterion}", given=version, allowed=known)
    chosen = versions[wanted]
    for name in parameters:
        if name not in chosen.parameters():
            known = ", ".join(chosen.parameters()) or "none"
            raise ParameterError(f"criterion {criterion} has no such parameter", given=name, allowed=known)
    return chosen(**parameters)


@cache
def _by_key() -> dict[tuple[str, int], type[Criterion]]:
    return {(each.id, each.version): each for each in CRITERIA}


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


@dataclass(frozen=True, eq=False)
class Detection:
    """What a criterion found in a table of ratings.

    Attributes
    ----------
    criterion : Criterion
        The rule with its version and parameters.
    norms : Norms or None
        The norms it used; None where it uses none.
    higher_is_better : bool
        The direction the ratings were read in.
    """

    criterion: Criterion
    norms: Norms | None
    higher_is_better: bool
    _series: RatingSeries = field(repr=False)
    _findings: Findings = field(repr=False)

    @cached_property
    def events(self) -> "pl.DataFrame":
        """One row per event, sorted by series and onset; columns as in ``docs/reference/command-line.md``.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, criterion, onset_session, onset_kind, grade, baseline, value, p, depth,
            depth_z, nadir_session, nadir, status, repair_session, duration, shape``; null where a criterion has
            no such thing.
        """
        return self.episodes.select(EVENT_COLUMNS)

    @cached_property
    def episodes(self) -> "pl.DataFrame":
        """The events with further columns.

        Returns
        -------
        polars.DataFrame
            The columns of `events`, and ``spread`` (scale of the prediction at the onset), ``depth_percent``
            (of the way from baseline to the worst possible rating), ``last_session`` (rated, of the episode),
            ``recovery`` (largest share of the drop regained in time), ``duration_is_minimum`` (a session inside
            was not rated). Criteria may add details of their own; their pages name them.
        """
        import polars as pl

        found = self._findings.events
        of = found.get_column("series").to_numpy()
        known = found.drop("series").with_columns(criterion=pl.lit(self.criterion.id))
        known = known.with_columns(
            pl.lit(None, dtype=_event_dtype(name)).alias(name)
            for name in EPISODE_COLUMNS
            if name not in (*KEYS, "depth_percent", *known.columns)
        )
        if "depth_percent" not in known.columns:
            reach = known.get_column("baseline") - pl.Series(self._series.minimum[of])
            known = known.with_columns(depth_percent=100 * pl.col("depth") / reach)
        known = known.with_columns(pl.col(pl.Float64).fill_nan(None))
        known = known.with_columns(pl.col("baseline", "value", "nadir") * self._sign)
        further = [name for name in known.columns if name not in EPISODE_COLUMNS]
        return pl.concat([self._series.keys[of], known], how="horizontal").select(*EPISODE_COLUMNS, *further)

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
        return self._rows.table((*SESSION_COLUMNS, *self.parts, *self.extra_columns))

    @cached_property
    def details(self) -> "pl.DataFrame":
        """The columns of `sessions` that say what became of each session, quicker where the others are not needed.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, session, expected, value, p, verdict``, `parts` and `extra_columns`.
        """
        return self._rows.table((*DETAIL_COLUMNS, *self.parts, *self.extra_columns))

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

    @cached_property
    def series(self) -> "pl.DataFrame":
        """One row per series.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, n_sessions, n_rated, n_judged, n_events, outcome``; the outcome is
            *judged* (and nothing found), *flagged*, *not applied* or *not enough data*.
        """
        import polars as pl

        verdict, events = self._findings.verdict, self._findings.events.get_column("series").to_numpy()
        judged = self._per_series((verdict == Verdict.MET) | (verdict == Verdict.NOT_MET))
        n_events, missed = (
            np.bincount(of, minlength=self._series.n_series) for of in (events, self._series.missed_series)
        )
        outcome = coded(
            (n_events > 0, Outcome.FLAGGED),
            (judged > 0, Outcome.JUDGED),
            (self._per_series(verdict == Verdict.NOT_APPLIED) > 0, Outcome.NOT_APPLIED),
            otherwise=Outcome.NOT_ENOUGH_DATA,
        )
        return self._series.keys.with_columns(
            n_sessions=pl.Series(self._series.lengths + missed),
            n_rated=pl.Series(self._series.lengths),
            n_judged=pl.Series(judged),
            n_events=pl.Series(n_events),
            outcome=words(outcome, Outcome),
        )

    def _per_series(self, flags: Flags) -> Integers:
        """How many ratings of each series are flagged."""
        return np.bincount(self._series.series_of[flags], minlength=self._series.n_series)

    def one_per_series(self, select: str = "first") -> "pl.DataFrame":
        """One row per series, with one of its events.

        Parameters
        ----------
        select : str
            *first*, *last*, *smallest* or *largest*: which event; of equally large ones the earliest.

        Returns
        -------
        polars.DataFrame
            The columns of `series`; ``group``, *none* where no event was found, *repaired* where all were,
            *unrepaired* where one was not or only in part, null where that is not known; and the columns of
            `episodes`, null for a series without an event.

        Raises
        ------
        ParameterError
            There is no such choice.
        """
        import polars as pl

        if select not in SELECTIONS:
            raise ParameterError(
                "no such choice", where="select", given=select, allowed=", ".join(SELECTIONS)
            )
        owner = self._findings.events.get_column("series")
        numbered = self.episodes.drop(KEYS).with_columns(series=owner).with_row_index("at")
        size = pl.col(self._findings.size)
        by = {"first": pl.col("at"), "last": -pl.col("at").cast(pl.Int64), "smallest": size, "largest": -size}
        chosen = numbered.sort("series", by[select], "at", nulls_last=True).unique("series", keep="first")
        rows = self.series.with_columns(series=pl.int_range(self._series.n_series, dtype=pl.Int64))
        joined = rows.join(self._groups(owner), on="series", how="left", maintain_order="left")
        nothing = (pl.col("outcome") == "judged") & pl.col("group").is_null()
        joined = joined.with_columns(pl.when(nothing).then(pl.lit("none")).otherwise("group").alias("group"))
        joined = joined.join(chosen.drop("at"), on="series", how="left", maintain_order="left")
        return joined.drop("series")

    def _groups(self, owner: "pl.Series") -> "pl.DataFrame":
        """Repaired, unrepaired or null, per series with events."""
        import polars as pl

        status = pl.col("status")
        statuses = pl.DataFrame({"series": owner, "status": self.episodes.get_column("status")})
        repaired = status.is_in([Status.REPAIRED.word, Status.REPAIRED_UNCONFIRMED.word]).all()
        failed = status.is_in([Status.UNREPAIRED.word, Status.PARTIAL.word]).any()
        group = pl.when(repaired).then(pl.lit("repaired")).when(failed).then(pl.lit("unrepaired"))
        return statuses.group_by("series").agg(group.alias("group"))

    @cached_property
    def counts(self) -> Counts:
        """How many series were judged, flagged, or could not be judged.

        Returns
        -------
        Counts
        """
        outcomes = self.series.get_column("outcome")
        flagged = int((outcomes == "flagged").sum())
        return Counts(
            series=len(outcomes),
            judged=int((outcomes == "judged").sum()) + flagged,
            flagged=flagged,
            not_applied=int((outcomes == "not applied").sum()),
            not_enough_data=int((outcomes == "not enough data").sum()),
        )

    @property
    def _sign(self) -> int:
        return 1 if self.higher_is_better else -1


def _event_dtype(name: str) -> "type[pl.DataType]":
    import polars as pl

    if name in TEXT_COLUMNS:
        return pl.String
    if name in WHOLE_NUMBER_COLUMNS:
        return pl.Int64
    return pl.Boolean if name == "duration_is_minimum" else pl.Float64
