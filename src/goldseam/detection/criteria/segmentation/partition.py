"""The best division of courses into levels: least squares with a price for each further level, solved exactly.

Dynamic programming as in Auger & Lawrence (1989), *Bulletin of Mathematical Biology* 51:39, with the price in place of
a number of segments, as in Jackson and others (2005), *IEEE Signal Processing Letters* 12:105.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.batches import equally_long
from goldseam.series import RatingSeries

# Divisions whose costs differ by less, in variances, are equally good: the difference is rounding.
EQUALLY_GOOD = 1e-9


@dataclass(frozen=True, eq=False)
class Segments:
    """Stretches of ratings with one level, one after the other through all series; arrays of shape (n_segments,).

    Attributes
    ----------
    series : ndarray of int
    first, last : ndarray of int
        Places of the first and the last rating.
    mean : ndarray of float
    number : ndarray of int, shape (n_ratings,)
        The segment each rating is part of.
    """

    series: Integers
    first: Integers
    last: Integers
    mean: Floats
    number: Integers

    @classmethod
    def beginning(cls, series: RatingSeries, begins: Flags) -> Self:
        """From the ratings segments begin with.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        begins : ndarray of bool, shape (n_ratings,)
            Whether a segment begins with the rating; true for the first of every series.

        Returns
        -------
        Segments
        """
        first = np.flatnonzero(begins)
        number = np.cumsum(begins) - 1
        last = np.append(first[1:], len(begins))[: len(first)] - 1
        # from the first rating on, so that equal ratings have exactly their own mean
        away = np.bincount(number, series.value - series.value[first][number], minlength=len(first))
        mean = series.value[first] + away / (last - first + 1)
        return cls(series.series_of[first], first, last, mean, number)


def partition(series: RatingSeries, chosen: Flags, sd: Floats, *, penalty: float, shortest: int) -> Segments:
    """Divide some of the series; the others are one segment each.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    chosen : ndarray of bool, shape (n_series,)
        Which series are divided; the others stay one segment.
    sd : ndarray of float, shape (n_series,)
        Within a person, in points, above 0.
    penalty : float
        Price of a change of level: so many variances, times the logarithm of the number of ratings.
    shortest : int
        Fewest ratings of a segment.

    Returns
    -------
    Segments
        With the least sum of squares and prices. Of equally good divisions the one whose last segment is the longest,
        then the last but one, and so on.
    """
    begins = series.position == 0
    for some in equally_long(series, chosen):
        first = series.starts[:-1][some]
        at = first + np.arange(series.lengths[some[0]])[:, None]
        scaled = (series.value[at] - series.value[first]) / sd[some]
        begins[at] = _begins(scaled, penalty * np.log(len(at)), shortest)
    return Segments.beginning(series, begins)


def _begins(value: Floats, price: float, shortest: int) -> Flags:
    """Where the segments of the best divisions begin; value and result of shape (n_ratings, n_series).

    ``best[t]`` is what the first t ratings cost at least, with a price for each segment; the last of these segments
    begins at ``last[t]``. The squares of all segments that end at t come from those that ended one rating before
    (Welford 1962, Technometrics 4:419).
    """
    n_ratings = len(value)
    mean, squares = np.zeros((2, *value.shape))
    best = np.full((n_ratings + 1, value.shape[1]), np.inf)
    best[0] = 0
    last = np.zeros(best.shape, np.int64)
    for end in range(1, n_ratings + 1):
        away = value[end - 1] - mean[:end]
        mean[:end] += away / np.arange(end, 0, -1)[:, None]
        squares[:end] += away * (value[end - 1] - mean[:end])
        starts = end - shortest + 1
        if starts > 0:
            total = best[:starts] + squares[:starts]
            least = total.min(axis=0)
            last[end] = (total <= least + EQUALLY_GOOD).argmax(axis=0)
            best[end] = least + price
    return _traced(last)


def _traced(last: Integers) -> Flags:
    """Back from the end of each course, from segment to segment."""
    n_ratings, column = len(last) - 1, np.arange(last.shape[1])
    begins = np.zeros((n_ratings, len(column)), np.bool_)
    end = np.full(len(column), n_ratings)
    while end.any():
        end = last[end, column]
        begins[end, column] = True
    return begins
