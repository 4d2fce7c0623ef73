"""How the prediction errors of a population really fall, so that a probability is what it says."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers

SMALLEST, LARGEST = 1e-300, 1 - 1e-15


@dataclass(frozen=True, eq=False)
class Calibration:
    """The distribution of ``z``, the normal score of the predicted probability; arrays of shape (n_series,).

    ``sinh(asinh(z - shift) - skew)`` is standard normal: the sinh-arcsinh distribution of Jones & Pewsey (2009,
    *Biometrika* 96, 761) with normal tails. Skewed ratings, as those squeezed together at an end of the scale, are
    thus allowed for; in a normal distribution both are 0.

    Attributes
    ----------
    shift, skew : ndarray of float
    """

    shift: Floats
    skew: Floats

    def calibrated(self, chance: Floats) -> Floats:
        """The probability of less, from the predicted one.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,)
            From 0 to 1.

        Returns
        -------
        ndarray of float
        """
        from scipy.special import ndtr, ndtri

        off = self._off
        found = chance.copy()
        z = ndtri(np.clip(chance[off], SMALLEST, LARGEST))
        found[off] = ndtr(inverse_sinh_arcsinh(z, self.shift[off], self.skew[off]))
        return found

    def predicted(self, chance: Floats) -> Floats:
        """The predicted probability, from the calibrated one.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,)

        Returns
        -------
        ndarray of float
        """
        from scipy.special import ndtr, ndtri

        off = self._off
        found = np.array(chance, np.float64)
        found[off] = ndtr(sinh_arcsinh(ndtri(found[off]), self.shift[off], self.skew[off]))
        return found

    def take(self, at: Integers | slice) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int or slice

        Returns
        -------
        Calibration
        """
        return type(self)(self.shift[at], self.skew[at])

    @property
    def _off(self) -> Integers:
        """Where the errors are not normal: elsewhere not a digit is touched."""
        return np.flatnonzero((self.shift != 0) | (self.skew != 0))


def inverse_sinh_arcsinh(z: Floats, shift: Floats | float, skew: Floats | float) -> Floats:
    """Standard normal from skewed: ``sinh(asinh(z - shift) - skew)``, written out.

    Parameters
    ----------
    z : ndarray of float
    shift, skew : ndarray of float or float

    Returns
    -------
    ndarray of float
    """
    u = z - shift
    straight: Floats = u * np.cosh(skew) - np.sqrt(1 + u * u) * np.sinh(skew)
    return straight


def sinh_arcsinh(w: Floats, shift: Floats | float, skew: Floats | float) -> Floats:
    """Skewed from standard normal: the inverse of `inverse_sinh_arcsinh`.

    Parameters
    ----------
    w : ndarray of float
    shift, skew : ndarray of float or float

    Returns
    -------
    ndarray of float
    """
    skewed: Floats = shift + w * np.cosh(skew) + np.sqrt(1 + w * w) * np.sinh(skew)
    return skewed
