"""The course of many series, rating by rating: predict, compare, learn from every rating."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers
from goldseam.detection.predictive.erosion import Contrast
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, Population, Prediction

CHUNK = 4096  # series at a time: what is believed of them fits into a processor's cache


@dataclass(frozen=True, eq=False)
class Course:
    """What was believed before every rating, arrays of shape (n_ratings,).

    Attributes
    ----------
    expected, spread, p : ndarray of float
        Mean (within the range) and SD of the prediction, and the probability of so low a rating.
    centre : ndarray of float
        Mean before the ends of the scale cut ratings off.
    highest : ndarray of bool
        Whether the rating is the highest possible one.
    erosion_p : ndarray of float
        Of so large a decline since the first ratings; 1 where it cannot be judged.
    """

    expected: Floats
    spread: Floats
    p: Floats
    centre: Floats
    highest: NDArray[np.bool_]
    erosion_p: Floats


def follow_course(
    series: RatingSeries, population: Population, contrast: Contrast, *, break_days: int
) -> Course:
    """Go through all ratings.

    Parameters
    ----------
    series : RatingSeries
    population : Population
    contrast : Contrast
    break_days : int

    Returns
    -------
    Course
    """
    n_ratings = len(series.value)
    expected, spread, p, centre = (np.empty(n_ratings) for _ in range(4))
    course = Course(
        expected=expected,
        spread=spread,
        p=p,
        centre=centre,
        highest=series.value >= population.maximum[series.series_of],
        erosion_p=np.ones(n_ratings),
    )
    for at, state, prediction in steps(series, population, break_days):
        people = state.population
        course.expected[at] = prediction.expected(people.minimum, people.maximum)
        course.centre[at] = prediction.centre()
        course.spread[at] = prediction.spread()
        course.p[at] = state.lower_tail_probability(prediction, series.value[at])
        declining = np.flatnonzero(contrast.fall[at] > 0)
        if declining.size:
            there = at[declining]
            course.erosion_p[there] = contrast.chance(there, state, declining)
    return course


def quantiles(
    series: RatingSeries, population: Population, chances: tuple[Floats | float, ...], *, break_days: int
) -> tuple[Floats, ...]:
    """Quantiles of what was expected of every rating.

    Parameters
    ----------
    series, population, break_days
        As for `follow_course`.
    chances : tuple of float or ndarray of float, shape (n_ratings,)

    Returns
    -------
    tuple of ndarray of float, shape (n_ratings,)
    """
    n_ratings = len(series.value)
    wanted = [np.broadcast_to(chance, n_ratings) for chance in chances]
    found = tuple(np.empty(n_ratings) for _ in chances)
    for at, state, prediction in steps(series, population, break_days):
        for points, chance in zip(found, wanted, strict=True):
            errors = state.population.calibration
            predicted = chance[at] if errors is None else errors.predicted(chance[at])
            points[at] = prediction.quantile(predicted)
    return found


def steps(
    series: RatingSeries, population: Population, break_days: int
) -> Iterator[tuple[Integers, FilterState, Prediction]]:
    """Every rating with what was believed before it, many series at a time.

    Parameters
    ----------
    series, population, break_days
        As for `follow_course`.

    Yields
    ------
    ratings : ndarray of int
        Positions, one rating of each series.
    state : FilterState
        Of these series; it has not learned these ratings yet.
    prediction : Prediction
        Of these ratings.
    """
    for first in range(0, series.n_series, CHUNK):
        order = series.by_length[first : first + CHUNK]
        state = FilterState(population.take(order))
        for at in series.steps(order):
            state.keep(len(at))
            state.advance(series.session[at], series.day[at], break_days)
            prediction = state.predict()
            yield at, state, prediction
            state.update(prediction, series.value[at])
