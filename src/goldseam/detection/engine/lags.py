"""What a rating's predecessors in the same series had."""

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.series import RatingSeries


def lagged(series: RatingSeries, values: Floats, back: int = 1) -> Floats:
    """What the rating so many places earlier in the same series had.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    values : ndarray of float, shape (n_ratings,)
        A number of every rating.
    back : int
        1 for the rating before, 2 for the one before that, ...

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        NaN where there is no such rating.
    """
    shifted = np.full(len(values), np.nan)
    shifted[back:] = values[:-back] if back < len(values) else []
    shifted[series.position < back] = np.nan
    return shifted


def lagged_flags(series: RatingSeries, flags: Flags, back: int = 1) -> Flags:
    """The flag of the rating so many places earlier in the same series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    flags : ndarray of bool, shape (n_ratings,)
        Of every rating.
    back : int
        1 for the rating before, 2 for the one before that, ...

    Returns
    -------
    ndarray of bool, shape (n_ratings,)
        False where there is no such rating.
    """
    shifted = np.zeros_like(flags)
    shifted[back:] = flags[: max(len(flags) - back, 0)]
    return shifted & (series.position >= back)
