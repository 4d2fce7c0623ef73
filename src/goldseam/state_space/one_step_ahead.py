"""Every rating of whole series with what the ratings before led one to expect.

One series alone is filtered in plain numbers, for arrays would hold seven each: `SingleFilter` takes the steps of
`FilterState` in the same order, so that every digit is the same, and is several times as fast. What NumPy or SciPy
compute otherwise than Python does (exponentials, powers, normal probabilities) they compute there too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries
from goldseam.state_space.filter_state import SMALLEST_PROBABILITY, FilterState, OutlierModel
from goldseam.state_space.population import Population, level_moves, within_person_sd_grid
from goldseam.state_space.prediction import (
    ROOT_TWO_PI,
    Prediction,
    rating_intervals,
    truncated_normal,
)

CHUNK = 4096  # series at a time: the states of their filters fit into a processor's cache

# Means of level, slope and deviation, then their covariances as in `PAIRS`; for one within-person SD.
_Moments = tuple[float, float, float, float, float, float, float, float, float]
# Of the deviations, of a step of the level, of a jump, and of an outlier.
_Variances = tuple[float, float, float, float]
# Sessions since the rating before, steps of the level, and what is left of deviation and its variance, or is renewed.
_Passed = tuple[float, float, float, float, float]
# Of a rating: place, width of a step of the scale, and the ends of what it stands for, where it is no point.
_Shown = tuple[float, float, tuple[float, float] | None]


@dataclass(frozen=True, eq=False)
class ExpectedRatings:
    """Ratings with what the earlier ones of their series led one to expect.

    Attributes
    ----------
    at : ndarray of int, shape (n,)
        Positions of the ratings.
    population : Population
        Of the series of each rating.
    prediction : Prediction
        Of each rating.
    within_person_sd : ndarray of float, shape (n_within_person_sds, n)
        The within-person SDs considered, in the unit of the state, ascending.
    """

    at: Integers
    population: Population
    prediction: Prediction
    within_person_sd: Floats

    def take(self, of: Integers) -> Self:
        """The same for some of the ratings.

        Parameters
        ----------
        of : ndarray of int
            Indices into `at`.

        Returns
        -------
        ExpectedRatings
        """
        return type(self)(
            self.at[of], self.population.take(of), self.prediction.take(of), self.within_person_sd[:, of]
        )


@dataclass(eq=False)
class OneStepAhead:
    """Every rating with what was expected of it, many at a time.

    The filter goes from rating to rating; what follows from its predictions is computed for as many ratings together
    as fit into a processor's cache. Where these are all ratings, going through them again costs nothing.

    Attributes
    ----------
    series : RatingSeries
        Higher is better.
    population : Population
        Of each series, in points.
    break_days : int
        More days than that without a rating are a break, over which the level may have moved as over so many weeks.
    """

    series: RatingSeries
    population: Population
    break_days: int
    _all: ExpectedRatings | None = None

    def __iter__(self) -> Iterator[ExpectedRatings]:
        if self._all is not None:
            yield self._all
            return
        for ahead in self._batches():
            if len(ahead.at) == len(self.series.value):
                self._all = ahead
            yield ahead

    def _batches(self) -> Iterator[ExpectedRatings]:
        if self.series.n_series == 1 and len(self.series.value):
            yield self._alone()
            return
        steps: list[_Step] = []
        waiting = 0
        for step in self._steps():
            steps.append(step)
            waiting += len(step[0])
            if waiting >= CHUNK:
                yield self._together(steps)
                steps, waiting = [], 0
        if steps:
            yield self._together(steps)

    def _alone(self) -> ExpectedRatings:
        """All ratings of the one series."""
        series = self.series
        alone = SingleFilter(series, self.population, self.break_days)
        prediction = alone.predictions()
        own = np.repeat(alone.within_person_sd, len(series.value), axis=1)
        people = self.population.take(series.series_of)
        return ExpectedRatings(np.arange(len(series.value)), people, prediction, own)

    def _steps(self) -> Iterator["_Step"]:
        """One rating of each series, then the next one of each."""
        series = self.series
        for first in range(0, series.n_series, CHUNK):
            order = series.by_length[first : first + CHUNK]
            state = FilterState(self.population.take(order))
            for at in series.steps(order):
                state.keep(len(at))
                state.advance(series.session[at], series.day[at], self.break_days)
                prediction = state.predict()
                yield at, prediction, state.within_person_sd
                state.update(prediction, series.value[at])

    def _together(self, steps: "list[_Step]") -> ExpectedRatings:
        if len(steps) == 1:
            [(at, prediction, own)] = steps
        else:
            at = np.concatenate([each for each, _, _ in steps])
            prediction = Prediction.together([each for _, each, _ in steps])
            own = np.concatenate([each for _, _, each in steps], axis=1)
        return ExpectedRatings(at, self.population.take(self.series.series_of[at]), prediction, own)


_Step = tuple[Integers, Prediction, Floats]


class SingleFilter:
    """Goes through one series, once; in plain numbers.

    Attributes
    ----------
    within_person_sd : ndarray of float, shape (n_within_person_sds, 1)
        The within-person SDs considered, in points, ascending.
    """

    def __init__(self, series: RatingSeries, population: Population, break_days: float) -> None:
        """Begin before the first rating.

        Parameters
        ----------
        series : RatingSeries
            One series with a rating or more; higher is better.
        population : Population
            Of this series, in points.
        break_days : float
            More days than that without a rating are a break.
        """
        points, weights = within_person_sd_grid()
        self.within_person_sd = population.within_person_sds(points)
        self._series, self._people, self._break_days = series, population.take(series.series_of), break_days
        self._outliers = OutlierModel()
        own = self.within_person_sd[:, 0]
        walk, between, slope = population.drift_sd * own, population.between_sd[0], population.slope_sd[0]
        variances = (own, walk, self._outliers.jump_sd * own, self._outliers.outlier_sd * own)
        self._variances: list[_Variances] = [*zip(*((each**2).tolist() for each in variances), strict=True)]
        self._lower: list[float] = (self._outliers.outlier_depth * own).tolist()
        self._weight: list[float] = weights.tolist()
        known = float(between**2), 0.0, 0.0, float(slope**2), 0.0
        self._state: list[_Moments] = [(0.0, 0.0, 0.0, *known, each[0]) for each in self._variances]

    def predictions(self) -> Prediction:
        """What was expected of each rating.

        Returns
        -------
        Prediction
            Arrays of shape (n_within_person_sds, n_ratings).
        """
        usual = self._people.mean(self._series.session).tolist()
        weights, means, sds = [], [], []
        for passed, mean_course, shown in zip(self._passed(), usual, self._shown(), strict=True):
            mean, sd = self._advance(passed, mean_course)
            weights.append(self._weight)
            means.append(mean)
            sds.append(sd)
            self._update(mean, sd, shown)
        return Prediction(*(np.array(each).T.copy() for each in (weights, means, sds)))

    def _passed(self) -> Iterator[_Passed]:
        sessions, day = np.diff(self._series.session, prepend=1), self._series.day
        moves = level_moves(sessions, np.diff(day, prepend=np.nan), self._break_days)
        kept = self._people.autocorrelation**sessions
        columns = (sessions.astype(np.float64), moves, kept, kept**2, 1 - kept**2)
        return zip(*(each.tolist() for each in columns), strict=True)

    def _shown(self) -> list[_Shown]:
        smallest = self.within_person_sd[0]
        middle, at, low, high, step = rating_intervals(self._series.value, self._people, smallest)
        ends = dict(zip(at.tolist(), zip(low.tolist(), high.tolist(), strict=True), strict=True))
        width = np.where(step > 0, step, 1.0).tolist()
        return [(*each, ends.get(k)) for k, each in enumerate(zip(middle.tolist(), width, strict=True))]

    def _advance(self, passed: _Passed, usual: float) -> tuple[list[float], list[float]]:
        """To the session of the next rating; mean and SD of what is expected of it."""
        sessions, moves, kept, kept_square, renewed = passed
        state, means, sds = [], [], []
        for moments, (own, walk, _, _) in zip(self._state, self._variances, strict=True):
            level, slope, deviation, ll, ls, ld, ss, sd, dd = moments
            level = level + sessions * slope
            deviation = kept * deviation
            ll = ll + sessions * (2 * ls + sessions * ss) + walk * moves
            ld = kept * (ld + sessions * sd)
            ls = ls + sessions * ss
            sd = kept * sd
            dd = kept_square * dd + renewed * own
            state.append((level, slope, deviation, ll, ls, ld, ss, sd, dd))
            means.append(usual + level + deviation)
            sds.append(sqrt(ll + 2 * ld + dd))
        self._state = state
        return means, sds

    def _update(self, means: Sequence[float], sds: Sequence[float], shown: _Shown) -> None:
        """Take in the rating."""
        outlier, jump = self._outliers.outlier, self._outliers.jump
        errors, reductions, ordinary, jumped, outlying = self._observed(means, sds, shown)
        evidence, state, totals = 0.0, [], []
        for k, moments in enumerate(self._state):
            by_case = (1 - outlier - jump) * ordinary[k], outlier * outlying[k], jump * jumped[k]
            total = by_case[0] + by_case[1] + by_case[2] + SMALLEST_PROBABILITY
            evidence += self._weight[k] * total
            totals.append(total)
            state.append(
                _updated(
                    moments,
                    (errors[k], reductions[k]),
                    (by_case[0] / total, by_case[2] / total),
                    sds[k] * sds[k],
                    self._variances[k][2],
                )
            )
        self._state = state
        self._weight = [weight * total / evidence for weight, total in zip(self._weight, totals, strict=True)]

    def _observed(
        self, means: Sequence[float], sds: Sequence[float], shown: _Shown
    ) -> tuple[Sequence[float], ...]:
        """As `IntervalObservation`: error, variance reduction, and the likelihoods of the three cases."""
        middle, width, ends = shown
        errors, wide, exponents = [], [], []
        for mean, sd, lower, (_, _, leap, apart) in zip(
            means, sds, self._lower, self._variances, strict=True
        ):
            error, variance = middle - mean, sd * sd
            errors.append(error)
            for off, each in (
                (error, sd),
                (error, sqrt(variance + leap)),
                (error + lower, sqrt(variance + apart)),
            ):
                z = off / each
                wide.append(each)
                exponents.append(-0.5 * z * z)
        densities = [
            each / (ROOT_TWO_PI * sd) * width
            for each, sd in zip(np.exp(exponents).tolist(), wide, strict=True)
        ]
        likely = densities[::3], densities[1::3], densities[2::3]
        if ends is None:
            return errors, [1.0] * len(errors), *likely
        return self._in_interval(np.array(means), np.array(wide).reshape(-1, 3), ends)

    def _in_interval(
        self, mean: Floats, sd: Floats, ends: tuple[float, float]
    ) -> tuple[Sequence[float], ...]:
        """The same where the rating stands for an interval."""
        from scipy.special import ndtr

        low, high = (end - mean for end in ends)
        ordinary, shift, variance = truncated_normal(low / sd[:, 0], high / sd[:, 0])
        lower = np.array(self._lower)
        jumped = ndtr(high / sd[:, 1]) - ndtr(low / sd[:, 1])
        outlying = ndtr((high + lower) / sd[:, 2]) - ndtr((low + lower) / sd[:, 2])
        found = shift * sd[:, 0], 1 - variance, ordinary, jumped, outlying
        return tuple(each.tolist() for each in found)


def _updated(
    moments: _Moments,
    shown: tuple[float, float],
    share: tuple[float, float],
    variance: float,
    leap: float,
) -> _Moments:
    """Mean and covariance after a rating, with the shares of the ordinary case and of a jump."""
    level, slope, deviation, ll, ls, ld, ss, sd, dd = moments
    (error, reduction), (ordinary, jumped) = shown, share
    wider, square = variance + leap, error * error
    level_along, slope_along, deviation_along = ll + ld, ls + sd, ld + dd
    level_jumped = level_along + leap
    by_ordinary, by_jump = ordinary * error / variance, jumped * error / wider
    narrowed = ordinary * (square - variance * reduction) / (variance * variance)
    narrowed_jumped = jumped * (square - wider * reduction) / (wider * wider)
    level_shift = level_along * by_ordinary + level_jumped * by_jump
    slope_shift = slope_along * by_ordinary + slope_along * by_jump
    deviation_shift = deviation_along * by_ordinary + deviation_along * by_jump

    return (
        level + level_shift,
        slope + slope_shift,
        deviation + deviation_shift,
        ll
        + (level_along * level_along * narrowed + level_jumped * level_jumped * narrowed_jumped)
        - level_shift * level_shift
        + jumped * leap,
        ls
        + (level_along * slope_along * narrowed + level_jumped * slope_along * narrowed_jumped)
        - level_shift * slope_shift,
        ld
        + (level_along * deviation_along * narrowed + level_jumped * deviation_along * narrowed_jumped)
        - level_shift * deviation_shift,
        ss
        + (slope_along * slope_along * narrowed + slope_along * slope_along * narrowed_jumped)
        - slope_shift * slope_shift,
        sd
        + (slope_along * deviation_along * narrowed + slope_along * deviation_along * narrowed_jumped)
        - slope_shift * deviation_shift,
        dd
        + (deviation_along * deviation_along * narrowed + deviation_along * deviation_along * narrowed_jumped)
        - deviation_shift * deviation_shift,
    )
