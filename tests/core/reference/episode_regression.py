"""The line with one episode written a second time: one series, every episode by numpy's least squares, one by one.

The orders and the noise are the library's own, so that p can be compared exactly; `p_of_all_orders` needs none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from math import sqrt

import numpy as np

Rated = list[float]


@dataclass(frozen=True)
class Fit:
    start: int
    ratings: int
    effect: float
    t: float
    level_at_start: float
    spread: float

    def correlation(self, degrees: int) -> float:
        return self.t / sqrt(self.t**2 + degrees)


def fits(sessions: list[int], values: Rated, longest: int) -> list[Fit]:
    """Of every episode that does not begin the series and is shorter than the rest, by length and beginning."""
    n = len(values)
    found = []
    for ratings in range(1, min(longest, (n - 1) // 2) + 1):
        for start in range(1, n - ratings + 1):
            inside = np.array([start <= place < start + ratings for place in range(n)], dtype=float)
            design = np.column_stack([np.ones(n), np.array(sessions, dtype=float), inside])
            b = np.linalg.lstsq(design, np.array(values), rcond=None)[0]
            spread = sqrt(((np.array(values) - design @ b) ** 2).sum() / (n - 3))
            error = spread * sqrt(np.linalg.inv(design.T @ design)[2, 2])
            line = float(b[0] + b[1] * sessions[start])
            found.append(Fit(start, ratings, float(b[2]), float(b[2] / error), line, spread))
    return found


def lowest(sessions: list[int], values: Rated, longest: int) -> Fit:
    return min(fits(sessions, values, longest), key=lambda each: each.t)


def line_and_residual(sessions: list[int], values: Rated) -> tuple[np.ndarray, np.ndarray]:
    fitted = np.polyval(np.polyfit(sessions, values, 1), sessions)
    return fitted, np.array(values) - fitted


def share_as_low(
    sessions: list[int], values: Rated, others: Iterable[Rated], longest: int
) -> tuple[int, int]:
    """How many of other courses have an episode at least as low, and how many there are."""
    degrees = len(values) - 3
    own = lowest(sessions, values, longest).correlation(degrees)
    as_low = [lowest(sessions, each, longest).correlation(degrees) <= own + 1e-9 for each in others]
    return sum(as_low), len(as_low)


def p_by_orders(sessions: list[int], values: Rated, orders: np.ndarray, longest: int) -> float:
    """Columns of the orders after the first, which leaves everything where it is."""
    fitted, residual = line_and_residual(sessions, values)
    others = [(fitted + residual[order]).tolist() for order in orders.T[1:]]
    as_low, of = share_as_low(sessions, values, others, longest)
    return (1 + as_low) / (1 + of)


def p_by_noise(sessions: list[int], values: Rated, noise: np.ndarray, longest: int) -> float:
    as_low, of = share_as_low(sessions, values, [each.tolist() for each in noise.T], longest)
    return (1 + as_low) / (1 + of)


def p_of_all_orders(sessions: list[int], values: Rated, longest: int) -> float:
    """The exact permutation p."""
    fitted, residual = line_and_residual(sessions, values)
    others = [(fitted + residual[list(order)]).tolist() for order in permutations(range(len(values)))]
    as_low, of = share_as_low(sessions, values, others, longest)
    return as_low / of
