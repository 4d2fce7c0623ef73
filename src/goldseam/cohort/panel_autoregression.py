"""Ratings of many units that follow from each other from session to session, with own levels that are removed.

A unit is a person with two ratings, or a couple with its members' two or four. With :math:`z_t` its ratings at a
session, :math:`z_t = D_t c_i + A z_{t-1} + e_t`: own coefficients of the course (a level, or level and slope), one
matrix A, innovations independent over sessions whose covariance is each unit's own.
Taking own courses off by least squares makes the usual estimate of A wrong in short series (Nickell 1981,
Econometrica 49, 1417), since what is taken off holds later innovations. How wrong is known: with P what projects on the
course, the expectation of the usual estimating function is :math:`-S_i H_i(A)'`, :math:`H_i(A) = \\sum_{s<t} P_{st}
A^{t-1-s}`. Adding an unbiased estimate of it leaves a function with expectation 0 at any length, whatever the first
rating (the adjusted profile score, after Dhaene & Jochmans 2016, Econometric Theory 32, 1178). Errors are those of
estimating functions, summed within clusters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers

LevelFigure = Callable[[Floats, Floats], float]
ROUNDS, CLOSE, STEP, LONGEST_STEP, FARTHEST = 60, 1e-9, 1e-5, 0.3, 3.0
STABLE_BELOW = 0.98
"""The largest absolute eigenvalue of A: from there on ratings have no level that they tend to."""
CELLS_AT_ONCE = 20_000_000
FEWEST_PAIRS = {1: 3, 2: 5}
"""Pairs of neighbouring sessions of a person whose own level, or own straight course, is taken off."""


@dataclass(frozen=True, eq=False)
class PanelPairs:
    """Sums over the pairs of neighbouring sessions of each person, the own course taken off.

    Attributes
    ----------
    later, across, earlier : ndarray of float, shape (n, d, d)
        Sums of squares and products of the later ratings, of later with earlier ones, and of the earlier.
    carried : ndarray of float, shape (n, n_lags)
        Coefficients of 1, A, A², ... in H.
    spare : ndarray of float, shape (n,)
        Pairs less coefficients of the own course.
    mean_later, mean_earlier : ndarray of float, shape (n, order, d)
        Least squares coefficients of the own course in both.
    error : ndarray of float, shape (n, order, order)
        What the covariance of the innovations is multiplied by in the error of such coefficients.
    first : ndarray of float, shape (n, d)
        The ratings before the first pair.
    kept : ndarray of int, shape (n,)
        Which persons those are, of all that were given.
    """

    later: Floats
    across: Floats
    earlier: Floats
    carried: Floats
    spare: Floats
    mean_later: Floats
    mean_earlier: Floats
    error: Floats
    first: Floats
    kept: Integers

    @classmethod
    def of(cls, ratings: Floats, order: int) -> Self:
        """From both ratings by session.

        Parameters
        ----------
        ratings : ndarray of float, shape (n, n_sessions, d)
            Around the mean of each session; NaN where one is not known. Neighbours are neighbouring sessions.
        order : int
            1: own levels are taken off; 2: own straight courses.

        Returns
        -------
        PanelPairs
            Of the persons with `FEWEST_PAIRS`.
        """
        known: Flags = np.asarray(np.isfinite(ratings).all(axis=2))
        paired = known[:, 1:] & known[:, :-1]
        kept = np.flatnonzero(paired.sum(axis=1) >= FEWEST_PAIRS[order])
        sessions = max(ratings.shape[1] - 1, 1)
        at_once = max(1, CELLS_AT_ONCE // sessions**2)
        blocks = [
            _sums(ratings[kept[start : start + at_once]], paired[kept[start : start + at_once]], order)
            for start in range(0, max(len(kept), 1), at_once)
        ]
        later, across, earlier, carried, spare, mean_later, mean_earlier, error, first = (
            np.concatenate(parts) for parts in zip(*blocks, strict=True)
        )
        return cls(later, across, earlier, carried, spare, mean_later, mean_earlier, error, first, kept)

    @property
    def n(self) -> int:
        """Number of persons."""
        return len(self.kept)

    @property
    def n_pairs(self) -> int:
        """Number of pairs of neighbouring sessions."""
        return int(self.spare.sum()) + self.n * int(self.mean_later.shape[1])

    def innovations(self, a: Floats) -> Floats:
        """Each person's covariance of the innovations, were A the one given; shape (n, d, d)."""
        return _squares(self.later, self.across, self.earlier, a) / self.spare[:, None, None]

    def functions(self, a: Floats) -> Floats:
        """The estimating functions of each person, shape (n, d²); their sum is 0 at the estimate."""
        carried = np.tensordot(self.carried, _powers(a, self.carried.shape[1]), axes=1)
        usual = self.across - a @ self.earlier
        found: Floats = (usual + self.innovations(a) @ carried.transpose(0, 2, 1)).reshape(self.n, -1)
        return found

    @cached_property
    def totals(self) -> tuple[Floats, Floats, Floats]:
        """Sums over persons of later, across and earlier, weighted for each lag; shape (n_lags, d, d)."""
        weights = (self.carried / self.spare[:, None]).T
        later, across, earlier = (
            np.tensordot(weights, x, axes=1) for x in (self.later, self.across, self.earlier)
        )
        return later, across, earlier

    def summed(self, a: Floats) -> Floats:
        """The mean of the estimating functions, shape (d²,), without going through the persons again."""
        usual = self.across.sum(axis=0) - a @ self.earlier.sum(axis=0)
        powers = _powers(a, self.carried.shape[1]).transpose(0, 2, 1)
        found: Floats = (usual + (_squares(*self.totals, a) @ powers).sum(axis=0)).ravel() / self.n
        return found

    def uncorrected(self) -> Floats:
        """A by least squares, shape (d, d)."""
        total = self.earlier.sum(axis=0)
        found: Floats = np.linalg.lstsq(total, self.across.sum(axis=0).T, rcond=None)[0].T
        return found

    def courses(self, a: Floats) -> Floats:
        """Each person's own coefficients, with their error; shape (n, order, d)."""
        found: Floats = self.mean_later - self.mean_earlier @ a.T
        return found


