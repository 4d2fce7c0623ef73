"""How long the present level has lasted: the probability of every run length, rating by rating.

Adams & MacKay (2007), *Bayesian Online Changepoint Detection*, arXiv:0710.3742, with a normal-inverse-gamma prior for
the level and the variance of each run. See ``docs/methods/changepoint.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries

# Series side by side in one array: many enough for speed, few enough for the cache.
SERIES_AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class RunPrior:
    """The distribution of a new run's level and variance: normal-inverse-gamma, arrays of shape (n_series,)."""

    mean: Floats
    weight: Floats
    shape: Floats
    rate: Floats

    def of(self, chosen: Integers) -> Self:
        """Of some series.

        Parameters
        ----------
        chosen : ndarray of int, shape (n_chosen,)
            Positions of series.

        Returns
        -------
        RunPrior
        """
        return type(self)(*(getattr(self, each.name)[chosen] for each in fields(self)))


@dataclass(frozen=True, eq=False)
class RunLengths:
    """The run lengths and predictions at every rating; arrays of shape (n_ratings,).

    Attributes
    ----------
    expected, spread, degrees_of_freedom : ndarray of float
        Of the predictive t distribution of the most probable run before the rating; of the prior at the first.
    ratings : ndarray of int
        Ratings of that run.
    recent : ndarray of float
        Probability, after the rating, that its run has one rating or none.
    length : ndarray of int
        The most probable run length after the rating, 1 or more.
    """

    expected: Floats
    spread: Floats
    degrees_of_freedom: Floats
    ratings: Integers
    recent: Floats
    length: Integers

    @classmethod
    def empty(cls, n_ratings: int) -> Self:
        """Room for so many ratings.

        Parameters
        ----------
        n_ratings : int
            Of all series together, 0 or more.

        Returns
        -------
        RunLengths
        """
        expected, spread, degrees, recent = np.empty((4, n_ratings))
        ratings, length = np.empty((2, n_ratings), np.int64)
        return cls(expected, spread, degrees, ratings, recent, length)


def run_lengths(series: RatingSeries, prior: RunPrior, *, hazard: float, most: int) -> RunLengths:
    """Follow all series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    prior : RunPrior
        What is assumed of the level and variance of a new run of each series, in points.
    hazard : float
        Probability of a change from one session to the next.
    most : int
        Run lengths kept for each series; of more, the least probable is dropped.

    Returns
    -------
    RunLengths
    """
    found = RunLengths.empty(len(series.value))
    gap = series.session - series.lagged(series.session.astype(np.float64))
    stay = np.where(np.isnan(gap), 1.0, gap) * np.log1p(-hazard)
    for order in _portions(series.by_length):
        runs = _Runs(prior.of(order), min(most, int(series.lengths[order].max(initial=0))) + 1)
        for at in series.steps(order):
            runs.keep(len(at))
            runs.write_expected(found, at)
            runs.learn(series.value[at], stay[at])
            found.recent[at] = hazard + (1 - hazard) * np.exp(runs.newest)
            found.length[at] = runs.likeliest()[1]
            if runs.used > most:
                runs.drop_least()
    return found


def _portions(order: Integers) -> Iterator[Integers]:
    for start in range(0, len(order), SERIES_AT_ONCE):
        yield order[start : start + SERIES_AT_ONCE]


