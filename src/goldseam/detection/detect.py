"""The one call that runs any criterion on any table, and its result as tables."""

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Integers
from goldseam.detection.criteria import CRITERIA, ON_TRIAL
from goldseam.detection.engine.codes import Outcome, Verdict
from goldseam.detection.engine.columns import (
    EPISODE_COLUMNS,
    EVENT_COLUMNS,
    TEXT_COLUMNS,
    WHOLE_NUMBER_COLUMNS,
)
from goldseam.detection.engine.criterion import Criterion, coded, judge_in_blocks, words
from goldseam.detection.engine.findings import Findings
from goldseam.detection.session_tables import Counts, SessionTables
from goldseam.exceptions import ParameterError, RangeUnknownError
from goldseam.norms import Norms
from goldseam.norms.fitting import ENOUGH_SERIES
from goldseam.series import RatingSeries, load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.series.table_columns import KEYS

if TYPE_CHECKING:
    import polars as pl

AUTO, SHIPPED = "auto", "shipped"


def detect(
    ratings: Ratings,
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | str | None = AUTO,
    higher_is_better: bool | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
    **parameters: Any,
) -> "Detection":
    """Find ruptures and their repair in ratings of one series or of many.

    The same code serves one series and a table of many; the result does not depend on the order of rows, nor, with
    norms that are given or shipped, on the other series in the table.

    Parameters
    ----------
    ratings
        A row per attended session of one rater's view of one relation: ``case, rater, scale, session, value``
        and optionally ``phase, date, minimum, maximum``, in a file or in memory, as `goldseam.read_ratings` takes it.
        Sessions are numbered from 1; an empty value is a session that was not rated.
    criterion : str
        The criterion's id; `criteria` lists them.
    version : int, optional
        Its version; the newest that is not on trial if not given.
    norms : Norms, str or None
        Given ones; *shipped* or None; or *auto*: fitted to the ratings where each scale has 200 series with 4 ratings
        or more, else the shipped ones (`Detection.norms_reason` says why).
    higher_is_better : bool, optional
        The direction of the scales; the criterion's own if not given.
    missing, outlying
        Codes for a missing rating, and whether what looks like one is real; as for `goldseam.read_ratings`.
    reading : ReadOptions, optional
        How the table is written, where it is not the usual way.
    **parameters
        Parameters of the criterion.

    Returns
    -------
    Detection
        Its tables are frames of pandas where the ratings came in one, else of polars.

    Raises
    ------
    TableError
        The ratings cannot be used; every fault is named.
    ParameterError
        The criterion, its version or a parameter does not exist, or a value is not allowed.
    NormsError
        The norms do not cover a scale.

    Warns
    -----
    TableNote
        What was recognised, and ranges taken from the ratings because a criterion needs them and nothing states them.

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
    series = load_series(
        ratings, evidence=rule.reads_evidence, missing=missing, outlying=outlying, reading=reading
    )
    chosen = norms if rule.needs_norms or isinstance(norms, Norms) else SHIPPED
    used, reason = norms_for(series, chosen, higher_is_better=direction)
    try:
        oriented, findings = _judged(rule, series, used, higher_is_better=direction)
    except RangeUnknownError:
        from goldseam.series.observed_ranges import with_observed_ranges

        oriented, findings = _judged(rule, with_observed_ranges(series), used, higher_is_better=direction)
    return Detection(
        criterion=rule,
        norms=used if rule.needs_norms else None,
        higher_is_better=direction,
        norms_reason=reason if rule.needs_norms else "",
        _series=oriented,
        _findings=findings,
        _library=type(ratings).__module__.partition(".")[0],
    )


def norms_for(
    series: RatingSeries, norms: Norms | str | None, *, higher_is_better: bool
) -> tuple[Norms, str]:
    """The norms to use, and why these.

    Parameters
    ----------
    series : RatingSeries
        As loaded.
    norms, higher_is_better
        As for `detect`.

    Returns
    -------
    norms : Norms
    reason : str
        In words.

    Raises
    ------
    ParameterError
        There are no such norms.
    """
    if isinstance(norms, Norms):
        return norms, "given"
    if norms not in (AUTO, SHIPPED, None):
        raise ParameterError(
            "no such norms", where="norms", given=norms, allowed=f"norms, {AUTO} or {SHIPPED}"
        )
    if norms != AUTO or series.n_series < ENOUGH_SERIES:
        few = f"{series.n_series} series are too few to fit norms to, {ENOUGH_SERIES} are needed"
        return Norms.default(), few if norms == AUTO else "as asked for"
    from goldseam.norms.choosing import fitted_or_shipped

    return fitted_or_shipped(series, higher_is_better=higher_is_better)


def _judged(
    rule: Criterion, series: RatingSeries, norms: Norms, *, higher_is_better: bool
) -> tuple[RatingSeries, Findings]:
    """The series with higher ratings better, and what the criterion found in them."""
    oriented = series if higher_is_better else series.reversed()
    return oriented, judge_in_blocks(rule, oriented, norms, higher_is_better=higher_is_better)


def criteria() -> tuple[type[Criterion], ...]:
    """All criteria, sorted by id and version.

    Returns
    -------
    tuple of criterion classes
    """
    return tuple(_load(*key) for key in sorted(CRITERIA))


def find_criterion(criterion: str, version: int | None = None, **parameters: Any) -> Criterion:
    """A criterion with its parameters set.

    Parameters
    ----------
    criterion : str
        Its id.
    version : int, optional
        Its version; the newest that is not on trial if not given.
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
    versions = [number for name, number in CRITERIA if name == criterion]
    if not versions:
        known = ", ".join(sorted({name for name, _ in CRITERIA}))
        raise ParameterError("unknown criterion", given=criterion, allowed=known)
    settled = [number for number in versions if (criterion, number) not in ON_TRIAL]
    wanted = max(settled) if version is None else version
    if wanted not in versions:
        known = ", ".join(map(str, sorted(versions)))
        raise ParameterError(f"unknown version of criterion {criterion}", given=version, allowed=known)
    chosen = _load(criterion, wanted)
    for name in parameters:
        if name not in chosen.parameters():
            known = ", ".join(chosen.parameters()) or "none"
            raise ParameterError(f"criterion {criterion} has no such parameter", given=name, allowed=known)
    return chosen(**parameters)


