"""The population each person is drawn from, in points, higher is better, with the calibration of its predictions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers

SMALLEST_PROBABILITY, LARGEST_PROBABILITY = 1e-300, 1 - 1e-15
WITHIN_PERSON_SDS = 7
WIDEST = 2.2
DAYS_PER_WEEK = 7


def within_person_sd_grid(n_points: int = WITHIN_PERSON_SDS, widest: float = WIDEST) -> tuple[Floats, Floats]:
    """Standard normal points and their weights, for the logarithm of the within-person SDs.

    Parameters
    ----------
    n_points : int
        Number of points, 1 or more; a single point is 0.
    widest : float
        The outermost points lie so many SDs from 0.

    Returns
    -------
    points : ndarray of float, shape (n_points,)
        Equally spaced, in SDs.
    weights : ndarray of float, shape (n_points,)
        Proportional to the normal density; they sum to 1.
    """
    points = np.linspace(-widest, widest, n_points) if n_points > 1 else np.zeros(1)
    weights = np.exp(-0.5 * points**2)
    return points, weights / weights.sum()


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
class ScoreTable:
    """A fixed, monotone map from ratings to scores: straight between its places, and straight on beyond them.

    Attributes
    ----------
    points : ndarray of float, shape (n_places,)
        Places on the scale, in points, ascending; 2 or more.
    scores : ndarray of float, shape (n_places,)
        The score at each, ascending, in points of the middle of the scale.
    """

    points: Floats
    scores: Floats

    def score(self, point: Floats) -> Floats:
        """The scores of some places on the scale.

        Parameters
        ----------
        point : ndarray of float, shape (n,)
            In points; may be infinite.

        Returns
        -------
        ndarray of float, shape (n,)
        """
        return _straight(point, self.points, self.scores)

    def point(self, score: Floats) -> Floats:
        """The places on the scale that have some scores: the inverse of `score`.

        Parameters
        ----------
        score : ndarray of float, shape (n,)
            May be infinite.

        Returns
        -------
        ndarray of float, shape (n,)
            In points.
        """
        return _straight(score, self.scores, self.points)


def _straight(at: Floats, known: Floats, there: Floats) -> Floats:
    """By straight lines through known places, the outermost ones continued."""
    begins = np.clip(np.searchsorted(known, at, side="right") - 1, 0, len(known) - 2)
    slope = np.diff(there) / np.diff(known)
    found: Floats = there[begins] + (at - known[begins]) * slope[begins]
    return found


@dataclass(frozen=True, eq=False)
class Population:
    """What is assumed of each series before its first rating.

    The rating of session ``s`` is ``course(s) + level + slope (s - 1) + deviation``, rounded to the scale's steps
    and cut off at its ends. Where there is a `ScoreTable` this sum is a score, and so is everything said of it; the
    rating is what the table has at that score. Arrays of shape (n_series,) but for `course`.

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
    tables : mapping of int to ScoreTable
        From ratings to scores, by row of `course`; where there is none a rating is its own score.
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
    tables: Mapping[int, ScoreTable] = field(default_factory=dict)

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

    def within_person_sds(self, points: Floats) -> Floats:
        """The within-person SDs considered.

        Parameters
        ----------
        points : ndarray of float, shape (n_points,)
            Normal scores of their logarithms, ascending.

        Returns
        -------
        ndarray of float, shape (n_points, n_series)
            In points; their root mean square over persons is `within_sd`.
        """
        log_sd = self.own_sd_log_sd
        sds: Floats = self.within_sd * np.exp(points[:, None] * log_sd - log_sd**2)
        return sds

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
        shared = {"course", "calibration", "tables"}
        chosen = {each.name: getattr(self, each.name)[at] for each in fields(self) if each.name not in shared}
        calibration = None if self.calibration is None else self.calibration.take(at)
        return type(self)(course=self.course, calibration=calibration, tables=self.tables, **chosen)

    def score(self, point: Floats) -> Floats:
        """What places on the scale are in the unit of the state.

        Parameters
        ----------
        point : ndarray of float, shape (n_series,)
            In points.

        Returns
        -------
        ndarray of float, shape (n_series,)
            The same numbers where there is no table.
        """
        return self._by_table(point, ScoreTable.score)

    def point(self, score: Floats) -> Floats:
        """The places on the scale that have some scores: the inverse of `score`.

        Parameters
        ----------
        score : ndarray of float, shape (n_series,)
            In the unit of the state.

        Returns
        -------
        ndarray of float, shape (n_series,)
            In points.
        """
        return self._by_table(score, ScoreTable.point)

    def spread_in_points(self, centre: Floats, spread: Floats) -> Floats:
        """An SD around a score, in points of the scale there.

        Parameters
        ----------
        centre, spread : ndarray of float, shape (n_series,)
            In the unit of the state.

        Returns
        -------
        ndarray of float, shape (n_series,)
            Half the distance between the points one SD to either side; the same numbers where there is no table.
        """
        if not self.tables:
            return spread
        found = (self.point(centre + spread) - self.point(centre - spread)) / 2
        return np.where(np.isin(self.kind, list(self.tables)), found, spread)

    def stands_for(self, value: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Where ratings lie in the unit of the state, between which ends, and how wide a step of the scale is there.

        Parameters
        ----------
        value : ndarray of float, shape (n_series,)
            Ratings, in points.

        Returns
        -------
        middle, low, high, width : ndarray of float, shape (n_series,)
            The ends are half a step away, also at the ends of the scale.
        """
        half = self.step / 2
        low, high = self.score(value - half), self.score(value + half)
        width = (
            np.where(np.isin(self.kind, list(self.tables)), high - low, self.step)
            if self.tables
            else self.step
        )
        return self.score(value), low, high, width

    def _by_table(self, numbers: Floats, look_up: Callable[[ScoreTable, Floats], Floats]) -> Floats:
        if not self.tables:
            return numbers
        found = numbers.copy()
        for kind, table in self.tables.items():
            at = np.flatnonzero(self.kind == kind)
            found[at] = look_up(table, numbers[at])
        return found


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


def level_moves(sessions: Integers, days: Floats, break_days: float) -> Floats:
    """Steps of the level's random walk from one rating to the next.

    Parameters
    ----------
    sessions : ndarray of int, shape (n,)
        Sessions from the one to the other, 0 or more.
    days : ndarray of float, shape (n,)
        Days from the one to the other; NaN where not known.
    break_days : float
        More days than that are a break.

    Returns
    -------
    ndarray of float, shape (n,)
        One a session, and over a break one a week if that is more.
    """
    weeks = np.where(days > break_days, days / DAYS_PER_WEEK, 0.0)
    return np.maximum(sessions, weeks)