class _Runs:
    """The run lengths that are possible; arrays of shape (runs, n_series), cut to the series that still have a rating.

    The run that begins with the next rating, of length 0, is not among them: its probability is the hazard.

    Attributes
    ----------
    used : int
        Runs in use, the same for all series.
    log_probability : ndarray of float
        Given that the run has one rating or more.
    constant : ndarray of float
        log of Γ(a + ½)/Γ(a), a being the shape of the run's variance.
    """

    def __init__(self, prior: RunPrior, room: int) -> None:
        from scipy.special import gammaln

        n_series = len(prior.mean)
        self.used, self.active, self.prior = 0, n_series, prior
        self.start = gammaln(prior.shape + 0.5) - gammaln(prior.shape)
        self.log_probability, self.mean, self.rate, self.ratings, self.constant = (
            np.zeros((room, n_series)) for _ in range(5)
        )

    def keep(self, active: int) -> None:
        """Cut to the first so many series."""
        self.active = active

    @property
    def newest(self) -> Floats:
        """Log probability of the run that began with the last rating, given that no new one begins after it."""
        last: Floats = self._now(self.log_probability)[-1]
        return last

    def likeliest(self) -> tuple[Integers, Floats]:
        """The most probable run of each series, the longest of equals, and its ratings."""
        run = self._now(self.log_probability).argmax(axis=0)
        return run, self._now(self.ratings)[run, np.arange(self.active)]

    def write_expected(self, found: RunLengths, at: Integers) -> None:
        """The predictive distribution of the most probable run."""
        mean, ratings = self.prior.mean[: self.active], np.zeros(self.active)
        rate = self.prior.rate[: self.active]
        if self.used:
            run, ratings = self.likeliest()
            column = np.arange(self.active)
            mean, rate = self.mean[run, column], self.rate[run, column]
        shape = self.prior.shape[: self.active] + ratings / 2
        weight = self.prior.weight[: self.active] + ratings
        found.expected[at], found.ratings[at] = mean, ratings
        found.spread[at] = np.sqrt(rate / shape * (1 + 1 / weight))
        found.degrees_of_freedom[at] = 2 * shape

    def learn(self, value: Floats, stay: Floats) -> None:
        """Take in a rating of each series; every run, and a new one, may be the one it belongs to.

        Parameters
        ----------
        value : ndarray of float, shape (n_active,)
            In points.
        stay : ndarray of float
            Log probability that there was no change since the rating before.
        """
        if self.used:
            self._now(self.log_probability)[:] += stay
        self._begin(np.log(-np.expm1(stay)) if self.used else np.zeros(self.active))
        weight = self.prior.weight[: self.active] + self._now(self.ratings)
        shape = self.prior.shape[: self.active] + self._now(self.ratings) / 2
        log_probability = self._now(self.log_probability)
        log_probability += self._log_density(value, weight, shape)
        log_probability -= _log_sum(log_probability)
        self._update(value, weight, shape)

    def _begin(self, log_probability: Floats) -> None:
        """One more run, with no rating yet."""
        new, self.used = self.used, self.used + 1
        self.log_probability[new, : self.active] = log_probability
        self.mean[new], self.rate[new] = self.prior.mean, self.prior.rate
        self.ratings[new], self.constant[new] = 0.0, self.start

    def _log_density(self, value: Floats, weight: Floats, shape: Floats) -> Floats:
        """Student's t with 2a degrees of freedom, up to the constant ½ log π."""
        width = 2 * self._now(self.rate) * (1 + 1 / weight)
        away = (value - self._now(self.mean)) ** 2 / width
        density: Floats = self._now(self.constant) - 0.5 * np.log(width) - (shape + 0.5) * np.log1p(away)
        return density

    def _update(self, value: Floats, weight: Floats, shape: Floats) -> None:
        mean, rate, constant = self._now(self.mean), self._now(self.rate), self._now(self.constant)
        away = value - mean
        rate += 0.5 * weight * away**2 / (weight + 1)
        mean += away / (weight + 1)
        # Γ(a + 1)/Γ(a + ½) = a / (Γ(a + ½)/Γ(a))
        constant[:] = np.log(shape) - constant
        self._now(self.ratings)[:] += 1

    def drop_least(self) -> None:
        """Forget the least probable run of each series; the others share its probability in proportion."""
        column = np.arange(self.active)
        least = self._now(self.log_probability).argmin(axis=0)
        self.used -= 1
        for each in (self.log_probability, self.mean, self.rate, self.ratings, self.constant):
            last = each[self.used, : self.active].copy()
            each[least, column] = last
        log_probability = self._now(self.log_probability)
        log_probability -= _log_sum(log_probability)

    def _now(self, each: Floats) -> Floats:
        return each[: self.used, : self.active]


def _log_sum(logs: Floats) -> Floats:
    """log of the sum of exponentials over runs, added up in their order whatever the number of series."""
    highest = logs.max(axis=0)
    total: Floats = highest + np.log(np.cumsum(np.exp(logs - highest), axis=0)[-1])
    return total
