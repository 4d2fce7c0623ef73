"""The filtered state of each person, rating by rating: a mixture of Kalman filters over within-person SDs.

For each within-person SD on a grid, the state is (level, slope, deviation): level a random walk, deviation a
first-order autoregression, the rating their sum. A rating is exact, or an interval where the scale is coarse or cut
off. With small probabilities it is an outlier that says nothing of the state, or comes after a lasting jump of the
level; the three cases are brought back to one normal distribution with the same mean and variance.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.state_space.population import Population, level_moves, within_person_sd_grid
from goldseam.state_space.prediction import (
    IntervalObservation,
    Prediction,
    lower_tail_probability,
    mixture_mean,
)

OUTLIER, OUTLIER_DEPTH, OUTLIER_SD = 0.005, 0.0, 2.8
JUMP, JUMP_SD = 0.02, 2.0
SMALLEST_PROBABILITY = 1e-300
BREAK_DAYS = 28

LEVEL, SLOPE, DEVIATION = range(3)
PAIRS = tuple(combinations_with_replacement(range(3), 2))


@dataclass(frozen=True)
class OutlierModel:
    """How ratings may depart from the person's ordinary course.

    Attributes
    ----------
    outlier, jump : float
        Probability that a rating says nothing of the course; that the level has moved for good; 0 to 1.
    lasting : float or None
        Probability that the session after an outlier is one too, 0 to 1; None where outliers come singly, by chance.
    outlier_depth : float
        How far below the course the rating of an outlier lies on average, in within-person SDs.
    outlier_sd, jump_sd : float
        SD added to that of the prediction by an outlier, by a jump; in within-person SDs, 0 or more.
    jump_depth : float
        How far down a jump leads on average, in within-person SDs; 0 where it leads up as often.
    """

    outlier: float = OUTLIER
    outlier_depth: float = OUTLIER_DEPTH
    outlier_sd: float = OUTLIER_SD
    jump: float = JUMP
    jump_sd: float = JUMP_SD
    lasting: float | None = None
    jump_depth: float = 0.0

    def of_next(self, outlying: Floats, sessions: Integers) -> Floats | float:
        """Probability that a rating is an outlier, so many sessions after one that was with a given probability.

        Parameters
        ----------
        outlying : ndarray of float, shape (n_within_person_sds, n_series)
            Of the rating before, 0 to 1.
        sessions : ndarray of int, shape (n_series,)
            Sessions since, 1 or more.

        Returns
        -------
        ndarray of float or float
            0 to 1; a two-state Markov chain.
        """
        if self.lasting is None:
            return self.outlier
        kept = self.lasting - self.outlier
        usual = self.outlier / (1 - kept)
        following: Floats = usual + kept**sessions * (outlying - usual)
        return following


class FilterState:
    """Mean and covariance of the state of each series, for as many as still have a rating.

    Attributes
    ----------
    population : Population
        What was assumed of each series before its first rating.
    within_person_sd : ndarray of float, shape (n_within_person_sds, n_series)
        The within-person SDs considered, in points, ascending.
    weight : ndarray of float, shape (n_within_person_sds, n_series)
        Probability of each of them given the ratings so far, 0 to 1; sums to 1 for each series.
    """

    def __init__(
        self,
        population: Population,
        *,
        grid: tuple[Floats, Floats] | None = None,
        outliers: OutlierModel | None = None,
    ) -> None:
        points, weights = within_person_sd_grid() if grid is None else grid
        self.population = population
        self.outliers = outliers or OutlierModel()
        self.within_person_sd = population.within_person_sds(points)
        shape = self.within_person_sd.shape
        self.weight = np.repeat(weights[:, None], shape[1], axis=1)
        self._session, self._day = np.ones(shape[1], np.int64), np.full(shape[1], np.nan)
        self._outlying, self._since = np.zeros(shape), np.ones(shape[1], np.int64)
        self._ordinary = np.ones(shape)
        self._mean = [np.zeros(shape) for _ in range(3)]
        self._cov = {pair: np.zeros(shape) for pair in PAIRS}
        self._cov[LEVEL, LEVEL] += population.between_sd**2
        self._cov[SLOPE, SLOPE] += population.slope_sd**2
        self._cov[DEVIATION, DEVIATION] += self.within_person_sd**2

    def keep(self, active: int) -> None:
        """Keep the first so many series and drop the others.

        Parameters
        ----------
        active : int
            Number of series to keep, at most as many as there are.
        """
        if active == self.within_person_sd.shape[1]:
            return
        self.population = self.population.take(slice(active))
        self.within_person_sd, self.weight = self.within_person_sd[:, :active], self.weight[:, :active]
        self._mean = [each[:, :active] for each in self._mean]
        self._cov = {pair: each[:, :active] for pair, each in self._cov.items()}
        self._session, self._day = self._session[:active], self._day[:active]
        self._outlying, self._since = self._outlying[:, :active], self._since[:active]

    def advance(self, session: Integers, day: Floats, break_days: float = BREAK_DAYS) -> None:
        """Advance the state to the session of the next rating (the prediction step of the filter).

        Over a break the level moves as it does over a session a week.

        Parameters
        ----------
        session : ndarray of int, shape (n_series,)
            Session number, later than that of the rating before.
        day : ndarray of float, shape (n_series,)
            Days since 1970-01-01; NaN where not known.
        break_days : float
            More days than that without a rating are a break.
        """
        later, days = session - self._session, day - self._day
        self._advance_moments(later, level_moves(later, days, break_days))
        self._session, self._day, self._since = session, day, np.maximum(later, 1)

    def _advance_moments(self, sessions: Integers, moves: Floats) -> None:
        """So many sessions, and steps of the level's random walk, later."""
        mean, cov = self._mean, self._cov
        kept = self.population.autocorrelation**sessions
        mean[LEVEL] = mean[LEVEL] + sessions * mean[SLOPE]
        mean[DEVIATION] = kept * mean[DEVIATION]
        walked = (self.population.drift_sd * self.within_person_sd) ** 2 * moves
        cov[LEVEL, LEVEL] = (
            cov[LEVEL, LEVEL] + sessions * (2 * cov[LEVEL, SLOPE] + sessions * cov[SLOPE, SLOPE]) + walked
        )
        cov[LEVEL, DEVIATION] = kept * (cov[LEVEL, DEVIATION] + sessions * cov[SLOPE, DEVIATION])
        cov[LEVEL, SLOPE] = cov[LEVEL, SLOPE] + sessions * cov[SLOPE, SLOPE]
        cov[SLOPE, DEVIATION] = kept * cov[SLOPE, DEVIATION]
        cov[DEVIATION, DEVIATION] = (
            kept**2 * cov[DEVIATION, DEVIATION] + (1 - kept**2) * self.within_person_sd**2
        )

    def predict(self) -> Prediction:
        """What is expected of the rating of this session.

        Returns
        -------
        Prediction
        """
        cov = self._cov
        variance = cov[LEVEL, LEVEL] + 2 * cov[LEVEL, DEVIATION] + cov[DEVIATION, DEVIATION]
        mean = self.population.mean(self._session) + self._mean[LEVEL] + self._mean[DEVIATION]
        return Prediction(weight=self.weight, mean=mean, sd=np.sqrt(variance))

    def lower_tail_probability(self, prediction: Prediction, value: Floats) -> Floats:
        """Probability of a rating as low as this or lower; see `prediction.lower_tail_probability`.

        Parameters
        ----------
        prediction : Prediction
            Of this rating, as `predict` returned it.
        value : ndarray of float, shape (n_series,)
            The ratings, in points, within the scale.

        Returns
        -------
        ndarray of float, shape (n_series,)
            0 to 1.
        """
        smallest_sd = self.within_person_sd[0]
        return lower_tail_probability(value, prediction, self.population, smallest_sd=smallest_sd)

    def innovation(self, prediction: Prediction, value: Floats) -> Floats:
        """How far a rating, before the scale rounded it and cut it off, probably lay from what was expected.

        Parameters
        ----------
        prediction : Prediction
            Of this rating, as `predict` returned it.
        value : ndarray of float, shape (n_series,)
            The ratings, in points, within the scale.

        Returns
        -------
        ndarray of float, shape (n_series,)
            In points; below 0 where the rating was lower than expected.
        """
        return mixture_mean(self.weight, self._observed(prediction, value).error)

    def update(self, prediction: Prediction, value: Floats) -> Floats:
        """Update the state with a rating (the update step of the filter).

        Parameters
        ----------
        prediction : Prediction
            Of this rating, as `predict` returned it.
        value : ndarray of float, shape (n_series,)
            The ratings, in points, within the scale.

        Returns
        -------
        ndarray of float, shape (n_series,)
            The logarithm of the probability (or density per point) the rating had.
        """
        observed = self._observed(prediction, value)
        outliers = self.outliers
        variance = prediction.sd**2
        wider = variance + self._leap
        apart = variance + (outliers.outlier_sd * self.within_person_sd) ** 2
        outlier = outliers.of_next(self._outlying, self._since)
        outlying = outlier * observed.likelihood(apart, outliers.outlier_depth * self.within_person_sd)
        jumped = outliers.jump * observed.likelihood(wider, self._fall)
        ordinary = (1 - outlier - outliers.jump) * observed.chance
        total = ordinary + outlying + jumped + SMALLEST_PROBABILITY
        self._outlying, self._ordinary = outlying / total, ordinary / total
        self._update_moments(observed, variance, self._ordinary, jumped / total)
        evidence = mixture_mean(self.weight, total)
        self.weight = self.weight * total / evidence
        log_evidence: Floats = np.log(evidence)
        return log_evidence

    def ordinary_probability(self) -> Floats:
        """Probability that the last rating was neither an outlier nor the first after a jump.

        Returns
        -------
        ndarray of float, shape (n_series,)
            0 to 1.
        """
        return mixture_mean(self.weight, self._ordinary)

    @property
    def _leap(self) -> Floats:
        """What a jump adds to the variance of the level."""
        leap: Floats = (self.outliers.jump_sd * self.within_person_sd) ** 2
        return leap

    @property
    def _fall(self) -> Floats | None:
        """How far down a jump leads on average; None where it leads either way."""
        depth = self.outliers.jump_depth
        return depth * self.within_person_sd if depth else None

    def _observed(self, prediction: Prediction, value: Floats) -> IntervalObservation:
        return IntervalObservation.of(
            value, prediction, self.population, smallest_sd=self.within_person_sd[0]
        )

    def _update_moments(
        self,
        observed: IntervalObservation,
        variance: Floats,
        ordinary: Floats,
        jumped: Floats,
    ) -> None:
        """Mean and covariance of the state over the three cases: ordinary, after a jump, and an outlier."""
        mean, cov, leap, fall = self._mean, self._cov, self._leap, self._fall
        wider = variance + leap
        along = (
            cov[LEVEL, LEVEL] + cov[LEVEL, DEVIATION],
            cov[LEVEL, SLOPE] + cov[SLOPE, DEVIATION],
            cov[LEVEL, DEVIATION] + cov[DEVIATION, DEVIATION],
        )
        along_jumped = (along[LEVEL] + leap, along[SLOPE], along[DEVIATION])
        after = observed.error if fall is None else observed.error + fall
        by_ordinary, by_jump = ordinary * observed.error / variance, jumped * after / wider
        square = ordinary * (observed.error**2 - variance * observed.variance_reduction) / variance**2
        square_jumped = jumped * (after**2 - wider * observed.variance_reduction) / wider**2
        shift = [along[i] * by_ordinary + along_jumped[i] * by_jump for i in range(3)]
        if fall is not None:
            shift[LEVEL] = shift[LEVEL] - jumped * fall
        for i, j in PAIRS:
            change = along[i] * along[j] * square + along_jumped[i] * along_jumped[j] * square_jumped
            if fall is not None and LEVEL in (i, j):
                # after a jump the level lies lower by the fall than what is learned of it by the rating
                other = along_jumped[j if i == LEVEL else i] * by_jump
                change = change + (jumped * fall**2 - 2 * fall * other if i == j else -fall * other)
            cov[i, j] = cov[i, j] + change - shift[i] * shift[j]
        cov[LEVEL, LEVEL] = cov[LEVEL, LEVEL] + jumped * leap
        for i in range(3):
            mean[i] = mean[i] + shift[i]
