"""From what the ratings say for each shape to the one name a course is given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.trajectory.shape_limits import BORROWED, LINE_TAIL, RC90, ShapeLimits, shape_limits
from goldseam.trajectory.shape_templates import ShapeStatistics, rounding, shape_statistics

STABLE, RISING, DECLINING = "stable", "rising", "declining"
U, INVERTED, V, SAWTOOTH, EARLY = "U", "inverted U", "V", "sawtooth", "low early, then better"
SHAPES = (STABLE, RISING, DECLINING, U, INVERTED, V, SAWTOOTH, EARLY)
TOO_SHORT = "too short to say"
FEWEST_FOR_A_LINE, FEWEST_FOR_A_SHAPE = 4, 6
"""Ratings from which on a course is called stable, rising or declining; from which on anything else."""

INSIDE = (0.2, 0.8)
"""Where a parabola has to turn, as a share of the course, to be a U and no rise or decline."""

SHALLOWEST = 0.75
"""Share of the depth a single dip has to have that each of several has to."""

Words = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class NamedCourses:
    """The names of courses of one length; one entry a person.

    Attributes
    ----------
    shape : ndarray of str
        Of `SHAPES`.
    trend : ndarray of str
        *stable*, *rising* or *declining*: the line, beside a dip the one without it.
    depth : ndarray
        Depth of the curve, dip or beginning, for a sawtooth of the shallowest dip, in points; NaN for straight courses.
    first, last : ndarray of int
        Place of the ratings of the dip or beginning, from 1 on; 0 where there is none.
    """

    shape: Words
    trend: Words
    depth: Floats
    first: Integers
    last: Integers


def block_named(values: Floats, sd: float) -> NamedCourses:
    """The names of courses of one length; those without any variation are stable.

    Parameters
    ----------
    values : ndarray, shape (n persons, n)
        4 ratings or more each, in order, higher being better.
    sd : float
        Usual SD within persons; NaN where it is not known, and each is judged by the own scatter alone.

    Returns
    -------
    NamedCourses
    """
    n = values.shape[1]
    known = sd > 0
    usual: Floats | float = sd if known else own_sds(values)
    weight = BORROWED if known else 0.0
    if n < FEWEST_FOR_A_SHAPE:
        return lines_named(values, usual, weight)
    found = shape_statistics(values, sd if known else 1.0, weight)
    return courses_named(found, shape_limits(n, weight), n, usual, weight)


def own_sds(values: Floats) -> Floats:
    """SD of each person's ratings around the own line.

    Parameters
    ----------
    values : ndarray, shape (n persons, n)
        As for `block_named`.

    Returns
    -------
    ndarray, shape (n persons,)
    """
    n = values.shape[1]
    time = np.arange(n) - (n - 1) / 2
    slope = values @ time / (time @ time)
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, time)
    return np.asarray(np.sqrt((left**2).sum(axis=1) / (n - 2)), np.float64)


def lines_named(values: Floats, sd: Floats | float, weight: float) -> NamedCourses:
    """The names of courses that are too short for anything but a line.

    Parameters
    ----------
    values : ndarray, shape (n persons, n)
        4 or 5 ratings each, in order, higher being better.
    sd : float or ndarray, shape (n persons,)
        Usual SD within persons; the own one where nothing else is known.
    weight : float
        As for `shape_statistics`.

    Returns
    -------
    NamedCourses
    """
    n = values.shape[1]
    time = np.arange(n) - (n - 1) / 2
    squares = float(time @ time)
    slope = values @ time / squares
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, time)
    squares_left = np.maximum((left**2).sum(axis=1), rounding(values))
    variance = (squares_left + weight * sd**2) / (n - 2 + weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = slope * np.sqrt(squares / variance)
    trend = _trend(slope * (n - 1), t, n - 2 + weight, sd)
    nowhere = np.zeros(len(values), np.int64)
    return NamedCourses(trend, trend, np.full(len(values), np.nan), nowhere, nowhere)


def courses_named(
    found: ShapeStatistics, limits: ShapeLimits, n: int, sd: Floats | float, weight: float
) -> NamedCourses:
    """The names of courses of 6 ratings or more.

    Of the shapes that stand out from a line by more than chance lets them and are as deep as two ratings of one person
    differ in one of ten cases, the one that fits best; without any, the line.

    Parameters
    ----------
    found, limits
        Of courses of n ratings.
    n : int
        6 or more.
    sd, weight
        As for `lines_named`.

    Returns
    -------
    NamedCourses
    """
    deep = np.broadcast_to(RC90 * sd, found.slope.shape)
    inside = (found.vertex > INSIDE[0]) & (found.vertex < INSIDE[1])
    curved = (np.abs(found.curve) > limits.curve) & (np.abs(found.curve_depth) >= deep) & inside
    early = (found.early > limits.early) & (found.early_depth >= deep)
    dipped = (found.dip > limits.dip) & (found.dip_depth >= deep)
    teeth = (found.sawtooth > limits.sawtooth) & (found.dips_depth >= SHALLOWEST * deep[:, None])
    saw = teeth.any(axis=1)
    strength = np.column_stack(
        [
            np.where(flag, size, 0.0)
            for flag, size in ((curved, np.abs(found.curve)), (early, found.early), (dipped, found.dip))
        ]
    )
    best = np.where(strength.max(axis=1) > 0, strength.argmax(axis=1), -1)
    line = _trend(found.slope * (n - 1), found.line_t, n - 2 + weight, sd)
    beside = _trend(found.dip_slope * (n - 1), found.dip_line_t, n - 3 + weight, sd)
    shape, depth = line.copy(), np.full(len(line), np.nan)
    first, last = (np.zeros(len(line), np.int64) for _ in range(2))
    for place, (words, depths) in enumerate(
        (
            (np.where(found.curve > 0, U, INVERTED), np.abs(found.curve_depth)),
            (np.full(len(line), EARLY), found.early_depth),
            (np.full(len(line), V), found.dip_depth),
        )
    ):
        here = best == place
        shape[here], depth[here] = words[here], depths[here]
    _place(best == 1, first, last, (np.ones_like(found.early_end), found.early_end))
    _place(best == 2, first, last, (found.dip_first, found.dip_last))
    several = saw
    shape[several] = SAWTOOTH
    depth[several] = np.where(teeth, found.dips_depth, 0.0)[several].max(axis=1)
    first[several] = last[several] = 0
    return NamedCourses(shape, np.where(best == 2, beside, line), depth, first, last)


def _place(here: Flags, first: Integers, last: Integers, ends: tuple[Integers, Integers]) -> None:
    first[here], last[here] = ends[0][here], ends[1][here]


def _trend(change: Floats, t: Floats, freedom: float, sd: Floats | float) -> Words:
    """Rising or declining where the line changes by more than error lets two ratings differ, and is told from none."""
    from scipy.special import stdtrit

    limit = float(stdtrit(freedom, 1 - LINE_TAIL))
    counts = (np.abs(change) >= RC90 * sd) & (np.abs(t) >= limit)
    trend = np.full(len(change), STABLE, dtype=object)
    trend[counts & (change > 0)], trend[counts & (change < 0)] = RISING, DECLINING
    return trend
