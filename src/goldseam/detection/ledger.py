"""Running episodes of many series and the records of those that ended: mended, confirmed, given up."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.episodes import (
    HALF,
    INDETERMINATE,
    NO_EPISODE,
    OPEN,
    RECOVERING,
    REPAIRED,
    REPAIRED_UNCONFIRMED,
    STILL_OPEN,
    Episodes,
    events_table,
    unrepaired_status,
)

if TYPE_CHECKING:
    import polars as pl

RATINGS_TO_TELL = 2


class Ledger:
    """One running episode for each series at most, cut to the series that still have a rating.

    Attributes
    ----------
    episodes : Episodes
        Of the series that still have a rating; writes through to those of all.
    recovered : float
        Share of the fall regained at a repair.
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
        """
        self.episodes = self._everyone.first(active)

    def confirm_repairs(self, value: Floats) -> Flags:
        """The rating after a repair confirms it, or takes it back.

        Parameters
        ----------
        value : ndarray of float

        Returns
        -------
        ndarray of bool
            Where a repair was taken back, so that the episode goes on.
        """
        episodes = self.episodes
        recovering: Flags = episodes.stage == RECOVERING
        if not recovering.any():
            return recovering
        held = recovering & self._holds(value)
        self._records.append(self._record(held, REPAIRED))
        episodes.stage[held] = NO_EPISODE
        fell_back = recovering & ~held
        episodes.stage[fell_back] = OPEN
        return fell_back

    def follow(self, ongoing: Flags, session: Integers, value: Floats) -> tuple[Flags, Flags]:
        """Take one more rating into the running episodes.

        Parameters
        ----------
        ongoing : ndarray of bool
        session, value : ndarray

        Returns
        -------
        repaired, given_up : ndarray of bool
        """
        episodes = self.episodes
        episodes.follow(ongoing, session, value, self.window)
        repaired = ongoing & self._mends(value)
        np.copyto(episodes.candidate, value, where=repaired)
        np.copyto(episodes.candidate_session, self._mended_since(session), where=repaired)
        episodes.stage[repaired] = RECOVERING
        given_up = ongoing & ~repaired & (episodes.later_ratings >= self.window)
        if given_up.any():
            status = unrepaired_status(episodes.recovery(episodes.best))
            self._records.append(self._record(given_up, status))
            episodes.stage[given_up] = NO_EPISODE
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
        running = everyone.stage == OPEN
        status = np.full(len(running), STILL_OPEN, np.int8)
        if ended:
            few = everyone.later_ratings < RATINGS_TO_TELL
            later = unrepaired_status(everyone.recovery(everyone.best))
            status = np.where(few, INDETERMINATE, later).astype(np.int8)
        self.keep(len(running))
        self._records.append(self._record(running, status))
        self._records.append(self._record(everyone.stage == RECOVERING, REPAIRED_UNCONFIRMED))
        return events_table(self._records, by_length, self.details)

    def _mends(self, value: Floats) -> Flags:
        """Where a rating is a repair."""
        mends: Flags = self.episodes.recovery(value) >= self.recovered
        return mends

    def _mended_since(self, session: Integers) -> Integers:
        """The session of the repair."""
        return session

    def _holds(self, value: Floats) -> Flags:
        """Where the rating after a repair confirms it."""
        episodes = self.episodes
        holds: Flags = episodes.recovery((episodes.candidate + value) / 2) >= HALF
        return holds

    def _record(self, where: Flags, status: NDArray[np.int8] | int) -> dict[str, NDArray[Any]]:
        """What is known of the episodes that end here."""
        return self.episodes.record(where, status)
