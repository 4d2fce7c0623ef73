"""The three sessions before and the three after each interval between two sessions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.series import RatingSeries

REACH = 3
# Of the pooled SD, by the number of scores before and after; none with fewer than three.
DEGREES = np.array([np.nan, np.nan, np.nan, 1, 2, 3, 4])
# Rows looked at together: few enough that what is computed of them stays in the processor's memory.
BLOCK = 2**15
# More than any session number, so that a step in time never leads into the next series.
STRIDE = 2**32


@dataclass(frozen=True, eq=False)
class Windows:
    """Scores around intervals from session n to n + 1; NaN where a session was not rated.

    Attributes
    ----------
    before : ndarray of float, shape (3, n_intervals)
        Of sessions n - 2, n - 1 and n.
    after : ndarray of float, shape (3, n_intervals)
        Of sessions n + 1, n + 2 and n + 3.
    """

    before: Floats
    after: Floats

    @property
    def start(self) -> Floats:
        """The score at session n."""
        last: Floats = self.before[-1]
        return last

    @property
    def end(self) -> Floats:
        """The score at session n + 1."""
        first: Floats = self.after[0]
        return first

    @cached_property
    def magnitude(self) -> Floats:
        """The score at n minus the score at n + 1."""
        return self.start - self.end

    @cached_property
    def observed(self) -> Flags:
        """Whether both ends of the interval were rated."""
        seen: Flags = ~np.isnan(self.magnitude)
        return seen

    @cached_property
    def n_before(self) -> Integers:
        """Rated sessions among the three before."""
        return _count(self._seen_before)

    @cached_property
    def n_after(self) -> Integers:
        """Rated sessions among the three after."""
        return _count(self._seen_after)

    @cached_property
    def mean_before(self) -> Floats:
        """Mean of the rated among the three before."""
        return _mean(self.before, self._seen_before, self.n_before)

    @cached_property
    def mean_after(self) -> Floats:
        """Mean of the rated among the three after."""
        return _mean(self.after, self._seen_after, self.n_after)

    @cached_property
    def pooled_sd(self) -> Floats:
        """``sqrt(((n1 - 1) s1² + (n2 - 1) s2²) / (n1 + n2 - 2))``; NaN with fewer than three scores."""
        before = _squares(self.before, self._seen_before, self.mean_before)
        after = _squares(self.after, self._seen_after, self.mean_after)
        pooled: Floats = np.sqrt((before + after) / DEGREES[self.n_before + self.n_after])
        return pooled

    @cached_property
    def _seen_before(self) -> Flags:
        return ~np.isnan(self.before)

    @cached_property
    def _seen_after(self) -> Flags:
        return ~np.isnan(self.after)

    @classmethod
    def joined(cls, parts: "Sequence[Windows]") -> "Windows":
        """Windows one after the other.

        Parameters
        ----------
        parts : sequence of Windows
            One or more.

        Returns
        -------
        Windows
        """
        before, after = ([getattr(part, side) for part in parts] for side in ("before", "after"))
        return cls(np.concatenate(before, axis=1), np.concatenate(after, axis=1))

    def only(self, where: Flags | Integers) -> "Windows":
        """The windows of some of the intervals.

        Parameters
        ----------
        where : ndarray of bool, shape (n_intervals,), or of int
            Which ones, or their places.

        Returns
        -------
        Windows
        """
        return Windows(self.before[:, where], self.after[:, where])


@dataclass(frozen=True, eq=False)
class Rows:
    """Sessions of many series one after the other, ascending; rows without a rating have a NaN score.

    Attributes
    ----------
    series, session : ndarray of int, shape (n_rows,)
    score : ndarray of float, shape (n_rows,)
    rated : ndarray of bool, shape (n_rows,)
    """

    series: Integers
    session: Integers
    score: Floats
    rated: Flags

    @cached_property
    def place(self) -> Integers:
        """A number that grows by one from a session to the next, and by much from series to series."""
        return self.series * STRIDE + self.session

    def at(self, offset: int) -> Floats:
        """The score so many sessions later (or earlier, if negative).

        Parameters
        ----------
        offset : int
            Sessions; negative for earlier ones.

        Returns
        -------
        ndarray of float, shape (n_rows,)
        """
        found = np.full(len(self.score), np.nan)
        self._fill(found, offset)
        return found

    def _fill(self, found: Floats, offset: int) -> None:
        """Put the score so many sessions later into each row, where there is one."""
        if not offset:
            found[:] = self.score
        # rows are ascending and distinct, so a session so many later is at most that many rows away
        for step in range(1, min(abs(offset), len(found) - 1) + 1):
            there = self._apart(step) == abs(offset)
            if offset > 0:
                np.copyto(found[:-step], self.score[step:], where=there)
            else:
                np.copyto(found[step:], self.score[:-step], where=there)

    def _apart(self, step: int) -> Integers:
        """How many sessions later the row so many rows further on is."""
        if step not in self._distances:
            self._distances[step] = self.place[step:] - self.place[:-step]
        return self._distances[step]

    @cached_property
    def _distances(self) -> dict[int, Integers]:
        return {}

    def windows(self, span: slice, *, anchored_after: bool) -> Windows:
        """The windows of the interval that ends, or begins, with each of some rows.

        Parameters
        ----------
        span : slice
            The rows.
        anchored_after : bool
            True: the row is session n + 1; false: it is session n.

        Returns
        -------
        Windows
        """
        # no session of a window is more than three rows away
        from_row = max(span.start - REACH, 0)
        around = slice(from_row, span.stop + REACH)
        nearby = Rows(self.series[around], self.session[around], self.score[around], self.rated[around])
        shift = 1 if anchored_after else 0
        wanted = slice(span.start - from_row, span.stop - from_row)
        scores = np.full((2 * REACH, len(nearby.score)), np.nan)
        for row, offset in zip(scores, range(1 - REACH, REACH + 1), strict=True):
            nearby._fill(row, offset - shift)
        return Windows(scores[:REACH, wanted], scores[REACH:, wanted])

    def all_windows(self, *, anchored_after: bool) -> Windows:
        """The windows of all rows; see `windows`.

        Parameters
        ----------
        anchored_after : bool
            True: the row is session n + 1; false: it is session n.

        Returns
        -------
        Windows
        """
        return self.windows(slice(0, len(self.score)), anchored_after=anchored_after)

    def windows_after(self, places: Integers) -> Windows:
        """The windows of intervals that end at some places, looked up one by one.

        Parameters
        ----------
        places : ndarray of int, shape (n_intervals,)
            As in `place`.

        Returns
        -------
        Windows
        """
        wanted = places + np.arange(-REACH, REACH)[:, None]
        at = np.minimum(np.searchsorted(self.place, wanted), len(self.place) - 1)
        scores = np.where(self.place[at] == wanted, self.score[at], np.nan)
        return Windows(scores[:REACH], scores[REACH:])

    def spans(self) -> Iterator[slice]:
        """The rows in blocks, one after the other; one that is empty where there are no rows.

        Yields
        ------
        slice
        """
        for start in range(0, max(len(self.score), 1), BLOCK):
            yield slice(start, min(start + BLOCK, len(self.score)))


def rated_rows(series: RatingSeries, sign: int) -> Rows:
    """The rated sessions, with the scores turned by the sign.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    sign : int
        1 or -1.

    Returns
    -------
    Rows
    """
    rated = np.ones(len(series.value), np.bool_)
    return Rows(series.series_of, series.session, sign * series.value, rated)


def all_rows(series: RatingSeries, sign: int) -> tuple[Rows, Integers]:
    """Rated and unrated sessions that have a row.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    sign : int
        1 or -1.

    Returns
    -------
    rows : Rows
    order : ndarray of int, shape (n_rows,)
        Where each row comes from: the rated sessions first, then the others.
    """
    owner = np.concatenate((series.series_of, series.missed_series))
    session = np.concatenate((series.session, series.missed_session))
    score = np.concatenate((sign * series.value, np.full(len(series.missed_series), np.nan)))
    order = np.lexsort((session, owner))
    return Rows(owner[order], session[order], score[order], ~np.isnan(score[order])), order


def _count(seen: Flags) -> Integers:
    """How many of the three; adding whole rows is quicker than a sum down the columns."""
    ones = seen.view(np.int8)
    count: Integers = ones[0] + ones[1] + ones[2]
    return count


def _total(scores: Floats, seen: Flags) -> Floats:
    """Sum of those of the three that were rated; the others are written over."""
    np.copyto(scores, 0.0, where=~seen)
    total: Floats = scores[0] + scores[1]
    total += scores[2]
    return total


def _mean(scores: Floats, seen: Flags, count: Integers) -> Floats:
    with np.errstate(invalid="ignore"):  # nothing divided by nothing is NaN, as it should be
        mean: Floats = _total(scores.copy(), seen) / count
    return mean


def _squares(scores: Floats, seen: Flags, mean: Floats) -> Floats:
    away = scores - mean
    return _total(np.square(away, out=away), seen)
