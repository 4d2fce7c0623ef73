"""Levels a rating is compared with, and SDs that the distance is measured in."""

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.moments import moments_of
from goldseam.detection.engine.norms_and_minimum_drop import priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

SD_KINDS = ("own", "own-diff", "pooled", "stricter")


def previous_rating(series: RatingSeries) -> Floats:
    """The rating at the session before; NaN where that was not rated.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
    """
    return np.where(series.follows_directly, series.lagged(series.value), np.nan)


def highest_before(series: RatingSeries) -> Floats:
    """The highest of all earlier ratings of the same series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        NaN for the first rating of a series.
    """
    highest = np.full(len(series.value), np.nan)
    so_far = np.full(series.n_series, np.nan)
    for at in series.steps():
        so_far = so_far[: len(at)]
        highest[at] = so_far
        so_far = np.fmax(so_far, series.value[at])
    return highest


def mean_of_first(series: RatingSeries, count: int) -> Floats:
    """Mean of the first ratings of each series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    count : int
        How many ratings, 1 or more.

    Returns
    -------
    ndarray of float, shape (n_series,)
        NaN where there are fewer.
    """
    enough = series.lengths >= count
    first = series.starts[:-1][enough]
    total = sum((series.value[first + place] for place in range(count)), np.zeros(len(first)))
    mean = np.full(series.n_series, np.nan)
    mean[enough] = total / count
    return mean


def reference_sd(series: RatingSeries, norms: Norms, kind: str, *, higher_is_better: bool) -> Floats:
    """The SD that the size of a drop is measured in, per series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    norms : Norms
        With an entry for every scale, where the criterion uses them.
    kind : str
        One of `SD_KINDS`: of the client's own ratings; of the differences between consecutive sessions; within
        persons, from the norms; or the larger of the first and the third.
    higher_is_better : bool
        The direction the ratings had before they were turned.

    Returns
    -------
    ndarray of float, shape (n_series,)
        NaN where there are too few ratings.
    """
    if kind == "own":
        return moments_of(series).sd
    if kind == "own-diff":
        return _sd_of_differences(series)
    pooled = priors_for(series, norms, higher_is_better=higher_is_better).within_sd
    return pooled if kind == "pooled" else np.maximum(moments_of(series).sd, pooled)


def _sd_of_differences(series: RatingSeries) -> Floats:
    """SD of the differences between consecutive rated sessions; NaN with fewer than two."""
    step = np.diff(series.value)
    pairs = (np.diff(series.session) == 1) & (np.diff(series.series_of) == 0)
    owner, change = series.series_of[1:][pairs], step[pairs]
    count = np.bincount(owner, minlength=series.n_series)
    total = np.bincount(owner, change, minlength=series.n_series)
    mean = np.divide(total, count, out=np.zeros(series.n_series), where=count > 0)
    squares = np.bincount(owner, (change - mean[owner]) ** 2, minlength=series.n_series)
    variance = np.full(series.n_series, np.nan)
    np.divide(squares, count - 1, out=variance, where=count > 1)
    deviation: Floats = np.sqrt(variance)
    return deviation