def _sums(ratings: Floats, paired: Flags, order: int) -> tuple[Floats, ...]:
    """The arrays of `PanelPairs` but the last, of some persons."""
    weight = paired.astype(np.float64)[:, :, None]
    later, earlier = (np.where(paired[:, :, None], part, 0.0) for part in (ratings[:, 1:], ratings[:, :-1]))
    powers = np.arange(paired.shape[1])[:, None] ** np.arange(order)
    course = weight * powers
    inverse = np.linalg.inv(course.transpose(0, 2, 1) @ course)
    solve = inverse @ course.transpose(0, 2, 1)
    taken = course @ solve
    coefficients = [solve @ part for part in (later, earlier)]
    left = [part - course @ own for part, own in zip((later, earlier), coefficients, strict=True)]
    products = [
        x.transpose(0, 2, 1) @ y for x, y in ((left[0], left[0]), (left[0], left[1]), (left[1], left[1]))
    ]
    lags = [np.trace(taken, offset=lag + 1, axis1=1, axis2=2) for lag in range(paired.shape[1] - 1)]
    carried = np.stack(lags, axis=1) if lags else np.zeros((len(ratings), 0))
    first = ratings[np.arange(len(ratings)), paired.argmax(axis=1)]
    return (*products, carried, paired.sum(axis=1) - float(order), *coefficients, inverse, first)


def _squares(later: Floats, across: Floats, earlier: Floats, a: Floats) -> Floats:
    """Sums of squares and products of later ratings less what A makes of the earlier."""
    crossed = across @ a.T
    found: Floats = later - crossed - crossed.transpose(0, 2, 1) + a @ earlier @ a.T
    return found


def _powers(a: Floats, size: int) -> Floats:
    """1, A, A² and so on, shape (size, d, d)."""
    found = np.empty((size, *a.shape))
    power = np.eye(len(a))
    for place in range(size):
        found[place] = power
        power = power @ a
    return found


@dataclass(frozen=True, eq=False)
class PanelFit:
    """The estimate of A.

    Attributes
    ----------
    pairs : PanelPairs
        What it was fitted to.
    a : ndarray of float, shape (d, d)
        How much of a point of each rating (columns) is found in each at the next session (rows); NaN where no solution
        was found at which ratings tend to levels.
    """

    pairs: PanelPairs
    a: Floats

    @property
    def converged(self) -> bool:
        """Whether there is a solution."""
        return bool(np.isfinite(self.a).all())

    @property
    def settling(self) -> float:
        """Share of a deviation from the own levels that is gone at the next session, where it is kept the longest."""
        return 1 - float(np.abs(np.linalg.eigvals(self.a)).max())

    @cached_property
    def influence(self) -> Floats:
        """What each person moves A by, row by row, shape (n, d²); their mean is 0."""
        slope = _jacobian(self.pairs, self.a)
        found: Floats = -self.pairs.functions(self.a) @ np.linalg.pinv(slope).T
        return found

    @cached_property
    def spread(self) -> Floats:
        """Mean covariance of the innovations, shape (d, d)."""
        found: Floats = self.pairs.innovations(self.a).mean(axis=0)
        return found

    def own_covariance(self, a: Floats | None = None) -> Floats:
        """What each person adds to the covariance of own coefficients, error taken off; shape (n, d order, d order)."""
        a = self.a if a is None else a
        n = self.pairs.n
        own = self.pairs.courses(a).reshape(n, -1)
        around = own - own.mean(axis=0)
        error = np.einsum("nij,nab->niajb", self.pairs.error, self.pairs.innovations(a))
        products = around[:, :, None] * around[:, None, :] * (n / (n - 1))
        found: Floats = products - error.reshape(products.shape)
        return found

    @property
    def reliability(self) -> float:
        """Share of the variance of the first rating's estimated levels that is no error."""
        estimated = np.cov(self.pairs.courses(self.a)[:, 0].T)
        true = self.own_covariance().mean(axis=0)
        towards = np.linalg.inv(np.eye(len(self.a)) - self.a)
        return float((towards @ true @ towards.T)[0, 0] / (towards @ estimated @ towards.T)[0, 0])

    def between(self, figure: LevelFigure) -> tuple[float, Floats]:
        """A figure of the own levels, of a fit that has these alone, and what each person moves it by.

        Parameters
        ----------
        figure : callable
            `level_slope` or `level_correlation`.

        Returns
        -------
        value : float
        influence : ndarray of float, shape (n,)
        """
        contributions = self.own_covariance()
        covariance = contributions.mean(axis=0)
        by_covariance = _derivative(lambda q: figure(self.a, q), covariance)
        by_a = _derivative(lambda a: figure(a, self.own_covariance(a).mean(axis=0)), self.a)
        own = (contributions - covariance).reshape(self.pairs.n, -1)
        return figure(self.a, covariance), own @ by_covariance + self.influence @ by_a


