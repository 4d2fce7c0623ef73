"""All pieces of evidence of a session together: one p, and what each piece adds to it.

In ordinary sessions the scores of what is measured are jointly normal; the best linear combination of them (Fisher's
discriminant) is one standard normal score, low at a rupture. The categories are ordered answers with a normal
inclination behind them. The statistic is the logarithm of the likelihood ratio; its probability in ordinary sessions is
a sum over the answers that might have been given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from goldseam.detection.fused.assumed import (
    FALLS,
    MEASURED,
    MOVES,
    TENSION,
    TENSION_WITH_VALUE,
    VALUE,
    correlations,
)
from goldseam.detection.fused.habits import Habit, thresholds
from goldseam.series import Floats, Integers

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
WEAKEST = 1e-9
BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Measured:
    """The combination of what is measured; arrays of shape (n_ratings,).

    Attributes
    ----------
    score : ndarray of float
        Standard normal in ordinary sessions; 0 where nothing is measured.
    strength : ndarray of float
        How far a rupture moves it down.
    leverage : ndarray of float
        How far the score moves with that of the value; 0 where the value is missing.
    pieces : mapping of str to ndarray of float
        What each adds to the logarithm of the odds of a rupture; NaN where it is missing.
    """

    score: Floats
    strength: Floats
    leverage: Floats
    pieces: Mapping[str, Floats]

    @property
    def with_tension(self) -> Floats:
        """Correlation of the inclination to speak of tension with the score turned round, in ordinary sessions."""
        return TENSION_WITH_VALUE * self.leverage

    def take(self, at: Integers | slice) -> "Measured":
        """The same for some of the ratings, without the pieces.

        Parameters
        ----------
        at : ndarray of int or slice

        Returns
        -------
        Measured
        """
        return Measured(self.score[at], self.strength[at], self.leverage[at], {})


def combine(scores: Mapping[str, Floats]) -> Measured:
    """Combine the scores of every rating, whichever there are.

    Parameters
    ----------
    scores : mapping of str to ndarray of float, shape (n_ratings,)
        By the names of `MEASURED`, the value among them; NaN where missing.

    Returns
    -------
    Measured
    """
    names = [name for name in MEASURED if name in scores]
    table = np.stack([scores[name] for name in names])
    falls, shared = np.array([FALLS[name] for name in names]), _shared(names)
    weights = np.zeros_like(table)
    strength = np.zeros(table.shape[1])
    known = ~np.isnan(table)
    pattern = (1 << np.arange(len(names))) @ known
    for present in np.unique(pattern):
        at, there = (
            np.flatnonzero(pattern == present),
            np.flatnonzero(int(present) >> np.arange(len(names)) & 1),
        )
        best = np.linalg.solve(shared[np.ix_(there, there)], falls[there])
        weights[np.ix_(there, at)] = best[:, None]
        strength[at] = np.sqrt(best @ falls[there])
    filled = np.where(known, table, 0.0)
    score = np.divide(
        (weights * filled).sum(axis=0), strength, out=np.zeros_like(strength), where=strength > 0
    )
    pieces = {
        name: np.where(known[i], weights[i] * (-filled[i] - falls[i] / 2), np.nan)
        for i, name in enumerate(names)
    }
    value = weights[names.index(VALUE)]
    leverage = np.divide(value, strength, out=np.zeros_like(strength), where=strength > 0)
    return Measured(score, strength, leverage, pieces)


def _shared(names: list[str]) -> Floats:
    place = [MEASURED.index(name) for name in names]
    return correlations()[np.ix_(place, place)]


def extra_move(measured: Measured) -> Floats:
    """How far a rupture moves the inclination to speak of tension, beyond what the measured says of it already.

    Parameters
    ----------
    measured : Measured

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        In SDs of what is left of it.
    """
    link = measured.with_tension
    left: Floats = (MOVES[TENSION] - link * measured.strength) / np.sqrt(1 - link**2)
    return np.maximum(left, 0.0)


def chance(measured: Measured, habits: Mapping[str, Habit]) -> Floats:
    """Probability, in an ordinary session, of evidence that speaks for a rupture as much as this or more.

    Parameters
    ----------
    measured : Measured
    habits : mapping of str to Habit
        By the names of `MOVES`.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
    """
    n_ratings = len(measured.score)
    found = np.empty(n_ratings)
    for first in range(0, n_ratings, BLOCK):
        at = slice(first, first + BLOCK)
        found[at] = _chance(measured.take(at), {name: each.take(at) for name, each in habits.items()})
    return found


def _chance(measured: Measured, habits: Mapping[str, Habit]) -> Floats:
    strength = np.maximum(measured.strength, WEAKEST)
    others = [each for name, each in habits.items() if name != TENSION]
    given = sum((each.given for each in habits.values()), np.zeros_like(strength))
    tension = habits.get(TENSION)
    total = np.zeros_like(strength)
    for answers in product(*(range(len(each.usual)) for each in others)):
        usual, odds = np.ones_like(strength), -given
        for each, answer in zip(others, answers, strict=True):
            usual, odds = usual * each.usual[answer], odds + each.odds[answer]
        total += usual * _below(measured, strength, odds, tension)
    return np.clip(total, 0.0, 1.0)


def _below(measured: Measured, strength: Floats, odds: Floats, tension: Habit | None) -> Floats:
    """Probability of so low a score, given what the other answers say, over the answers on tension."""
    from scipy.special import ndtr

    if tension is None:
        low: Floats = ndtr(measured.score + odds / strength)
        return low
    bounds = thresholds(tension.usual)
    turned = -measured.with_tension
    total = np.zeros_like(strength)
    last = len(tension.usual) - 1
    for answer in range(last + 1):
        point = measured.score + (odds + tension.odds[answer]) / strength
        upto = ndtr(point) if answer == last else both_below(point, bounds[answer], turned)
        total += upto - (both_below(point, bounds[answer - 1], turned) if answer else 0.0)
    return total


def both_below(one: Floats, other: Floats, correlation: Floats) -> Floats:
    """Probability that two standard normal variables both lie below their points.

    Parameters
    ----------
    one, other, correlation : ndarray of float
        Correlations of moderate size.

    Returns
    -------
    ndarray of float
        By Gauss-Legendre quadrature of the derivative in the correlation's angle (Drezner & Wesolowsky 1990, J Stat
        Comput Simul 35, 101-107).
    """
    from scipy.special import ndtr

    one, other = np.clip(one, -40, 40), np.clip(other, -40, 40)
    angle = np.arcsin(correlation)
    squares, twice = one**2 + other**2, 2 * one * other
    total = np.zeros_like(one)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        turned = angle * (node + 1) / 2
        total += weight * np.exp(-(squares - twice * np.sin(turned)) / (2 * np.cos(turned) ** 2))
    chance: Floats = ndtr(one) * ndtr(other) + angle / (4 * np.pi) * total
    return chance
