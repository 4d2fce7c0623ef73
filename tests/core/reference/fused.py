"""The fused criterion written a second time: one series, plain Python, by the text of docs/methods/fused.md.

Takes p of the rating as given and adds the rest: Student's t by scipy.stats, the two-piece discriminant solved by hand,
the integral over the rest by the trapezoidal rule, the answers by enumeration.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import log, sqrt
from statistics import NormalDist

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

Column = Sequence[float | None]
NORMAL = NormalDist()
SHOWS, FALL = 0.5, 1.75
FALLS = {"items": 0.8, "facets": 1.4, "therapist": 0.55, "members": 0.5}
WITH_VALUE = {"items": 0.1, "facets": 0.5, "therapist": 0.2, "members": 0.2}
USUAL = {"tension": (0.9, 0.08, 0.02), "skipped": (0.95, 0.05), "fast": (0.95, 0.05), "late": (0.9, 0.1)}
MOVES = {"tension": 1.0, "skipped": 0.7, "fast": 0.6, "late": 0.5}


def scores(numbers: Column, start: float, sd: float) -> list[float | None]:
    """Each number among the earlier ones: normal-inverse-gamma with a discount of .9."""
    mean, weight, shape, rate = start, 0.5, 1.5, 1.5 * sd**2
    seen, found = 0, []
    for number in numbers:
        if number is None:
            found.append(None)
            continue
        spread = sqrt(rate / shape * (1 + 1 / weight))
        below = student.cdf((number - mean) / spread, 2 * shape)
        found.append(NORMAL.inv_cdf(below) if seen >= 3 else None)
        used = min(max(number, mean - 3 * spread), mean + 3 * spread)
        weight = max(0.9 * weight, 0.5)
        rate += 0.5 * weight * (used - mean) ** 2 / (weight + 1)
        mean = (weight * mean + used) / (weight + 1)
        weight, shape, seen = weight + 1, shape + 0.5, seen + 1
        if shape > 12:
            rate, shape = rate * 12 / shape, 12.0
    return found


def shown(log_odds: float) -> float:
    return float(np.log(1 - SHOWS + SHOWS * np.exp(log_odds)))


def habit(name: str, answers: Column, p: Sequence[float]) -> list[tuple[list[float], list[float], float]]:
    """For every session the usual shares, the logarithm of the odds of each answer, and of the one given.

    ``p`` is that of the rating: inclinations to speak of tension correlate with it by .2 in ordinary sessions.
    """
    link = 0.2 if name == "tension" else 0.0
    counts, found = [10 * share for share in USUAL[name]], []
    for answer, chance in zip(answers, p, strict=True):
        if answer is None:
            found.append(([1.0] + [0.0] * (len(counts) - 1), [0.0] * len(counts), 0.0))
            continue
        usual = [count / sum(counts) for count in counts]
        value = NORMAL.inv_cdf(chance)
        reached = [
            (NORMAL.inv_cdf(sum(usual[: k + 1])) + link * value) / sqrt(1 - link**2)
            for k in range(len(usual) - 1)
        ]
        upto = [0.0, *map(NORMAL.cdf, reached), 1.0]
        moved = [0.0, *(NORMAL.cdf(point - MOVES[name]) for point in reached), 1.0]
        shares = [upto[k + 1] - upto[k] for k in range(len(usual))]
        odds = [shown(log((moved[k + 1] - moved[k]) / shares[k])) for k in range(len(usual))]
        found.append((shares, odds, odds[int(answer)]))
        counts[int(answer)] += 1
    return found


def rest(value: float, others: Mapping[str, float]) -> tuple[float, float]:
    """Score and strength of at most two other ratings, whose correlations with each other are .15 or none."""
    left = {
        name: (
            (score - WITH_VALUE[name] * value),
            FALLS[name] - WITH_VALUE[name] * FALL,
            1 - WITH_VALUE[name] ** 2,
        )
        for name, score in others.items()
    }
    if not left:
        return 0.0, 0.0
    if len(left) == 1:
        ((residual, fall, variance),) = left.values()
        return residual / sqrt(variance), fall / sqrt(variance)
    (one, other) = left
    assert {one, other} == {"facets", "therapist"}
    shared = 0.15 - WITH_VALUE[one] * WITH_VALUE[other]
    (r1, f1, v1), (r2, f2, v2) = left.values()
    determinant = v1 * v2 - shared**2
    w1, w2 = (v2 * f1 - shared * f2) / determinant, (v1 * f2 - shared * f1) / determinant
    strength = sqrt(w1 * f1 + w2 * f2)
    return (w1 * r1 + w2 * r2) / strength, strength


def joined(
    p: float, others: Mapping[str, float], habits: Sequence[tuple[list[float], list[float], float]]
) -> float:
    """One p: by quadrature over the rest, by enumeration of the answers."""
    value = NORMAL.inv_cdf(p)
    score, strength = rest(value, others)

    given = _of_rest(score, strength) + sum(each[2] for each in habits)
    total = 0.0
    for answers in product(*(range(len(usual)) for usual, _, _ in habits)):
        share, odds = 1.0, 0.0
        for (usual, each, _), answer in zip(habits, answers, strict=True):
            share, odds = share * usual[answer], odds + each[answer]
        if share:
            total += share * _tail(value, odds - given, strength)
    return total


def _of_rest(score: float, strength: float) -> float:
    return shown(-strength * (score + strength / 2))


def _tail(value: float, odds: float, strength: float) -> float:
    z = np.linspace(-9, 9, 4001)
    left = np.log(1 - SHOWS + SHOWS * np.exp(-strength * (z + strength / 2)))
    return float(np.trapezoid(norm.pdf(z) * norm.cdf(value + (left + odds) / FALL), z))


def scatter(answers: Sequence[Sequence[float | None]], sd: float) -> list[float | None]:
    """How far apart the answers of a session are, beside the person's usual; the lower, the further apart."""
    spread = []
    for session in zip(*answers, strict=True):
        given = [answer for answer in session if answer is not None]
        spread.append(float(np.var(given, ddof=1) ** (1 / 3)) if len(given) > 2 else None)
    usual = (1.5 * sd) ** (2 / 3)
    return [None if each is None else -each for each in scores(spread, usual, 0.3 * usual)]
