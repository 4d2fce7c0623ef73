"""The population each person is drawn from, in points, higher is better, with the calibration of its predictions."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers

SMALLEST_PROBABILITY, LARGEST_PROBABILITY = 1e-300, 1 - 1e-15


@dataclass(frozen=True, eq=False)
class Calibration:
    """The distribution of ``z``, the normal score of the predicted probability; arrays of shape (n_series,).

    ``sinh(asinh(z - shift) - skew)`` is standard normal: the sinh-arcsinh distribution of Jones & Pewsey (2009,
    *Biometrika* 96, 761) with normal tails. Skewed ratings, as those squeezed together at an end of the scale, are
    thus allowed for; in a normal distribution both are 0.

    Attributes
    ----------
    shift, skew : ndarray of float
        Location and skewness, without unit; 0 where prediction errors are normal.
    """

    shift: Floats
    skew: Floats

    def calibrated(self, chance: Floats) -> Floats:
        """The probability of less, from the predicted one.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,)
            Probability of a lower rating according to the filter, from 0 to 1.

        Returns
        -------
        ndarray of float, shape (n_series,)
            The share of such ratings that come out as low or lower in the population, from 0 to 1. Where shift and
            skew are both 0 the given numbers are returned unchanged.
        """
        from scipy.special import ndtr, ndtri

        at = self._not_normal
        found = chance.copy()
        z = ndtri(np.clip(chance[at], SMALLEST_PROBABILITY, LARGEST_PROBABILITY))
        found[at] = ndtr(inverse_sinh_arcsinh(z, self.shift[at], self.skew[at]))
        return found

    def predicted(self, chance: Floats) -> Floats:
        """The predicted probability, from the calibrated one: the inverse of `calibrated`.

        Parameters
        ----------
        chance : ndarray of float, shape (n_series,)
            Calibrated probability of a lower rating, above 0 and below 1.

        Returns
        -------
        ndarray of float, shape (n_series,)
            The probability the filter gives it, from 0 to 1.
        """
        from scipy.special import ndtr, ndtri

        at = self._not_normal
        found = np.array(chance, np.float64)
        found[at] = ndtr(sinh_arcsinh(ndtri(found[at]), self.shift[at], self.skew[at]))
        return found

    def take(self, at: Integers | slice) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int or slice
            Indices of the series, from 0 on.

        Returns
        -------
        Calibration
            Arrays of shape (len(at),).
        """
        return type(self)(self.shift[at], self.skew[at])

    @property
    def _not_normal(self) -> Integers:
        """Series whose prediction errors are not normal; those of all others pass through unchanged."""
        return np.flatnonzero((self.shift != 0) | (self.skew != 0))


@dataclass(frozen=True, eq=False)
class Population:
    """What is assumed of each series before its first rating.

    The rating of session ``s`` is ``course(s) + level + slope (s - 1) + deviation``, rounded to the scale's steps
    and cut off at its ends. Arrays of shape (n_series,) but for `course`.

    Attributes
    ----------
    course : ndarray of float, shape (n_kinds, n_sessions)
        Mean of the population at session 1, 2, ..., in points; the last holds from there on.
    kind : ndarray of int
        Row of `course` that each series has, from 0 on.
    between_sd, within_sd : ndarray of float
        SD of the persons' levels and root mean square of their within-person SDs, in points; above 0.
    own_sd_log_sd : ndarray of float
        SD of the logarithm of the within-person SDs, 0 or more.
    autocorrelation : ndarray of float
        Of the deviations from one session to the next, in [0, 1).
    drift_sd : ndarray of float
        SD of one step of the level's random walk, in within-person SDs, 0 or more.
    slope_sd : ndarray of float
        SD over persons of the change of level per session, in points, 0 or more.
    step : ndarray of float
        Distance between two possible ratings, in points; 0 where the scale is continuous or it is not known.
    minimum, maximum : ndarray of float
        Ends of the scale, in points; infinite where not known.
    calibration : Calibration or None
        How prediction errors are distributed; normal if left out.
    """

    course: Floats
    kind: Integers
    between_sd: Floats
    within_sd: Floats
    own_sd_log_sd: Floats
    autocorrelation: Floats
    drift_sd: Floats
    slope_sd: Floats
    step: Floats
    minimum: Floats
    maximum: Floats
    calibration: Calibration | None = None

    def mean(self, session: Integers) -> Floats:
        """Mean of the population at a session of each series.

        Parameters
        ----------
        session : ndarray of int, shape (n_series,)
            From 1 on.

        Returns
        -------
        ndarray of float, shape (n_series,)
            In points.
        """
        last = self.course.shape[1]
        mean: Floats = self.course[self.kind[: len(session)], np.minimum(session, last) - 1]
        return mean

    def take(self, at: Integers | slice) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int or slice
            Indices of the series, from 0 on.

        Returns
        -------
        Population
            Arrays of shape (len(at),); `course` is shared.
        """
        shared = {"course", "calibration"}
        chosen = {each.name: getattr(self, each.name)[at] for each in fields(self) if each.name not in shared}
        calibration = None if self.calibration is None else self.calibration.take(at)
        return type(self)(course=self.course, calibration=calibration, **chosen)


def inverse_sinh_arcsinh(z: Floats, shift: Floats | float, skew: Floats | float) -> Floats:
    """Standard normal from skewed: ``sinh(asinh(z - shift) - skew)``, written out.

    Parameters
    ----------
    z : ndarray of float
        Normal scores of predicted probabilities; any number.
    shift, skew : ndarray of float or float
        As in `Calibration`; broadcast against `z`.

    Returns
    -------
    ndarray of float
        Standard normal scores, of the shape the arguments have together.
    """
    u = z - shift
    normal: Floats = u * np.cosh(skew) - np.sqrt(1 + u * u) * np.sinh(skew)
    return normal


def sinh_arcsinh(w: Floats, shift: Floats | float, skew: Floats | float) -> Floats:
    """Skewed from standard normal: the inverse of `inverse_sinh_arcsinh`.

    Parameters
    ----------
    w : ndarray of float
        Standard normal scores; any number.
    shift, skew : ndarray of float or float
        As in `Calibration`; broadcast against `w`.

    Returns
    -------
    ndarray of float
        Normal scores of predicted probabilities, of the shape the arguments have together.
    """
    skewed: Floats = shift + w * np.cosh(skew) + np.sqrt(1 + w * w) * np.sinh(skew)
    return skewed
