"""Episodes of strain, for many series at once: opened, followed, repaired or given up.

Terms: *baseline* is what was expected just before the onset, frozen for the episode; *nadir* the lowest rating of
the episode; the *recovery* of a rating is the share of the drop from baseline to nadir that it has regained.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.engine.codes import Grade, OnsetKind, Shape, Stage, Status
from goldseam.detection.engine.criterion import coded, words
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

SHORT_REPAIR, LONG_REPAIR = 2, 5
HALF = 0.5
LATER_RATINGS_NEEDED = 2
CONSECUTIVE_SESSIONS = 2


@dataclass
class Episodes:
    """The running episode of each series, in arrays of shape (n_series,); meaningless where there is none."""

    stage: Codes
    baseline: Floats
    spread: Floats
    onset_session: Integers
    value: Floats
    p: Floats
    grade: Codes
    kind: Codes
    nadir: Floats
    nadir_session: Integers
    best: Floats
    later_ratings: Integers
    later_sum: Floats
    last_session: Integers
    candidate: Floats
    candidate_session: Integers

    @classmethod
    def none(cls, n_series: int) -> Self:
        """No episode anywhere.

        Parameters
        ----------
        n_series : int
            How many series, 0 or more.

        Returns
        -------
        Episodes
        """
        whole = {"onset_session", "nadir_session", "later_ratings", "last_session", "candidate_session"}
        small = {"stage", "grade", "kind"}
        kinds: dict[str, Any] = dict.fromkeys(whole, np.int64) | dict.fromkeys(small, np.int8)
        return cls(
            **{each.name: np.zeros(n_series, kinds.get(each.name, np.float64)) for each in fields(cls)}
        )

    def first(self, n_series: int) -> Self:
        """A view of the first series.

        Parameters
        ----------
        n_series : int
            How many, at most as many as there are.

        Returns
        -------
        Episodes
            Writes through to this one.
        """
        return type(self)(**{each.name: getattr(self, each.name)[:n_series] for each in fields(self)})

    def open(self, where: Flags, **onset: Any) -> None:
        """Open an episode.

        Parameters
        ----------
        where : ndarray of bool, shape (n_active,)
            The series in which an episode begins.
        **onset : ndarray
            ``session, value, baseline, spread, p, grade, kind`` of the rating that is the onset.
        """
        session, value = onset.pop("session"), onset.pop("value")
        onset |= {"onset_session": session, "nadir_session": session, "last_session": session}
        onset |= {"value": value, "nadir": value, "best": -np.inf, "stage": Stage.OPEN}
        onset |= {"later_ratings": 0, "later_sum": 0.0}
        for name, new in onset.items():
            np.copyto(getattr(self, name), new, where=where, casting="same_kind")

    def follow(self, where: Flags, session: Integers, value: Floats, window: int) -> None:
        """Take in one more rating of a running episode.

        Parameters
        ----------
        where : ndarray of bool, shape (n_active,)
            The series with a running episode.
        session, value : ndarray, shape (n_active,)
            Number of the session and rating, in points.
        window : int
            Attended sessions after the onset in which a partial repair counts.
        """
        deeper = where & (value < self.nadir)
        np.copyto(self.nadir, value, where=deeper)
        np.copyto(self.nadir_session, session, where=deeper)
        soon = where & (session - self.onset_session <= window)
        np.maximum(self.best, value, out=self.best, where=soon)
        np.add(self.later_ratings, 1, out=self.later_ratings, where=where)
        np.add(self.later_sum, value, out=self.later_sum, where=where)
        np.copyto(self.last_session, session, where=where)

    def recovery(self, value: Floats) -> Floats:
        """Share of the drop from baseline to nadir regained at a rating; 0 where there is no drop.

        Parameters
        ----------
        value : ndarray of float, shape (n_active,)
            Ratings, in points.

        Returns
        -------
        ndarray of float
        """
        drop = self.baseline - self.nadir
        return np.divide(value - self.nadir, drop, out=np.zeros_like(drop), where=drop > 0)

    def record(self, where: Flags, status: Codes | int) -> dict[str, NDArray[Any]]:
        """What is known of the episodes that end here.

        Parameters
        ----------
        where : ndarray of bool, shape (n_active,)
            The series in which an episode ends.
        status : ndarray of int or int
            Members of `Status`.

        Returns
        -------
        dict of str to ndarray
            Also ``index``, the positions where they are.
        """
        index = np.flatnonzero(where)
        taken = {each.name: getattr(self, each.name)[index] for each in fields(self)}
        taken["best_recovery"] = self.recovery(self.best)[index]
        return taken | {"index": index, "status": np.broadcast_to(status, where.shape)[index]}


class EpisodeTracker:
    """One running episode for each series at most, cut to the series that still have a rating.

    Attributes
    ----------
    episodes : Episodes
        Of the series that still have a rating; writes through to those of all.
    recovered : float
        Share of the drop regained at a repair.
    window : int
        Later ratings after which an episode is given up.
    details : tuple of str
        Further columns of the events.
    """

    details: tuple[str, ...] = ()

    def __init__(self, n_series: int, *, recovered: float, window: int) -> None:
        self.episodes = self._everyone = Episodes.none(n_series)
        self.recovered, self.window = recovered, window
        self._records: list[dict[str, NDArray[Any]]] = []

    def keep(self, active: int) -> None:
        """Cut to the first so many series.

        Parameters
        ----------
        active : int
            The number of series that still have a rating, at most as many as before.
        """
        self.episodes = self._everyone.first(active)

    def confirm_repairs(self, value: Floats) -> Flags:
        """The rating after a repair confirms it, or takes it back.

        Parameters
        ----------
        value : ndarray of float, shape (n_active,)
            The next rating of each series, in points.

        Returns
        -------
        ndarray of bool
            Where a repair was taken back, so that the episode goes on.
        """
        episodes = self.episodes
        recovering: Flags = episodes.stage == Stage.RECOVERING
        if not recovering.any():
            return recovering
        held = recovering & self._is_confirmed(value)
        self._records.append(self._record(held, Status.REPAIRED))
        episodes.stage[held] = Stage.NO_EPISODE
        fell_back = recovering & ~held
        episodes.stage[fell_back] = Stage.OPEN
        return fell_back

    def follow(self, ongoing: Flags, session: Integers, value: Floats) -> tuple[Flags, Flags]:
        """Take one more rating into the running episodes.

        Parameters
        ----------
        ongoing : ndarray of bool, shape (n_active,)
            The series with a running episode.
        session, value : ndarray, shape (n_active,)
            Number of the session and rating, in points.

        Returns
        -------
        repaired, given_up : ndarray of bool
        """
        episodes = self.episodes
        episodes.follow(ongoing, session, value, self.window)
        repaired = ongoing & self._is_repair(value)
        np.copyto(episodes.candidate, value, where=repaired)
        np.copyto(episodes.candidate_session, self._repair_session(session), where=repaired)
        episodes.stage[repaired] = Stage.RECOVERING
        given_up = ongoing & ~repaired & (episodes.later_ratings >= self.window)
        if given_up.any():
            status = unrepaired_status(episodes.recovery(episodes.best))
            self._records.append(self._record(given_up, status))
            episodes.stage[given_up] = Stage.NO_EPISODE
        return repaired, given_up

    def close(self, by_length: Integers, *, ended: bool) -> "pl.DataFrame":
        """Record what still runs at each series' last rating.

        Parameters
        ----------
        by_length : ndarray of int
            The series at each position.
        ended : bool
            Whether the courses are over, so that no episode stays open.

        Returns
        -------
        polars.DataFrame
            All events, sorted by series and onset.
        """
        everyone = self._everyone
        running = everyone.stage == Stage.OPEN
        status = np.full(len(running), Status.OPEN, np.int8)
        if ended:
            few = everyone.later_ratings < LATER_RATINGS_NEEDED
            later = unrepaired_status(everyone.recovery(everyone.best))
            status = np.where(few, np.int8(Status.INDETERMINATE), later)
        self.keep(len(running))
        self._records.append(self._record(running, status))
        self._records.append(self._record(everyone.stage == Stage.RECOVERING, Status.REPAIRED_UNCONFIRMED))
        return events_table(self._records, by_length, self.details)

    def _is_repair(self, value: Floats) -> Flags:
        """Where a rating is a repair."""
        is_repair: Flags = self.episodes.recovery(value) >= self.recovered
        return is_repair

    def _repair_session(self, session: Integers) -> Integers:
        """The session of the repair."""
        return session

    def _is_confirmed(self, value: Floats) -> Flags:
        """Where the rating after a repair confirms it."""
        episodes = self.episodes
        confirmed: Flags = episodes.recovery((episodes.candidate + value) / 2) >= HALF
        return confirmed

    def _record(self, where: Flags, status: Codes | int) -> dict[str, NDArray[Any]]:
        """What is known of the episodes that end here."""
        return self.episodes.record(where, status)


def unrepaired_status(best_recovery: Floats) -> Codes:
    """Partial where half of the drop was regained in time, else unrepaired.

    Parameters
    ----------
    best_recovery : ndarray of float, shape (n,)
        Largest share of the drop regained within the window; 1 is all of it.

    Returns
    -------
    ndarray of int8, shape (n,)
        Members of `Status`.
    """
    return coded((best_recovery >= HALF, Status.PARTIAL), otherwise=Status.UNREPAIRED)


def shapes(status: Codes, duration: Integers) -> Codes:
    """The shape of each episode: V, U or prolonged if repaired, prolonged if partial, L if unrepaired, else none.

    Parameters
    ----------
    status : ndarray of int8, shape (n,)
        Members of `Status`.
    duration : ndarray of int, shape (n,)
        Sessions from the onset to the repair.

    Returns
    -------
    ndarray of int8, shape (n,)
        Members of `Shape`.
    """
    repaired = (status == Status.REPAIRED) | (status == Status.REPAIRED_UNCONFIRMED)
    return coded(
        (repaired & (duration <= SHORT_REPAIR), Shape.V),
        (repaired & (duration <= LONG_REPAIR), Shape.U),
        (repaired | (status == Status.PARTIAL), Shape.PROLONGED),
        (status == Status.UNREPAIRED, Shape.L),
        otherwise=Shape.NONE,
    )


def events_table(
    records: list[dict[str, NDArray[Any]]], by_length: Integers, details: tuple[str, ...] = ()
) -> "pl.DataFrame":
    """Ended and running episodes as rows, sorted by series and onset.

    Parameters
    ----------
    records : list of dict
        From `Episodes.record`, or arrays with the same names.
    by_length : ndarray of int
        The series at each position.
    details : tuple of str
        What else of the records becomes a column.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    columns = {name: np.concatenate([record[name] for record in records]) for name in records[0]}
    status = columns["status"]
    repaired = (status == Status.REPAIRED) | (status == Status.REPAIRED_UNCONFIRMED)
    depth = columns["baseline"] - columns["nadir"]
    end = np.where(repaired, columns["candidate_session"], columns["last_session"] + 1)
    duration = end - columns["onset_session"]
    # the onset, and the later ratings without the one that ended the episode by being a repair
    rated = columns["later_ratings"] + 1 - repaired
    rows = {
        "series": by_length[columns["index"]],
        "onset_session": columns["onset_session"],
        "onset_kind": words(columns["kind"], OnsetKind),
        "grade": words(columns["grade"], Grade),
        "baseline": columns["baseline"],
        "value": columns["value"],
        "p": columns["p"],
        "depth": depth,
        "depth_z": depth / columns["spread"],
        "nadir_session": columns["nadir_session"],
        "nadir": columns["nadir"],
        "status": words(status, Status),
        "repair_session": pl.Series(columns["candidate_session"]).set(~pl.Series(repaired), None),
        "duration": duration,
        "shape": words(shapes(status, duration), Shape),
        "spread": columns["spread"],
        "last_session": columns["last_session"],
        "recovery": np.where(np.isfinite(columns["best_recovery"]), columns["best_recovery"], np.nan),
        "duration_is_minimum": duration > rated,
    }
    rows |= {name: columns[name] for name in details}
    return pl.DataFrame(rows).sort("series", "onset_session")


