"""Series of one length side by side, in portions that fit the cache."""

from collections.abc import Iterator

import numpy as np

from goldseam.arrays import Flags, Integers
from goldseam.series import RatingSeries

NUMBERS_AT_ONCE = 2**16


def equally_long(series: RatingSeries, chosen: Flags, numbers: int = 1) -> Iterator[Integers]:
    """Some of the series, in portions of one length.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    chosen : ndarray of bool, shape (n_series,)
        Which series.
    numbers : int
        How many numbers a rating takes up.

    Yields
    ------
    ndarray of int
        Series of one length, from the longest to the shortest.
    """
    order = series.by_length[chosen[series.by_length]]
    for same in np.split(order, np.flatnonzero(np.diff(series.lengths[order])) + 1):
        if same.size:
            size = max(1, NUMBERS_AT_ONCE // max(1, int(series.lengths[same[0]]) * numbers))
            yield from np.split(same, range(size, len(same), size))
