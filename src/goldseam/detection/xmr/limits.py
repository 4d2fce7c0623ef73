"""Limits of the chart of individuals and moving ranges, and what they can show.

Constants as printed in Wheeler & Chambers, *Understanding Statistical Process Control* (1992).
"""

from dataclasses import dataclass

import numpy as np

from goldseam.detection.episodes import Flags
from goldseam.detection.episodic import before
from goldseam.series import Floats, Integers, RatingSeries

MEAN_TO_LIMIT, MEDIAN_TO_LIMIT = 2.66, 3.145
MEAN_TO_RANGE_LIMIT, MEDIAN_TO_RANGE_LIMIT = 3.267, 3.865
SIGMAS = 3


@dataclass(frozen=True, eq=False)
class Limits:
    """Centre, sigma and upper limit of the moving range: per series, or per rating.

    Attributes
    ----------
    centre, sigma, range_limit : ndarray of float
        NaN where there is no rating, or no two adjacent ones, to take them from.
    """

    centre: Floats
    sigma: Floats
    range_limit: Floats

    def at(self, index: Integers) -> "Limits":
        """The limits at some positions.

        Parameters
        ----------
        index : ndarray of int

        Returns
        -------
        Limits
        """
        return Limits(self.centre[index], self.sigma[index], self.range_limit[index])

    def replaced(self, where: Flags, other: "Limits") -> "Limits":
        """Other limits in some places.

        Parameters
        ----------
        where : ndarray of bool
        other : Limits

        Returns
        -------
        Limits
        """
        return Limits(
            np.where(where, other.centre, self.centre),
            np.where(where, other.sigma, self.sigma),
            np.where(where, other.range_limit, self.range_limit),
        )


def moving_ranges(series: RatingSeries) -> Floats:
    """Distance from the rating of the session immediately before; gaps are never bridged.

    Parameters
    ----------
    series : RatingSeries

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        NaN where that session was not rated.
    """
    distance = np.abs(series.value - before(series, series.value))
    return np.where(series.follows_directly, distance, np.nan)


def limits_of(series: RatingSeries, included: Flags, *, median: bool) -> Limits:
    """The limits that some of the ratings give: sigma from the mean or the median moving range.

    Parameters
    ----------
    series : RatingSeries
    included : ndarray of bool, shape (n_ratings,)
        A moving range counts where both of its ratings do.
    median : bool

    Returns
    -------
    Limits
        Arrays of shape (n_series,).
    """
    ranges = moving_ranges(series)
    counted = included & series.follows_directly & (before(series, included.astype(np.float64)) == 1)
    ranges_of = _medians if median else _means
    typical = ranges_of(series.series_of[counted], ranges[counted], series.n_series)
    centre = _means(series.series_of[included], series.value[included], series.n_series)
    to_limit = MEDIAN_TO_LIMIT if median else MEAN_TO_LIMIT
    to_range = MEDIAN_TO_RANGE_LIMIT if median else MEAN_TO_RANGE_LIMIT
    return Limits(
        np.where(np.isnan(typical), np.nan, centre), typical * to_limit / SIGMAS, typical * to_range
    )


def reachable(series: RatingSeries, lows: int, sigmas: float, *, median: bool) -> Flags:
    """Whether so many low ratings in a row, the last one here, could pass a limit that they themselves widen.

    Without any other variation, a dip of depth 1 lowers the centre by lows/n and makes each moving range at
    its edges 1, so that the limit lies ``lows/n + sigmas * sigma`` below the usual level.

    Parameters
    ----------
    series : RatingSeries
    lows : int
    sigmas : float
        Distance of the limit from the centre.
    median : bool

    Returns
    -------
    ndarray of bool, shape (n_ratings,)
    """
    typical = _typical_range_of_a_dip(series, lows, median=median)
    sigma = typical * (MEDIAN_TO_LIMIT if median else MEAN_TO_LIMIT) / SIGMAS
    possible: Flags = lows / series.lengths[series.series_of] + sigmas * sigma < 1
    return possible & (series.position >= lows - 1)


def range_reachable(series: RatingSeries, *, median: bool) -> Flags:
    """Whether one low rating here could pass the limit of the moving range that it itself widens.

    Parameters
    ----------
    series : RatingSeries
    median : bool

    Returns
    -------
    ndarray of bool, shape (n_ratings,)
    """
    typical = _typical_range_of_a_dip(series, 1, median=median)
    possible: Flags = typical * (MEDIAN_TO_RANGE_LIMIT if median else MEAN_TO_RANGE_LIMIT) < 1
    return possible


def _typical_range_of_a_dip(series: RatingSeries, lows: int, *, median: bool) -> Floats:
    """Mean or median moving range of a series that is flat but for one dip of depth 1 that ends here."""
    paired = series.follows_directly
    pairs = np.bincount(series.series_of[paired], minlength=series.n_series)[series.series_of]
    fall = before(series, paired.astype(np.float64), lows - 1) == 1 if lows > 1 else paired
    rise = np.append(paired[1:], False) & (series.position + 1 < series.lengths[series.series_of])
    edges = fall.astype(np.int64) + rise
    if median:
        median_range: Floats = np.select([2 * edges < pairs, 2 * edges == pairs], [0.0, 0.5], 1.0)
        return median_range
    mean_range: Floats = np.divide(edges, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return mean_range


def _means(owner: Integers, values: Floats, n_series: int) -> Floats:
    count = np.bincount(owner, minlength=n_series)
    total = np.bincount(owner, weights=values, minlength=n_series)
    means: Floats = np.divide(total, count, out=np.full(n_series, np.nan), where=count > 0)
    return means


def _medians(owner: Integers, values: Floats, n_series: int) -> Floats:
    """The median of each owner's values; NaN without any."""
    ordered = values[np.lexsort((values, owner))]
    count = np.bincount(owner, minlength=n_series)
    first = np.cumsum(count) - count
    some = count > 0
    result = np.full(n_series, np.nan)
    low, high = first + (count - 1) // 2, first + count // 2
    result[some] = (ordered[low[some]] + ordered[high[some]]) / 2
    return result