def onset_kinds(series: RatingSeries, expected: Floats, spread: Floats, at: Integers) -> Codes:
    """How the drop to some ratings came about.

    *Precipitous* if one of the two sessions before was rated no more than half an SD below the baseline,
    *unknown* if neither was rated and the last rating was that near, or without an SD; else *erosion*.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    expected, spread : ndarray of float, shape (n_ratings,)
        The baseline of each rating and the SD around it, in points; NaN where there is none.
    at : ndarray of int, shape (n_onsets,)
        Positions of the ratings that drops lead to.

    Returns
    -------
    ndarray of int8, shape (n_ratings,)
        Meaningless for the other ratings.
    """
    near = expected[at] - HALF * spread[at]
    recent, close = [], []
    for back in (1, 2):
        there = series.position[at] >= back
        earlier = at - np.where(there, back, 0)
        recent.append(there & (series.session[at] - series.session[earlier] <= CONSECUTIVE_SESSIONS))
        close.append(there & (series.value[earlier] >= near))
    precipitous = (recent[0] & close[0]) | (recent[1] & close[1])
    unknown = np.isnan(near) | (~recent[0] & close[0])
    kinds = np.zeros(len(series.value), np.int8)
    kinds[at] = coded(
        (precipitous, OnsetKind.PRECIPITOUS), (unknown, OnsetKind.UNKNOWN), otherwise=OnsetKind.EROSION
    )
    return kinds
