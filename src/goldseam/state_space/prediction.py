"""What is expected of the next rating: a mixture of normal distributions, one for each possible own SD."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.state_space.normal import density

NEWTON_STEPS = 8
FAR = 5.0  # SDs from which on the end of a scale does not matter


@dataclass(frozen=True, eq=False)
class Prediction:
    """A mixture for each series; arrays of shape (n_within_person_sds, n_series), before the scale rounds and cuts.

    Attributes
    ----------
    weight : ndarray of float
        Sum to 1 for each series.
    mean, sd : ndarray of float
        In points.
    """

    weight: Floats
    mean: Floats
    sd: Floats

    def take(self, at: Integers) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int

        Returns
        -------
        Prediction
        """
        return type(self)(self.weight[:, at], self.mean[:, at], self.sd[:, at])

    def below(self, point: Floats) -> Floats:
        """Probability of less than a point.

        Parameters
        ----------
        point : ndarray of float, shape (n_series,)

        Returns
        -------
        ndarray of float, shape (n_series,)
        """
        from scipy.special import ndtr

        return mixed(self.weight, ndtr((point - self.mean) / self.sd))

    def centre(self) -> Floats:
        """Mean, shape (n_series,)."""
        return mixed(self.weight, self.mean)

    def spread(self) -> Floats:
        """SD, shape (n_series,)."""
        square = mixed(self.weight, self.sd**2 + (self.mean - self.centre()) ** 2)
        spread: Floats = np.sqrt(square)
        return spread

    def expected(self, minimum: Floats, maximum: Floats) -> Floats:
        """Mean once the ends of the scale have cut the rating off.

        Parameters
        ----------
        minimum, maximum : ndarray of float, shape (n_series,)
            May be infinite.

        Returns
        -------
        ndarray of float, shape (n_series,)
            Within the range.
        """
        reach = FAR * self.sd
        above = np.flatnonzero((self.mean + reach > maximum).any(axis=0))
        beneath = np.flatnonzero((self.mean - reach < minimum).any(axis=0))
        expected = self.centre()
        expected[above] -= _beyond(self.take(above), maximum[above], 1)
        expected[beneath] += _beyond(self.take(beneath), minimum[beneath], -1)
        within: Floats = np.clip(expected, minimum, maximum)
        return within

    def quantile(self, chance: Floats) -> Floats:
        """The point below which the next rating lies with a given probability.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,)
            Above 0 and below 1.

        Returns
        -------
        ndarray of float, shape (n_series,)
        """
        from scipy.special import ndtri

        z = ndtri(chance)
        low = (self.mean + self.sd * z).min(axis=0)
        high = (self.mean + self.sd * z).max(axis=0)
        point: Floats = self.centre() + self.spread() * z
        for _ in range(NEWTON_STEPS):
            point = np.clip(point, low, high)
            excess = self.below(point) - chance
            low, high = np.where(excess < 0, point, low), np.where(excess < 0, high, point)
            slope = mixed(self.weight, density((point - self.mean) / self.sd) / self.sd)
            step = np.divide(excess, slope, out=np.zeros_like(excess), where=slope > 0)
            newton = point - step
            # the ends are inside too: once found, the point is one of them
            inside = (newton >= low) & (newton <= high) & (slope > 0)
            point = np.where(inside, newton, (low + high) / 2)
        return point


def _beyond(prediction: Prediction, point: Floats, side: int) -> Floats:
    """How far the rating lies beyond a point on average, nothing where it does not."""
    from scipy.special import ndtr

    z = side * (prediction.mean - point) / prediction.sd
    excess = prediction.sd * (z * ndtr(z) + density(z))
    return mixed(prediction.weight, excess)


def mixed(weight: Floats, values: Floats) -> Floats:
    """Sum over the own SDs, row by row, so that its last digit does not depend on how many series there are.

    Parameters
    ----------
    weight, values : ndarray of float, shape (n_within_person_sds, n_series)

    Returns
    -------
    ndarray of float, shape (n_series,)
    """
    total: Floats = weight[0] * values[0]
    for row in range(1, len(weight)):
        total += weight[row] * values[row]
    return total
