"""What is expected of the next rating, and what the rating then shows of the value before the scale rounded it.

The prediction is a mixture of normal distributions, one for each possible within-person SD. A rating on a coarse
scale, or at an end of the scale, stands for an interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.state_space.population import Calibration, Population

NEWTON_STEPS = 8
FAR = 5.0  # SDs from which on the end of a scale does not matter
ROOT_TWO_PI = sqrt(2 * pi)
SMALLEST_PROBABILITY = 1e-280
SMALLEST_LOG_RATIO = 1e-6  # below it the logarithmic mean is the smaller number


@dataclass(frozen=True, eq=False)
class Prediction:
    """A mixture for each series, before the scale rounds the rating and cuts it off.

    Arrays of shape (n_within_person_sds, n_series).

    Attributes
    ----------
    weight : ndarray of float
        Probability of each within-person SD, 0 to 1; sums to 1 for each series.
    mean, sd : ndarray of float
        Of the rating given that within-person SD, in points; `sd` is above 0.
    """

    weight: Floats
    mean: Floats
    sd: Floats

    @classmethod
    def together(cls, predictions: Sequence[Self]) -> Self:
        """Several predictions side by side.

        Parameters
        ----------
        predictions : sequence of Prediction
            One or more, with the same within-person SDs.

        Returns
        -------
        Prediction
        """
        side_by_side = partial(np.concatenate, axis=1)
        return cls(
            weight=side_by_side([each.weight for each in predictions]),
            mean=side_by_side([each.mean for each in predictions]),
            sd=side_by_side([each.sd for each in predictions]),
        )

    def take(self, at: Integers) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int
            Indices of the series, from 0 on.

        Returns
        -------
        Prediction
            Arrays of shape (n_within_person_sds, len(at)).
        """
        return type(self)(self.weight[:, at], self.mean[:, at], self.sd[:, at])

    def probability_below(self, point: Floats) -> Floats:
        """Probability of less than a point: the cumulative distribution function.

        Parameters
        ----------
        point : ndarray of float, shape (n_series,)
            In points; may be infinite.

        Returns
        -------
        ndarray of float, shape (n_series,)
            0 to 1.
        """
        from scipy.special import ndtr

        return mixture_mean(self.weight, ndtr((point - self.mean) / self.sd))

    def centre(self) -> Floats:
        """Mean of the mixture in points, shape (n_series,)."""
        return mixture_mean(self.weight, self.mean)

    def spread(self) -> Floats:
        """SD of the mixture in points, shape (n_series,)."""
        square = mixture_mean(self.weight, self.sd**2 + (self.mean - self.centre()) ** 2)
        spread: Floats = np.sqrt(square)
        return spread

    def expected(self, minimum: Floats, maximum: Floats) -> Floats:
        """Mean once the ends of the scale have cut the rating off.

        Parameters
        ----------
        minimum, maximum : ndarray of float, shape (n_series,)
            Ends of the scale in points; may be infinite.

        Returns
        -------
        ndarray of float, shape (n_series,)
            In points, within the range.
        """
        reach = FAR * self.sd
        above = np.flatnonzero((self.mean + reach > maximum).any(axis=0))
        beneath = np.flatnonzero((self.mean - reach < minimum).any(axis=0))
        expected = self.centre()
        expected[above] -= _mean_excess(self.take(above), maximum[above], 1)
        expected[beneath] += _mean_excess(self.take(beneath), minimum[beneath], -1)
        within: Floats = np.clip(expected, minimum, maximum)
        return within

    def quantile(self, chance: Floats) -> Floats:
        """The point below which the next rating lies with a given probability, or with each of several.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,) or (n_chances, n_series)
            Above 0 and below 1.

        Returns
        -------
        ndarray of float
            Of that shape, in points, not cut off at the ends of the scale.
        """
        from scipy.special import ndtri

        z, each = ndtri(chance), self if chance.ndim == 1 else self._for_several()
        low = (each.mean + each.sd * z).min(axis=0)
        high = (each.mean + each.sd * z).max(axis=0)
        point: Floats = self.centre() + self.spread() * z
        for _ in range(NEWTON_STEPS):
            point = np.clip(point, low, high)
            excess = each.probability_below(point) - chance
            low, high = np.where(excess < 0, point, low), np.where(excess < 0, high, point)
            slope = mixture_mean(each.weight, normal_density((point - each.mean) / each.sd) / each.sd)
            step = np.divide(excess, slope, out=np.zeros_like(excess), where=slope > 0)
            newton = point - step
            # the ends are inside too: once found, the point is one of them
            inside = (newton >= low) & (newton <= high) & (slope > 0)
            point = np.where(inside, newton, (low + high) / 2)
        return point

    def _for_several(self) -> Self:
        """To hold several points of each series against: arrays of shape (n_within_person_sds, 1, n_series)."""
        return type(self)(*(each[:, None] for each in (self.weight, self.mean, self.sd)))


