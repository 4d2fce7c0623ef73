"""Runs of falling ratings, and the rise that follows each."""

from dataclasses import dataclass, fields

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING
from goldseam.series import RatingSeries

PATTERNS = (
    "sudden fall, sudden rise",
    "slow fall, sudden rise",
    "sudden fall, slow rise",
    "slow fall, slow rise",
    "fall without rise",
)


@dataclass(frozen=True, eq=False)
class Declines:
    """Maximal runs of consecutive sessions none of which is rated higher than the one before.

    A run begins with a rating that is lower than the one before; equal ones may follow. Arrays of shape (n_runs,),
    ascending.

    Attributes
    ----------
    series : ndarray of int
    first, nadir, last : ndarray of int
        Places of the first lower rating, of the first that is as low as the last, and of the last.
    baseline, magnitude : ndarray of float
        The rating before the run, and what was lost from there to the last.
    """

    series: Integers
    first: Integers
    nadir: Integers
    last: Integers
    baseline: Floats
    magnitude: Floats

    def only(self, where: Flags) -> "Declines":
        """Some of the runs.

        Parameters
        ----------
        where : ndarray of bool, shape (n_runs,)
            Which of them.

        Returns
        -------
        Declines
        """
        return Declines(**{each.name: getattr(self, each.name)[where] for each in fields(self)})

    def inside(self, n_ratings: int) -> Integers:
        """The run each rating is part of, from its first to its last; -1 for none.

        Parameters
        ----------
        n_ratings : int
            Of all series together.

        Returns
        -------
        ndarray of int, shape (n_ratings,)
        """
        run = np.searchsorted(self.first, np.arange(n_ratings), side="right") - 1
        ends = np.append(self.last, -1)
        return np.where(np.arange(n_ratings) <= ends[run], run, -1)


@dataclass(frozen=True, eq=False)
class Rises:
    """What came after each run, before the next run or the end of the series; arrays of shape (n_runs,).

    Attributes
    ----------
    at : ndarray of int
        Place of the first rating that has returned; -1 where none has.
    last : ndarray of int
        Place of the last rating before the next run begins, or of the series.
    later : ndarray of int
        Ratings after the run up to there.
    followed : ndarray of bool
        Whether another run follows in the series.
    highest : ndarray of float
        The rating of the return, or the highest of the later ones; of the run's last where there are none.
    """

    at: Integers
    last: Integers
    later: Integers
    followed: Flags
    highest: Floats


def declines_of(series: RatingSeries) -> Declines:
    """All declines of all series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    Declines
    """
    value = series.value
    step = np.diff(value, prepend=np.inf)
    down = series.follows_directly & (step <= 0)
    lower = np.flatnonzero(series.follows_directly & (step < 0))
    edge = np.diff(np.concatenate(([False], down, [False])).astype(np.int8))
    begins, ends = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1) - 1
    at = np.searchsorted(lower, begins)
    real = at < np.searchsorted(lower, ends, side="right")
    first, last = lower[at[real]], ends[real]
    nadir = lower[np.searchsorted(lower, last, side="right") - 1]
    baseline = value[first - 1]
    return Declines(series.series_of[first], first, nadir, last, baseline, baseline - value[last])


def rises_after(series: RatingSeries, runs: Declines, tolerance: float) -> Rises:
    """The rise after each run: the first rating that lacks no more than a share of what was lost.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    runs : Declines
        Of these series.
    tolerance : float
        Share of what was lost that may be missing, from 0 to 1.

    Returns
    -------
    Rises
    """
    n_runs = len(runs.first)
    followed = np.append(runs.series[1:] == runs.series[:-1], False)[:n_runs]
    next_first = np.append(runs.first[1:], 0)[:n_runs]
    last = np.where(followed, next_first - 1, series.starts[runs.series + 1] - 1)
    later = last - runs.last
    # the ratings after each run, one run after the other
    run = np.repeat(np.arange(n_runs), later)
    place = np.arange(len(run)) - np.repeat(np.cumsum(later) - later, later) + np.repeat(runs.last + 1, later)
    level = runs.baseline - tolerance * runs.magnitude
    back = series.value[place] >= level[run] - ROUNDING
    at = np.full(n_runs, -1)
    returned, where = np.unique(run[back], return_index=True)
    at[returned] = place[back][where]
    highest = series.value[runs.last].copy()
    np.maximum.at(highest, run, series.value[place])
    highest[returned] = series.value[at[returned]]
    return Rises(at, last, later, followed, highest)


def patterns_of(series: RatingSeries, runs: Declines, rises: Rises) -> np.ndarray:
    """Which of the five patterns each run is.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    runs : Declines
        Of these series.
    rises : Rises
        After these runs.

    Returns
    -------
    ndarray of str, shape (n_runs,)
        A fall, or a rise, is sudden if one session brought it.
    """
    session = series.session
    slow_fall = runs.nadir > runs.first
    slow_rise = session[rises.at] - session[runs.last] > 1
    conditions = [rises.at < 0, slow_fall & slow_rise, slow_rise, slow_fall]
    return np.select(conditions, [PATTERNS[4], PATTERNS[3], PATTERNS[2], PATTERNS[1]], PATTERNS[0])