def _load(criterion: str, version: int) -> type[Criterion]:
    """The class of a criterion in `CRITERIA`."""
    module, _dot, name = CRITERIA[criterion, version].rpartition(".")
    found: type[Criterion] = getattr(import_module(f"goldseam.detection.criteria.{module}"), name)
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Detection(SessionTables):
    """What a criterion found in a table of ratings.

    Attributes
    ----------
    criterion : Criterion
        The rule with its version and parameters.
    norms : Norms or None
        The norms it used; None where it uses none.
    higher_is_better : bool
        The direction the ratings were read in.
    norms_reason : str
        Why it used these norms; empty where it uses none.
    """

    criterion: Criterion
    norms: Norms | None
    higher_is_better: bool
    norms_reason: str
    _series: RatingSeries = field(repr=False)
    _findings: Findings = field(repr=False)
    _library: str = field(repr=False, default="polars")

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
        return self._shown(self._episodes.select(EVENT_COLUMNS))

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
        return self._shown(self._episodes)

    @cached_property
    def _episodes(self) -> "pl.DataFrame":
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

    def episode_dicts(self) -> list[dict[str, Any]]:
        """The rows of `episodes` as plain mappings, quicker where there are none.

        Returns
        -------
        list of dict of str to object
            Null is None.
        """
        return [] if self._findings.events.is_empty() else self._episodes.to_dicts()

    @cached_property
    def series(self) -> "pl.DataFrame":
        """One row per series.

        Returns
        -------
        polars.DataFrame
            ``case, rater, scale, phase, n_sessions, n_rated, n_judged, n_events, outcome``; the outcome is
            *judged* (and nothing found), *flagged*, *not applied* or *not enough data*.
        """
        return self._shown(self._outcomes)

    @cached_property
    def _outcomes(self) -> "pl.DataFrame":
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
        from goldseam.detection.one_event_per_series import one_event_per_series

        owner = self._findings.events.get_column("series")
        return self._shown(
            one_event_per_series(self._outcomes, self._episodes, owner, self._findings.size, select)
        )

    @cached_property
    def counts(self) -> Counts:
        """How many series were judged, flagged, or could not be judged.

        Returns
        -------
        Counts
        """
        outcomes = self._outcomes.get_column("outcome")
        flagged = int((outcomes == "flagged").sum())
        return Counts(
            series=len(outcomes),
            judged=int((outcomes == "judged").sum()) + flagged,
            flagged=flagged,
            not_applied=int((outcomes == "not applied").sum()),
            not_enough_data=int((outcomes == "not enough data").sum()),
        )

    def _shown(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """A table as a frame of the library that the ratings came in."""
        if self._library != "pandas":
            return table
        from goldseam.pandas_frames import as_pandas

        return as_pandas(table)  # type: ignore[no-any-return]

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