def _mean_excess(prediction: Prediction, point: Floats, side: int) -> Floats:
    """How far the rating lies beyond a point on average, counting 0 where it does not."""
    from scipy.special import ndtr

    z = side * (prediction.mean - point) / prediction.sd
    excess = prediction.sd * (z * ndtr(z) + normal_density(z))
    return mixture_mean(prediction.weight, excess)


def mixture_mean(weight: Floats, values: Floats) -> Floats:
    """Weighted mean over the within-person SDs.

    Summed row by row, so that its last digit does not depend on how many series there are.

    Parameters
    ----------
    weight : ndarray of float, shape (n_within_person_sds, ..., n_series)
        Probability of each within-person SD, 0 to 1; sums to 1 for each series.
    values : ndarray of float, shape (n_within_person_sds, ..., n_series)
        What is to be averaged, in any unit.

    Returns
    -------
    ndarray of float, shape (..., n_series)
        In the unit of `values`.
    """
    each = np.multiply(weight, values, order="C")
    # NumPy sums in pairs along what lies together in memory, as a single column does
    total: Floats = np.add.reduce(each, axis=0) if each[0].size > 1 else np.add.accumulate(each)[-1]
    return total


@dataclass(frozen=True, eq=False)
class IntervalObservation:
    """Ratings as exact values or as intervals; arrays of shape (n_within_person_sds, n_series).

    Attributes
    ----------
    error : ndarray of float
        Expected distance of the unrounded rating from the predicted one, in points.
    variance_reduction : ndarray of float
        Share of the predicted variance that the rating removes, 0 to 1: 1 where it is exact.
    chance : ndarray of float
        Probability of the rating, 0 to 1; its density per point where the scale has no steps.
    """

    error: Floats
    variance_reduction: Floats
    chance: Floats
    _exact: Floats
    _width: Floats
    _at: Integers
    _low: Floats
    _high: Floats

    @classmethod
    def of(
        cls, value: Floats, prediction: Prediction, population: Population, *, smallest_sd: Floats
    ) -> Self:
        """What a rating of each series shows.

        Parameters
        ----------
        value : ndarray of float, shape (n_series,)
            The ratings, in points, within the scale.
        prediction : Prediction
            Of these ratings.
        population : Population
            Gives the steps and ends of the scale.
        smallest_sd : ndarray of float, shape (n_series,)
            Smallest within-person SD considered, in points: a scale with steps wider than that is read as intervals.

        Returns
        -------
        IntervalObservation
        """
        middle, at, low, high, step = rating_intervals(value, population, smallest_sd)
        exact = middle - prediction.mean
        width = np.where(step > 0, step, 1.0)
        chance = normal_density(exact / prediction.sd, prediction.sd) * width
        error, reduction = exact, np.ones_like(exact)
        low, high = low - prediction.mean[:, at], high - prediction.mean[:, at]
        if at.size:
            error, sd = exact.copy(), prediction.sd[:, at]
            within, shift, variance = truncated_normal(low / sd, high / sd)
            chance[:, at], error[:, at], reduction[:, at] = within, shift * sd, 1 - variance
        return cls(error, reduction, chance, exact, width, at, low, high)

    def likelihood(self, variance: Floats, lower: Floats | None = None) -> Floats:
        """Probability, or density, of the rating if the prediction had another variance or a lower mean.

        Parameters
        ----------
        variance : ndarray of float, shape (n_within_person_sds, n_series)
            Of the prediction, in squared points, above 0.
        lower : ndarray of float, shape (n_within_person_sds, n_series), optional
            By how many points the mean is lower; 0 if not given.

        Returns
        -------
        ndarray of float, shape (n_within_person_sds, n_series)
            0 to 1; a density per point where the scale has no steps.
        """
        from scipy.special import ndtr

        sd = np.sqrt(variance)
        moved = np.zeros_like(sd) if lower is None else lower
        chance = normal_density((self._exact + moved) / sd, sd) * self._width
        if self._at.size:
            near, moved = sd[:, self._at], moved[:, self._at]
            chance[:, self._at] = ndtr((self._high + moved) / near) - ndtr((self._low + moved) / near)
        return chance