def own_levels(a: Floats, covariance: Floats) -> Floats:
    """Covariance of the levels that ratings tend to, (I - A)⁻¹ times the own coefficients.

    Parameters
    ----------
    a : ndarray of float, shape (d, d)
        As `PanelFit.a`.
    covariance : ndarray of float, shape (d, d)
        Of the own coefficients.

    Returns
    -------
    ndarray of float, shape (d, d)
    """
    towards = np.linalg.inv(np.eye(len(a)) - a)
    found: Floats = towards @ covariance @ towards.T
    return found


def level_slope(a: Floats, covariance: Floats) -> float:
    """Slope between the levels that two ratings tend to.

    Parameters
    ----------
    a, covariance
        As for `own_levels`.

    Returns
    -------
    float
        Points of the second rating per point of the first.
    """
    levels = own_levels(a, covariance)
    return float(levels[0, 1] / levels[0, 0])


def level_correlation(a: Floats, covariance: Floats) -> float:
    """Correlation between the levels that two ratings tend to.

    Parameters
    ----------
    a, covariance
        As for `own_levels`.

    Returns
    -------
    float
        NaN where a variance comes out as 0 or below.
    """
    levels = own_levels(a, covariance)
    product = levels[0, 0] * levels[1, 1]
    return float(levels[0, 1] / sqrt(product)) if levels[0, 0] > 0 and levels[1, 1] > 0 else float("nan")


def _derivative(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Of a function of a matrix to a number, by its elements, row by row."""
    found = np.zeros(at.size)
    for place, step in enumerate(_steps(at.shape)):
        found[place] = (function(at + step) - function(at - step)) / (2 * STEP)
    return found


def _steps(shape: tuple[int, ...]) -> Iterator[Floats]:
    """A small step in each element of a matrix, row by row."""
    for place in range(int(np.prod(shape))):
        moved = np.zeros(shape)
        moved.flat[place] = STEP
        yield moved


def fit_panel(pairs: PanelPairs) -> PanelFit:
    """Solve the corrected estimating functions, from the usual estimate on (Newton's method).

    Parameters
    ----------
    pairs : PanelPairs
        Of some persons.

    Returns
    -------
    PanelFit
    """
    a = pairs.uncorrected()
    size = np.inf
    for _ in range(ROUNDS if pairs.n else 0):
        step = -np.linalg.lstsq(_jacobian(pairs, a), pairs.summed(a), rcond=None)[0].reshape(a.shape)
        size = float(np.abs(step).max())
        a = a + step * min(1.0, LONGEST_STEP / max(size, CLOSE))
        if size < CLOSE or np.abs(a).max() > FARTHEST:
            break
    found = size < CLOSE and float(np.abs(np.linalg.eigvals(a)).max()) < STABLE_BELOW
    return PanelFit(pairs, a if found else np.full(a.shape, np.nan))


def _jacobian(pairs: PanelPairs, a: Floats) -> Floats:
    columns = [(pairs.summed(a + step) - pairs.summed(a - step)) / (2 * STEP) for step in _steps(a.shape)]
    found: Floats = np.stack(columns, axis=1)
    return found


def clustered_interval(value: float, influence: Floats, cluster: Integers) -> tuple[float, float, float]:
    """An estimate with its 95% interval, of t with one df fewer than clusters.

    Parameters
    ----------
    value : float
        The estimate.
    influence : ndarray of float, shape (n,)
        What each person moves it by.
    cluster : ndarray of int, shape (n,)
        Who is not independent of whom.

    Returns
    -------
    value, low, high : float
    """
    from scipy.special import stdtrit

    sums = np.bincount(np.unique(cluster, return_inverse=True)[1], influence)
    clusters = len(sums)
    error = sqrt(float((sums**2).sum()) * clusters / (clusters - 1)) / len(influence)
    half = float(stdtrit(clusters - 1, 0.975)) * error
    return value, value - half, value + half
