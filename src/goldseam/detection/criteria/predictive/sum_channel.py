"""The channel for slow decline of version 4: deviations below an own level that add up, a one-sided CUSUM.

Page (1954), *Biometrika* 41, 100. The level is that of the person's ratings before the sum began to grow, the first
four at least, shrunken towards the population's mean, but never above their own; deviations are in predictive SDs.
"""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions
from goldseam.detection.criteria.predictive.slow_channel import RatingInCourse, SlowChannel
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import coded
from goldseam.series import RatingSeries
from goldseam.state_space import Population

EARLY = 4
ALLOWANCE = 0.75  # deviation that does not add up: half of the shift looked for, 1.5 SDs
BANDS = np.array([EARLY, 8, 12, 16, 22])
LONGEST = 8  # ratings over which a sum grows; what lasts longer is no decline any more but the person's level
RATINGS_OF_A_REPAIR = 2
TAIL = 0.05


@dataclass(frozen=True, eq=False)
class SumLimit:
    """How large a sum has to be, and how often so large a one comes about where nothing is wrong.

    A level that few ratings show is wrong for as long as the sum grows, so that sums become larger with their number:
    arrays of shape (n_bands, n_series), by how many ratings there were before, in bands that begin at `BANDS`. The
    upper tail of the sums is close to exponential.

    Attributes
    ----------
    limit : ndarray of float
        The sum above which an episode opens, in SDs; infinite where the channel is off.
    start, rate : ndarray of float
        The sum is above c with probability ``.05 exp(-rate (c - start))``, for c from `start` on; `rate` above 0.
    """

    limit: Floats
    start: Floats
    rate: Floats

    @classmethod
    def same(cls, limit: float, n_series: int) -> "SumLimit":
        """One limit for everybody, of unknown probability.

        Parameters
        ----------
        limit : float
            In SDs.
        n_series : int
            1 or more.

        Returns
        -------
        SumLimit
        """
        shape = (len(BANDS), n_series)
        return cls(np.full(shape, limit), np.zeros(shape), np.ones(shape))

    def chance(self, total: Floats, earlier: Floats, owner: Integers) -> Floats:
        """Probability of so large a sum.

        Parameters
        ----------
        total, earlier : ndarray of float, shape (n,)
            Sums, in SDs, and how many ratings there were before.
        owner : ndarray of int, shape (n,)
            The series of each.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1, falling.
        """
        at = band(earlier), owner
        exponent = self.rate[at] * (total - self.start[at])
        return np.minimum(TAIL * np.exp(-np.maximum(exponent, np.log(TAIL))), 1.0)


def band(earlier: Floats) -> Integers:
    """The band of a number of earlier ratings, from 0 on."""
    found: Integers = np.clip(np.searchsorted(BANDS, earlier, side="right") - 1, 0, len(BANDS) - 1)
    return found


class _Charts:
    """The sums of some series, rating by rating; arrays of shape (n_series,)."""

    def __init__(self, channel: "SumChannel", order: Integers) -> None:
        self.channel = channel
        n_series = len(order)
        self.total, self.settled, self.settled_count = (np.zeros(n_series) for _ in range(3))
        self.waiting, self.waiting_count = np.zeros(n_series), np.zeros(n_series)
        # the same ratings as they were given, with the population's mean in them
        self.settled_points, self.waiting_points = np.zeros(n_series), np.zeros(n_series)
        self.population = channel.population.take(order)
        kept = self.population.autocorrelation
        # variance of the mean of n consecutive deviations of variance 1, times n, for large n
        self.inflation = (1 + kept) / (1 - kept)
        self.between = self.population.between_sd**2

    def step(self, at: Integers, *, held: Flags) -> tuple[Floats, Floats, Floats]:
        """Take in one rating of each series; where an episode holds the sum it stays 0 and nothing is learned.

        Returns the level that the rating was held against, less the population's mean, the SD, and the mean of the
        ratings that show the level, as they were given; all in points.
        """
        channel, active = self.channel, len(at)
        surplus = channel.surplus[at]
        total, settled, count = self.total[:active], self.settled[:active], self.settled_count[:active]
        own = channel.own_sd[at] ** 2
        uncertain = own * self.inflation[:active] / np.maximum(count, 1)
        between = self.between[:active]
        shrunken = between / (between + uncertain)
        own_mean = settled / np.maximum(count, 1)
        own_points = self.settled_points[:active] / np.maximum(count, 1)
        # of somebody low the population knows better where the next ratings lie, but not that they have fallen
        level = np.minimum(shrunken * own_mean, own_mean)
        sd = np.sqrt(own + shrunken * uncertain)
        early = count < EARLY
        grown = np.maximum(0.0, total + (level - surplus) / sd - ALLOWANCE)
        np.copyto(total, np.where(held | early, 0.0, grown))
        waiting, waiting_count = self.waiting[:active], self.waiting_count[:active]
        waiting += np.where(held, 0.0, surplus)
        waiting_count += ~held
        waiting_points = self.waiting_points[:active]
        waiting_points += np.where(held, 0.0, channel.series.value[at])
        # the ratings since the sum was last 0 belong to the level once it is 0 again, or has grown for long
        joins = ((total == 0) | (waiting_count > LONGEST)) & ~held
        np.copyto(total, 0.0, where=joins)
        settled += np.where(joins, waiting, 0.0)
        count += np.where(joins, waiting_count, 0.0)
        self.settled_points[:active] += np.where(joins, waiting_points, 0.0)
        self.clear(joins | held)
        return level, sd, own_points

    def clear(self, where: Flags) -> None:
        """Forget the ratings since the sum began to grow."""
        for values in (self.waiting, self.waiting_count, self.waiting_points):
            values[: len(where)][where] = 0

    def earlier(self, active: int) -> Floats:
        """How many ratings were taken in so far."""
        count: Floats = self.settled_count[:active] + self.waiting_count[:active]
        return count

    def move(self, where: Flags, level: Floats, usual: Floats, ratings: int) -> None:
        """Begin again from a new level, less the population's mean, as if so many ratings had shown it."""
        active = len(where)
        for values, new in (
            (self.total, 0.0),
            (self.settled, level * ratings),
            (self.settled_points, (level + usual) * ratings),
            (self.settled_count, float(ratings)),
        ):
            np.copyto(values[:active], new, where=where)
        self.clear(where)


