"""The channel for slow decline: the last ratings against the first ones."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, Population
from goldseam.state_space.prediction import mixture_mean

EARLY, RECENT = 4, 3


@dataclass(frozen=True, eq=False)
class Contrast:
    """The mean of the first ratings less that of the last ones, arrays of shape (n_ratings,).

    Attributes
    ----------
    usual : ndarray of float
        Mean of the population at the rating's session.
    early : ndarray of float
        Mean of the first ratings of the series; NaN where there are fewer.
    recent : ndarray of float
        Mean of the last ratings, each less the population's mean at its session.
    fall : ndarray of float
        How far the last ratings lie below, beyond what the population's mean course says; NaN before there are
        so many.
    apart : ndarray of float
        Sessions between the middle of the first and that of the last ratings.
    begins : ndarray of int
        Session of the first of the last ratings.
    """

    usual: Floats
    early: Floats
    recent: Floats
    fall: Floats
    apart: Floats
    begins: Integers

    def chance(self, at: Integers, state: FilterState, of: Integers) -> Floats:
        """Probability of so large a fall, were the level to move as it does in the population.

        Parameters
        ----------
        at : ndarray of int
            Ratings.
        state : FilterState
        of : ndarray of int
            Which of its series they belong to.

        Returns
        -------
        ndarray of float
        """
        from scipy.special import ndtr

        people = state.population.take(of)
        own, apart = state.within_person_sd[:, of], self.apart[at]
        share = mean_variance(EARLY, people.autocorrelation) + mean_variance(RECENT, people.autocorrelation)
        variance = own**2 * (share + people.drift_sd**2 * apart) + (people.slope_sd * apart) ** 2
        tails = ndtr(-self.fall[at] / np.sqrt(variance))
        return mixture_mean(state.weight[:, of], tails)


def erosion_contrast(series: RatingSeries, population: Population) -> Contrast:
    """How far the last ratings lie below the first ones, at every rating.

    Parameters
    ----------
    series : RatingSeries
    population : Population

    Returns
    -------
    Contrast
    """
    n_ratings, owner = len(series.value), series.series_of
    last = population.course.shape[1]
    usual = population.course[population.kind[owner], np.minimum(series.session, last) - 1]
    first = np.minimum(series.starts[:-1], max(n_ratings - 1, 0))[owner]
    enough = series.position >= EARLY + RECENT - 1
    here = np.flatnonzero(enough)

    def mean(values: Floats, ending: Integers, count: int) -> Floats:
        total: Floats = np.zeros(len(ending))
        for back in range(count):
            total += values[ending - back]
        return total / count

    early_end, begins = first[here] + EARLY - 1, here - RECENT + 1
    surplus = series.value - usual
    session = series.session.astype(np.float64)
    fall, apart, early, recent = (np.full(n_ratings, np.nan) for _ in range(4))
    recent[here] = mean(surplus, here, RECENT)
    fall[here] = mean(surplus, early_end, EARLY) - recent[here]
    apart[here] = mean(session, here, RECENT) - mean(session, early_end, EARLY)
    early[here] = mean(series.value, early_end, EARLY)
    since = np.zeros(n_ratings, np.int64)
    since[here] = series.session[begins]
    return Contrast(usual=usual, early=early, recent=recent, fall=fall, apart=apart, begins=since)


def mean_variance(count: int, autocorrelation: Floats) -> Floats:
    """Variance of the mean of consecutive deviations of variance 1.

    Parameters
    ----------
    count : int
    autocorrelation : ndarray of float

    Returns
    -------
    ndarray of float
        ``(1 + 2 sum_k (1 - k / n) r^k) / n``.
    """
    lags = np.arange(1, count)
    weights = 2 * (1 - lags / count)
    variance: Floats = (1 + (weights * autocorrelation[:, None] ** lags).sum(axis=1)) / count
    return variance
