"""What a rating shows of the one before the scale rounded it and cut it off."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.state_space.calibration import Calibration
from goldseam.state_space.normal import ROOT_TWO_PI, between, logarithmic_mean
from goldseam.state_space.population import Population
from goldseam.state_space.prediction import Prediction


@dataclass(frozen=True, eq=False)
class IntervalObservation:
    """Ratings as exact values or as intervals; arrays of shape (n_within_person_sds, n_series).

    Attributes
    ----------
    error : ndarray of float
        Expected distance of the unrounded rating from the predicted one.
    told : ndarray of float
        Share of the predicted variance that the rating removes: 1 where it is exact.
    chance : ndarray of float
        Probability of the rating; its density where the scale has no steps.
    """

    error: Floats
    told: Floats
    chance: Floats
    _exact: Floats
    _width: Floats
    _at: Integers
    _low: Floats
    _high: Floats

    @classmethod
    def of(cls, value: Floats, prediction: Prediction, population: Population, *, finest: Floats) -> Self:
        """What a rating of each series shows.

        Parameters
        ----------
        value : ndarray of float, shape (n_series,)
        prediction : Prediction
        population : Population
        finest : ndarray of float, shape (n_series,)
            Smallest own SD considered: a scale with steps wider than that is read as intervals.

        Returns
        -------
        IntervalObservation
        """
        at, low, high = _intervals(value, population, finest)
        exact = value - prediction.mean
        width = np.where(population.step > 0, population.step, 1.0)
        chance, error, told = _density(exact, prediction.sd) * width, exact, np.ones_like(exact)
        low, high = low - prediction.mean[:, at], high - prediction.mean[:, at]
        if at.size:
            error, sd = exact.copy(), prediction.sd[:, at]
            within, shift, left = between(low / sd, high / sd)
            chance[:, at], error[:, at], told[:, at] = within, shift * sd, 1 - left
        return cls(error, told, chance, exact, width, at, low, high)

    def likelihood(self, variance: Floats, lower: Floats | None = None) -> Floats:
        """Probability, or density, of the rating were the prediction that uncertain.

        Parameters
        ----------
        variance : ndarray of float, shape (n_within_person_sds, n_series)
        lower : ndarray of float, shape (n_within_person_sds, n_series), optional
            How much lower the prediction were.

        Returns
        -------
        ndarray of float, shape (n_within_person_sds, n_series)
        """
        from scipy.special import ndtr

        sd = np.sqrt(variance)
        moved = np.zeros_like(sd) if lower is None else lower
        chance = _density(self._exact + moved, sd) * self._width
        if self._at.size:
            near, moved = sd[:, self._at], moved[:, self._at]
            chance[:, self._at] = ndtr((self._high + moved) / near) - ndtr((self._low + moved) / near)
        return chance


def tail(value: Floats, prediction: Prediction, population: Population, *, finest: Floats) -> Floats:
    """Probability of a rating as low as this or lower.

    On a coarse scale, and at its upper end, a rating stands for an interval. There it is the logarithmic mean of the
    probabilities of less than the interval's two ends: with the half that is usual (mid-p) fewer than a share of
    ``alpha`` of the ratings would come out below ``alpha``, where the probability falls by a factor from step to step.

    Parameters
    ----------
    value, prediction, population, finest
        As for `IntervalObservation.of`.

    Returns
    -------
    ndarray of float, shape (n_series,)
    """
    errors = population.errors
    chance = _calibrated(errors, prediction.below(value))
    coarse = np.flatnonzero((population.step > finest) | (value >= population.maximum))
    if coarse.size:
        beneath, above = interval_chances(value, prediction, population, coarse)
        there = None if errors is None else errors.take(coarse)
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
        Which series.

    Returns
    -------
    beneath, above : ndarray of float, shape (len(at),)
    """
    there, half = prediction.take(at), population.step[at] / 2
    top = value[at] >= population.maximum[at]
    beneath = there.below(value[at] - half)
    return beneath, np.where(top, 1.0, there.below(value[at] + half))


def _calibrated(errors: Calibration | None, chance: Floats) -> Floats:
    return chance if errors is None else errors.calibrated(chance)


def _intervals(value: Floats, population: Population, finest: Floats) -> tuple[Integers, Floats, Floats]:
    """Where ratings are intervals, and from where to where: at the ends of the scale, and where it is coarse."""
    top, bottom = value >= population.maximum, value <= population.minimum
    at = np.flatnonzero(top | bottom | (population.step > finest))
    half = population.step[at] / 2
    low = np.where(bottom[at], -np.inf, value[at] - half)
    high = np.where(top[at], np.inf, value[at] + half)
    return at, low, high


def _density(error: Floats, sd: Floats) -> Floats:
    density: Floats = np.exp(-0.5 * (error / sd) ** 2) / (ROOT_TWO_PI * sd)
    return density
