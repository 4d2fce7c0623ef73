"""How much better than a straight line a course of a given shape fits the ratings of a person.

Each shape is a column beside the line: a parabola, a brief dip at some place, low ratings at the beginning. Ratings are
taken in order, so that the columns depend on the number of ratings alone, and many persons are judged by one
multiplication.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from goldseam.arrays import Flags, Floats, Integers

LONGEST_DIP = 3
"""Ratings of a brief dip; what is longer is a broad curve."""

MOST_DIPS = 5
"""Dips of one course that are looked for."""

EACH_DIP = 2.2
"""Errors that each of several dips has to be deep for them to be several."""

RIDGE = 1e-9
SMALLEST = 1e-9
"""Share of a rating that is nothing but rounding."""

FEWEST_FOR_TWO = 8
"""Ratings from which on there is place for two dips."""

LOW_SHARE = 3
"""One part in so many is the longest beginning that can be *low early*."""

FEWEST_EARLY = 2


@dataclass(frozen=True, eq=False)
class Templates:
    """The columns for courses of one length, at right angles to the line.

    Attributes
    ----------
    time : ndarray, shape (n,)
        Place of each rating, around 0.
    units : ndarray, shape (n, k)
        The columns, of length 1: the parabola, then beginnings, then dips.
    sizes : ndarray, shape (k,)
        Their length before.
    leaning : ndarray, shape (k,)
        Slope of each column itself, by which it bends the line beside it.
    n_early : int
        How many of them are beginnings.
    first, last : ndarray of int, shape (k,)
        First and last rating of each beginning or dip.
    """

    time: Floats
    units: Floats
    sizes: Floats
    leaning: Floats
    n_early: int
    first: Integers
    last: Integers

    @property
    def dips(self) -> slice:
        """Where the dips are."""
        return slice(1 + self.n_early, None)

    @property
    def early(self) -> slice:
        """Where the beginnings are."""
        return slice(1, 1 + self.n_early)


@lru_cache(maxsize=512)
def templates(n: int) -> Templates:
    """The columns for courses of n ratings.

    Parameters
    ----------
    n : int
        6 or more.

    Returns
    -------
    Templates
    """
    place = np.arange(n)
    time: Floats = np.asarray(place - (n - 1) / 2, np.float64)
    starts = [(0, length - 1) for length in range(FEWEST_EARLY, max(FEWEST_EARLY, n // LOW_SHARE) + 1)]
    dips = [
        (start, start + length - 1) for length in range(1, LONGEST_DIP + 1) for start in range(1, n - length)
    ]
    spans = [(0, n - 1), *starts, *dips]
    inside = [((place >= first) & (place <= last)).astype(np.float64) for first, last in spans]
    raw = np.column_stack([time**2, *inside[1:]])
    leaning: Floats = np.asarray(time @ raw / (time @ time), np.float64)
    left = raw - raw.mean(axis=0) - np.outer(time, leaning)
    sizes: Floats = np.asarray(np.sqrt((left**2).sum(axis=0)), np.float64)
    first, last = np.array(spans).T
    units: Floats = np.asarray(left / sizes, np.float64)
    return Templates(time, units, sizes, leaning, len(starts), first, last)


@dataclass(frozen=True, eq=False)
class ShapeStatistics:
    """What the ratings of persons with equally many say for each shape; one entry a person.

    Attributes
    ----------
    slope : ndarray
        Of the line, per rating, in points.
    line_t : ndarray
        The slope in its errors.
    curve, early, dip : ndarray
        How far the best column of each kind lies from none, in its errors: the parabola (positive if it opens upwards),
        low ratings at the beginning, one brief dip (positive if there is one).
    sawtooth : ndarray, shape (n persons, MOST_DIPS - 1)
        The same for 2, 3, ... dips together, as F ratio; 0 where there is no place for so many, or one is not deep.
    curve_depth, early_depth, dip_depth : ndarray
        How deep each is, in points.
    dips_depth : ndarray, shape (n persons, MOST_DIPS - 1)
        The smallest depth among 2, 3, ... dips.
    vertex : ndarray
        Where the parabola turns, from 0 (first rating) to 1 (last).
    early_end, dip_first, dip_last : ndarray of int
        Place of the ratings, from 1 on.
    dip_slope : ndarray
        The slope of the line beside the dip.
    dip_line_t : ndarray
        That slope in its errors.
    """

    slope: Floats
    line_t: Floats
    curve: Floats
    early: Floats
    dip: Floats
    sawtooth: Floats
    curve_depth: Floats
    early_depth: Floats
    dip_depth: Floats
    dips_depth: Floats
    vertex: Floats
    early_end: Integers
    dip_first: Integers
    dip_last: Integers
    dip_slope: Floats
    dip_line_t: Floats


def shape_statistics(values: Floats, sd: float, weight: float) -> ShapeStatistics:
    """Compare each person's ratings with a line and with every shape.

    Parameters
    ----------
    values : ndarray, shape (n persons, n)
        Ratings in order, higher being better; n is 6 or more.
    sd : float
        SD of ratings within a person, in points.
    weight : float
        Degrees of freedom that this SD counts for beside the person's own ratings, 0 or more.

    Returns
    -------
    ShapeStatistics
    """
    n = values.shape[1]
    known = templates(n)
    squares_of_time = float(known.time @ known.time)
    slope = values @ known.time / squares_of_time
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, known.time)
    floor = rounding(values)
    total = np.maximum((left**2).sum(axis=1), floor)
    fits = left @ known.units
    depths = -fits / known.sizes

    def in_errors(fit: Floats, terms: int = 1) -> Floats:
        rest = np.maximum(total - fit**2, floor)
        return fit / np.sqrt(_variance(rest, n - 2 - terms, sd, weight))

    early, early_at = _lowest(fits, known.early)
    dip, dip_at = _lowest(fits, known.dips)
    rows = np.arange(len(values))
    dip_depth = depths[rows, dip_at]
    dip_slope = slope + dip_depth * known.leaning[dip_at]
    of_line = np.sqrt(squares_of_time)
    bend = fits[:, 0] / known.sizes[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        vertex = 0.5 - slope / (2 * bend) / (n - 1)
        line_t = slope * of_line / np.sqrt(_variance(total, n - 2, sd, weight))
        rest = np.maximum(total - dip**2, floor)
        beside_dip = dip_slope * of_line / np.sqrt(_variance(rest, n - 3, sd, weight))
    sawtooth, dips_depth = _several_dips(left, floor, known, sd, weight)
    return ShapeStatistics(
        slope=slope,
        line_t=line_t,
        curve=in_errors(fits[:, 0]),
        early=in_errors(-early),
        dip=in_errors(-dip),
        sawtooth=sawtooth,
        curve_depth=bend * ((n - 1) / 2) ** 2,
        early_depth=depths[rows, early_at],
        dip_depth=dip_depth,
        dips_depth=dips_depth,
        vertex=vertex,
        early_end=known.last[early_at] + 1,
        dip_first=known.first[dip_at] + 1,
        dip_last=known.last[dip_at] + 1,
        dip_slope=dip_slope,
        dip_line_t=beside_dip,
    )


def rounding(values: Floats) -> Floats:
    """What rounding may leave of the squares of each person's ratings where there is nothing.

    Parameters
    ----------
    values : ndarray, shape (n persons, n)
        Ratings.

    Returns
    -------
    ndarray, shape (n persons,)
        In squared points, above 0.
    """
    return np.asarray((SMALLEST * (1.0 + np.abs(values).max(axis=1))) ** 2, np.float64)


def _variance(squares: Floats, freedom: int, sd: float, weight: float) -> Floats:
    """Own variance, drawn towards the usual one by the weight of that."""
    return (np.maximum(squares, 0.0) + weight * sd**2) / (freedom + weight)


def _lowest(fits: Floats, where: slice) -> tuple[Floats, Integers]:
    """The column of a kind that the ratings lie furthest below, and its place among all."""
    at = np.argmin(fits[:, where], axis=1) + (where.start or 0)
    return fits[np.arange(len(fits)), at], at


def _several_dips(
    left: Floats, floor: Floats, known: Templates, sd: float, weight: float
) -> tuple[Floats, Floats]:
    """Dips one after the other, each where the rest lies furthest below; none touches another.

    After each the depths of all of them are fitted together (orthogonal matching pursuit).
    """
    n, persons = left.shape[1], len(left)
    total = np.maximum((left**2).sum(axis=1), floor)
    rows = np.arange(persons)
    units, sizes = known.units[:, known.dips], known.sizes[known.dips]
    apart = _apart(known.first[known.dips], known.last[known.dips])
    products = units.T @ units
    ratios = np.zeros((persons, MOST_DIPS - 1))
    depths = np.zeros((persons, MOST_DIPS - 1))
    free: Flags = np.ones((persons, len(sizes)), np.bool_)
    alone = left @ units
    fits = alone
    chosen = np.empty((persons, 0), np.int64)
    room = np.ones(persons, np.bool_)
    for count in range(1, _most_dips(n) + 1):
        room &= free.any(axis=1)  # without room the first dip is taken once more, and does not count
        at = np.argmin(np.where(free, fits, np.inf), axis=1)
        chosen = np.column_stack([chosen, at])
        free &= apart[at]
        inverse = np.linalg.inv(products[chosen[:, :, None], chosen[:, None, :]] + RIDGE * np.eye(count))
        own = alone[rows[:, None], chosen]
        together = np.einsum("nab,nb->na", inverse, own)
        fits = alone - np.einsum("nak,na->nk", products[chosen], together)
        if count > 1:
            gained = (own * together).sum(axis=1)
            variance = _variance(np.maximum(total - gained, floor), n - 2 - count, sd, weight)
            errors = np.sqrt(variance[:, None] * np.einsum("naa->na", inverse))
            told_apart = room & (-together / errors >= EACH_DIP).all(axis=1)
            ratios[:, count - 2] = np.where(told_apart, gained / count / variance, 0.0)
            depths[:, count - 2] = (-together / sizes[chosen]).min(axis=1)
    return ratios, depths


def _most_dips(n: int) -> int:
    """So many that each can have three ratings beside it."""
    return min(MOST_DIPS, (n - 2) // 3) if n >= FEWEST_FOR_TWO else 0


def _apart(first: Integers, last: Integers) -> Flags:
    """Which dips have a rating between them."""
    return (first[None, :] > last[:, None] + 1) | (last[None, :] < first[:, None] - 1)