@dataclass(eq=False)
class SumChannel(SlowChannel):
    """Deviations below the own level that add up.

    Attributes
    ----------
    series : RatingSeries
        Higher is better.
    population : Population
        Of each series, in points.
    predictions : OneStepPredictions
        Of the ratings.
    sum_limit : SumLimit
        Of each series.
    ceiling : ndarray of bool, shape (n_ratings,)
        Where so many highest ratings in a row say nothing.
    smallest_decline : ndarray of float, shape (n_series,)
        The smallest slow decline that counts, in points, 0 or more.
    window : int
        Later ratings after which an episode is given up; so many show a new level.
    """

    series: RatingSeries
    population: Population
    predictions: OneStepPredictions
    sum_limit: SumLimit
    ceiling: Flags
    smallest_decline: Floats
    window: int

    def __post_init__(self) -> None:
        series, people = self.series, self.population
        owner = series.series_of
        scores = people.course[people.kind[owner], np.minimum(series.session, people.course.shape[1]) - 1]
        self.usual = people.take(owner).point(scores) if people.tables else scores
        self.own_sd = self.predictions.own_sd
        # what the ends of the scale leave of the mean of a person of whom nothing is known
        first = np.minimum(series.starts[:-1], max(len(series.value) - 1, 0))
        self._cut = (self.predictions.expected - self.usual)[first] if len(series.value) else np.zeros(0)
        self.surplus = series.value - self.usual - self._cut[owner]
        self.total, self.earlier, self._level, self._limit = (np.zeros(len(series.value)) for _ in range(4))
        self.verdict = self._alone()

    def _alone(self) -> Codes:
        """Verdicts as if no episode ever ran: exact up to the first that would open one."""
        series = self.series
        charts = _Charts(self, series.by_length)
        large = np.zeros(len(series.value), np.bool_)
        if np.isfinite(self.sum_limit.limit).any():
            for at in series.steps():
                large[at] = self._exceeds(charts, at, held=np.zeros(len(at), np.bool_))
        return coded(
            (series.position < EARLY, Verdict.NOT_ENOUGH_DATA),
            (self.ceiling, Verdict.NOT_APPLIED),
            (large, Verdict.MET),
            otherwise=Verdict.NOT_MET,
        )

    def _exceeds(self, charts: _Charts, at: Integers, *, held: Flags) -> Flags:
        """Take in a rating of each series: whether its sum is beyond the limit, and the decline counts."""
        owner = self.series.series_of[at]
        before = charts.total[: len(at)].copy()
        earlier = charts.earlier(len(at))
        level, sd, own_points = charts.step(at, held=held)
        total, limit = charts.total[: len(at)], self.sum_limit.limit[band(earlier), owner]
        self.total[at], self.earlier[at] = total, earlier
        self._level[at] = level
        # the sum before, and this rating's deviation less the allowance, are just the limit
        self._limit[at] = level + self.usual[at] + self._cut[owner] - sd * (limit - before + ALLOWANCE)
        ratings = np.maximum(charts.waiting_count[: len(at)], 1)
        # against the population's course, and as the ratings were given: who stays where they are has not declined
        fallen = np.minimum(
            level - charts.waiting[: len(at)] / ratings,
            own_points - charts.waiting_points[: len(at)] / ratings,
        )
        beneath = (self.surplus[at] < level) & (self.series.value[at] < own_points)
        beneath &= ~(fallen < self.smallest_decline[owner])
        exceeds: Flags = (total > limit) & beneath & ~self.ceiling[at]
        return exceeds

    def begin(self, order: Integers) -> None:
        """Begin the sums of some series; see `SlowChannel.begin`."""
        self._charts = _Charts(self, order)

    def declined(self, rating: RatingInCourse) -> Flags:
        """Where the sum is beyond the limit; it is 0 while an episode runs, and begins again after it."""
        at, charts = rating.at, self._charts
        declined = self._exceeds(charts, at, held=rating.running | rating.given_up)
        cut = self._cut[self.series.series_of[at]]
        usual = self.usual[at] + cut
        charts.move(rating.given_up, rating.level - cut, usual, self.window)
        # the level is learned anew: one that stayed low, though called repaired, is not a decline once more
        held = rating.held - cut
        charts.move(rating.repaired, held, usual, RATINGS_OF_A_REPAIR)
        opened = declined & ~rating.running
        charts.total[: len(at)][opened] = 0
        charts.clear(opened)
        return declined

    def baseline(self, at: Integers) -> Floats:
        """The level that the last ratings were held against; see `SlowChannel.baseline`."""
        level: Floats = self._level[at] + self.usual[at] + self._cut[self.series.series_of[at]]
        return level

    def chance(self, at: Integers) -> Floats:
        """Of so large a sum where nothing is wrong; see `SlowChannel.chance`."""
        return self.sum_limit.chance(self.total[at], self.earlier[at], self.series.series_of[at])

    def limit(self, at: Integers) -> Floats:
        """The rating at which the sum would be just beyond the limit; see `SlowChannel.limit`."""
        limit: Floats = self._limit[at]
        return limit
