"""ControlLimits of the chart of individuals and moving ranges, and what they can show.

Constants as printed in Wheeler & Chambers, *Understanding Statistical Process Control* (1992).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.series import RatingSeries

MEAN_TO_LIMIT, MEDIAN_TO_LIMIT = 2.66, 3.145
MEAN_TO_RANGE_LIMIT, MEDIAN_TO_RANGE_LIMIT = 3.267, 3.865
SIGMAS = 3
# Mean moving range of a standard normal, and of it its own limit: 1 + 3 d3 / d2 with d3 = sqrt(2 - 4 / pi).
D2 = 2 / sqrt(pi)
CONSTANTS = {
    "published": (MEAN_TO_LIMIT, MEAN_TO_RANGE_LIMIT),
    "exact": (SIGMAS / D2, 1 + SIGMAS * sqrt(2 - 4 / pi) / D2),
    "table": (SIGMAS / 1.128, MEAN_TO_RANGE_LIMIT),
}
"""From the mean moving range to the limits: as printed by Wheeler & Chambers, exact, and with d2 as tables give it."""
SIGMA_TO_RANGE_LIMIT = MEAN_TO_RANGE_LIMIT / (MEAN_TO_LIMIT / SIGMAS)


@dataclass(frozen=True, eq=False)
class ControlLimits:
    """Centre, sigma and upper limit of the moving range: per series, or per rating.

    Attributes
    ----------
    centre, sigma, range_limit : ndarray of float
        NaN where there is no rating, or no two adjacent ones, to take them from.
    """

    centre: Floats
    sigma: Floats
    range_limit: Floats

    def at(self, index: Integers) -> "ControlLimits":
        """The limits at some positions.

        Parameters
        ----------
        index : ndarray of int
            Positions of series, or of ratings, as the limits are per series or per rating.

        Returns
        -------
        ControlLimits
        """
        return ControlLimits(self.centre[index], self.sigma[index], self.range_limit[index])

    def replaced(self, where: Flags, other: "ControlLimits") -> "ControlLimits":
        """Other limits in some places.

        Parameters
        ----------
        where : ndarray of bool
            Of the shape of the limits.
        other : ControlLimits
            Of the same shape.

        Returns
        -------
        ControlLimits
        """
        return ControlLimits(
            np.where(where, other.centre, self.centre),
            np.where(where, other.sigma, self.sigma),
            np.where(where, other.range_limit, self.range_limit),
        )


def moving_ranges(series: RatingSeries) -> Floats:
    """Distance from the rating of the session immediately before; gaps are never bridged.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        NaN where that session was not rated.
    """
    distance = np.abs(series.value - series.lagged(series.value))
    return np.where(series.follows_directly, distance, np.nan)


class Sigma(ABC):
    """A way to get sigma from ratings."""

    @abstractmethod
    def limits(self, series: RatingSeries, included: Flags) -> ControlLimits:
        """The limits that some of the ratings give.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        included : ndarray of bool, shape (n_ratings,)
            Which ratings count.

        Returns
        -------
        ControlLimits
            Arrays of shape (n_series,).
        """

    @abstractmethod
    def of_a_dip(self, series: RatingSeries, lows: int) -> tuple[Floats, Floats]:
        """What a series would give that is flat but for one dip of depth 1 that ends here.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        lows : int
            Ratings of the dip.

        Returns
        -------
        sigma, range_limit : ndarray of float, shape (n_ratings,)
        """

    def reachable(self, series: RatingSeries, lows: int, sigmas: float) -> Flags:
        """Whether so many low ratings in a row, the last one here, could pass a limit that they themselves widen.

        Without any other variation, a dip of depth 1 lowers the centre by lows/n, so that the limit lies
        ``lows/n + sigmas * sigma`` below the usual level.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        lows : int
            Ratings of the dip, 1 or more.
        sigmas : float
            Distance of the limit from the centre.

        Returns
        -------
        ndarray of bool, shape (n_ratings,)
        """
        sigma, _ = self.of_a_dip(series, lows)
        possible: Flags = lows / series.lengths[series.series_of] + sigmas * sigma < 1
        return possible & (series.position >= lows - 1)

    def range_reachable(self, series: RatingSeries) -> Flags:
        """Whether one low rating here could pass the limit of the moving range that it itself widens.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.

        Returns
        -------
        ndarray of bool, shape (n_ratings,)
        """
        _, range_limit = self.of_a_dip(series, 1)
        possible: Flags = range_limit < 1
        return possible


@dataclass(frozen=True)
class FromRanges(Sigma):
    """Sigma from the mean, or the median, moving range; a key of `CONSTANTS` for the mean."""

    median: bool
    constants: str = "published"

    def limits(self, series: RatingSeries, included: Flags) -> ControlLimits:
        """See `Sigma.limits`; a moving range counts where both of its ratings do."""
        ranges = moving_ranges(series)
        counted = included & series.follows_directly & series.lagged_flags(included)
        ranges_of = _medians if self.median else _means
        typical = ranges_of(series.series_of[counted], ranges[counted], series.n_series)
        centre = _means(series.series_of[included], series.value[included], series.n_series)
        return ControlLimits(np.where(np.isnan(typical), np.nan, centre), *self._scaled(typical))

    def of_a_dip(self, series: RatingSeries, lows: int) -> tuple[Floats, Floats]:
        """See `Sigma.of_a_dip`; the moving ranges are 1 at the edges of the dip and 0 elsewhere."""
        paired = series.follows_directly
        pairs = np.bincount(series.series_of[paired], minlength=series.n_series)[series.series_of]
        drop = series.lagged_flags(paired, lows - 1) if lows > 1 else paired
        rise = np.append(paired[1:], False)  # the first rating of the next series follows none
        edges = drop.astype(np.int64) + rise
        if self.median:
            return self._scaled(np.select([2 * edges < pairs, 2 * edges == pairs], [0.0, 0.5], 1.0))
        return self._scaled(np.divide(edges, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))

    def _scaled(self, typical: Floats) -> tuple[Floats, Floats]:
        """Sigma and the limit of the moving range."""
        if self.median:
            return typical * MEDIAN_TO_LIMIT / SIGMAS, typical * MEDIAN_TO_RANGE_LIMIT
        to_limit, to_range_limit = CONSTANTS[self.constants]
        return typical * to_limit / SIGMAS, typical * to_range_limit


@dataclass(frozen=True, eq=False)
class Shrunken(Sigma):
    """Sigma from the person's own variance, drawn towards that of the norms.

    The posterior of an inverse gamma over own variances: ``(rate + own squares / 2) / (shape + (n - 1) / 2)``.

    Attributes
    ----------
    shape, rate : ndarray of float, shape (n_series,)
        Of the norms, in points.
    """

    shape: Floats
    rate: Floats

    def limits(self, series: RatingSeries, included: Flags) -> ControlLimits:
        """See `Sigma.limits`."""
        owner, value = series.series_of[included], series.value[included]
        centre = _means(owner, value, series.n_series)
        count = np.bincount(owner, minlength=series.n_series)
        squares = np.bincount(owner, weights=(value - centre[owner]) ** 2, minlength=series.n_series)
        sigma = np.sqrt((self.rate + squares / 2) / (self.shape + np.maximum(count - 1, 0) / 2))
        sigma[count == 0] = np.nan
        return ControlLimits(centre, sigma, sigma * SIGMA_TO_RANGE_LIMIT)

    def of_a_dip(self, series: RatingSeries, lows: int) -> tuple[Floats, Floats]:
        """See `Sigma.of_a_dip`; the dip is so deep that the norms' own rate does not matter."""
        count = series.lengths[series.series_of]
        squares = lows * np.maximum(count - lows, 0) / count
        sigma = np.sqrt(squares / 2 / (self.shape[series.series_of] + (count - 1) / 2))
        return sigma, sigma * SIGMA_TO_RANGE_LIMIT


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