def rating_intervals(
    value: Floats, population: Population, smallest_sd: Floats
) -> tuple[Floats, Integers, Floats, Floats, Floats]:
    """Ratings; where they are intervals, at the ends of the scale and where it is coarse; from, to; and the steps."""
    top, bottom = value >= population.maximum, value <= population.minimum
    middle, low, high, step = population.stands_for(value)
    at = np.flatnonzero(top | bottom | (step > smallest_sd))
    low = np.where(bottom[at], -np.inf, low[at])
    high = np.where(top[at], np.inf, high[at])
    return middle, at, low, high, step


def lower_tail_probability(
    value: Floats, prediction: Prediction, population: Population, *, smallest_sd: Floats
) -> Floats:
    """Probability of a rating as low as this or lower.

    On a coarse scale, and at its upper end, a rating stands for an interval. There it is the logarithmic mean of the
    probabilities of less than the interval's two ends: with the half that is usual (mid-p) fewer than a share of
    ``alpha`` of the ratings would come out below ``alpha``, where the probability falls by a factor from step to step.

    Parameters
    ----------
    value, prediction, population, smallest_sd
        As for `IntervalObservation.of`.

    Returns
    -------
    ndarray of float, shape (n_series,)
        Calibrated by `Population.calibration`, 0 to 1.
    """
    calibration = population.calibration
    middle, _, _, step = population.stands_for(value)
    chance = _calibrated(calibration, prediction.probability_below(middle))
    coarse = np.flatnonzero((step > smallest_sd) | (value >= population.maximum))
    if coarse.size:
        beneath, above = interval_chances(value, prediction, population, coarse)
        there = None if calibration is None else calibration.take(coarse)
        chance[coarse] = logarithmic_mean(_calibrated(there, beneath), _calibrated(there, above))
    return chance


def interval_chances(
    value: Floats, prediction: Prediction, population: Population, at: Integers
) -> tuple[Floats, Floats]:
    """Predicted probability of less than the two ends of what a rating stands for.

    Parameters
    ----------
    value, prediction, population
        As for `IntervalObservation.of`.
    at : ndarray of int
        Indices of the series whose ratings stand for an interval.

    Returns
    -------
    beneath, above : ndarray of float, shape (len(at),)
        0 to 1, not calibrated.
    """
    there, (_, low, high, _) = prediction.take(at), population.stands_for(value)
    top = value[at] >= population.maximum[at]
    beneath = there.probability_below(low[at])
    return beneath, np.where(top, 1.0, there.probability_below(high[at]))


def _calibrated(calibration: Calibration | None, chance: Floats) -> Floats:
    return chance if calibration is None else calibration.calibrated(chance)


def normal_density(z: Floats, sd: Floats | float = 1.0) -> Floats:
    """Density of a normal variable at `z` SDs from its mean; 0 at infinity."""
    value: Floats = np.exp(-0.5 * z * z) / (ROOT_TWO_PI * sd)
    return value


def logarithmic_mean(low: Floats, high: Floats) -> Floats:
    """``(high - low) / (log(high) - log(low))``, between the two; the smaller one where they hardly differ.

    Parameters
    ----------
    low, high : ndarray of float
        Above 0, ``low <= high``; of one shape and unit.

    Returns
    -------
    ndarray of float
        Of that shape and unit.
    """
    low = np.maximum(low, SMALLEST_PROBABILITY)
    high = np.maximum(high, low)
    apart = np.log(high / low)
    mean: Floats = np.divide(high - low, apart, out=low.copy(), where=apart > SMALLEST_LOG_RATIO)
    return mean


def truncated_normal(low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Probability, mean and variance of a standard normal variable between two points.

    Parameters
    ----------
    low, high : ndarray of float
        In SDs, ``low < high``; may be infinite.

    Returns
    -------
    probability, mean, variance : ndarray of float
        So far out that the probability is lost, mean and variance are those of the nearest point.
        Johnson, Kotz & Balakrishnan, *Continuous Univariate Distributions* 1, section 10.1.
    """
    from scipy.special import ndtr

    # in the lower tail, where a difference of probabilities keeps its digits
    mirrored = low > 0
    near, far = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    probability = np.maximum(ndtr(far) - ndtr(near), SMALLEST_PROBABILITY)
    at_near, at_far = normal_density(near), normal_density(far)
    mean = (at_near - at_far) / probability
    weighted = np.where(np.isfinite(near), near, 0) * at_near - np.where(np.isfinite(far), far, 0) * at_far
    variance = np.clip(1 + weighted / probability - mean**2, 0, 1)
    lost = probability <= SMALLEST_PROBABILITY
    mean = np.where(lost, np.where(np.isfinite(far), far, near), mean)
    return probability, np.where(mirrored, -mean, mean), np.where(lost, 0, variance)
