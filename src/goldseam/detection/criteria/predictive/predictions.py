"""What was expected of every rating, and how far its person had declined: a pass of the filter over all series."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, Population, Prediction
from goldseam.state_space.prediction import mixture_mean

EARLY, RECENT = 4, 3
CHUNK = 4096  # series at a time: the states of their filters fit into a processor's cache


@dataclass(frozen=True, eq=False)
class OneStepPredictions:
    """What the earlier ratings of the person predicted of every rating; arrays of shape (n_ratings,).

    Attributes
    ----------
    expected, spread, p : ndarray of float
        Mean (within the range) and SD of the prediction, in points, and the probability of so low a rating.
    centre : ndarray of float
        Mean before the ends of the scale cut ratings off, in points.
    highest : ndarray of bool
        Whether the rating is the highest possible one.
    erosion_p : ndarray of float
        Of so large a decline since the first ratings; 1 where it cannot be judged.
    """

    expected: Floats
    spread: Floats
    p: Floats
    centre: Floats
    highest: Flags
    erosion_p: Floats


@dataclass(frozen=True, eq=False)
class ErosionContrast:
    """The mean of the first four ratings less that of the last three, for slow decline; arrays of shape (n_ratings,).

    Attributes
    ----------
    usual : ndarray of float
        Mean of the population at the rating's session.
    early : ndarray of float
        Mean of the first ratings of the series; NaN where there are fewer.
    recent : ndarray of float
        Mean of the last ratings, each less the population's mean at its session.
    decline : ndarray of float
        How far the last ratings lie below, in points, beyond what the population's mean course says; NaN before
        there are so many.
    apart : ndarray of float
        Sessions between the middle of the first and that of the last ratings.
    begins : ndarray of int
        Session of the first of the last ratings.
    """

    usual: Floats
    early: Floats
    recent: Floats
    decline: Floats
    apart: Floats
    begins: Integers

    def chance(self, at: Integers, state: FilterState, of: Integers) -> Floats:
        """Probability of so large a decline, were the level to move as it does in the population.

        Parameters
        ----------
        at : ndarray of int, shape (n,)
            Positions of ratings, of different series.
        state : FilterState
            What was known of these series before these ratings.
        of : ndarray of int, shape (n,)
            Which of the state's series each rating belongs to.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1.
        """
        from scipy.special import ndtr

        people = state.population.take(of)
        own, apart = state.within_person_sd[:, of], self.apart[at]
        share = mean_variance(EARLY, people.autocorrelation) + mean_variance(RECENT, people.autocorrelation)
        variance = own**2 * (share + people.drift_sd**2 * apart) + (people.slope_sd * apart) ** 2
        tails = ndtr(-self.decline[at] / np.sqrt(variance))
        return mixture_mean(state.weight[:, of], tails)


def erosion_contrast(series: RatingSeries, population: Population) -> ErosionContrast:
    """How far the last ratings lie below the first ones, at every rating.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    population : Population
        Of each series, in points.

    Returns
    -------
    ErosionContrast
    """
    n_ratings, owner = len(series.value), series.series_of
    last = population.course.shape[1]
    usual = population.course[population.kind[owner], np.minimum(series.session, last) - 1]
    first = np.minimum(series.starts[:-1], max(n_ratings - 1, 0))[owner]
    enough = series.position >= EARLY + RECENT - 1
    here = np.flatnonzero(enough)

    def mean(values: Floats, ending: Integers, count: int) -> Floats:
        total: Floats = np.zeros(len(ending))
        for back in range(count):
            total += values[ending - back]
        return total / count

    early_end, begins = first[here] + EARLY - 1, here - RECENT + 1
    surplus = series.value - usual
    session = series.session.astype(np.float64)
    decline, apart, early, recent = (np.full(n_ratings, np.nan) for _ in range(4))
    recent[here] = mean(surplus, here, RECENT)
    decline[here] = mean(surplus, early_end, EARLY) - recent[here]
    apart[here] = mean(session, here, RECENT) - mean(session, early_end, EARLY)
    early[here] = mean(series.value, early_end, EARLY)
    since = np.zeros(n_ratings, np.int64)
    since[here] = series.session[begins]
    return ErosionContrast(
        usual=usual, early=early, recent=recent, decline=decline, apart=apart, begins=since
    )


def mean_variance(count: int, autocorrelation: Floats) -> Floats:
    """Variance of the mean of consecutive deviations of variance 1.

    Parameters
    ----------
    count : int
        How many, 1 or more.
    autocorrelation : ndarray of float, shape (n_series,)
        Of deviations from one session to the next, from 0 to 1.

    Returns
    -------
    ndarray of float, shape (n_series,)
        ``(1 + 2 sum_k (1 - k / n) r^k) / n``.
    """
    lags = np.arange(1, count)
    weights = 2 * (1 - lags / count)
    variance: Floats = (1 + (weights * autocorrelation[:, None] ** lags).sum(axis=1)) / count
    return variance


def predict_ratings(
    series: RatingSeries, population: Population, contrast: ErosionContrast, *, break_days: int
) -> OneStepPredictions:
    """Predict every rating from the earlier ones of its series, and learn from it.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    population : Population
        Of each series, in points.
    contrast : ErosionContrast
        Of the same ratings.
    break_days : int
        More days than that without a rating are a break, over which the level may have moved as over so many weeks.

    Returns
    -------
    OneStepPredictions
    """
    n_ratings = len(series.value)
    expected, spread, p, centre = (np.empty(n_ratings) for _ in range(4))
    predictions = OneStepPredictions(
        expected=expected,
        spread=spread,
        p=p,
        centre=centre,
        highest=series.value >= population.maximum[series.series_of],
        erosion_p=np.ones(n_ratings),
    )
    for at, state, prediction in one_step_ahead(series, population, break_days):
        people = state.population
        predictions.expected[at] = prediction.expected(people.minimum, people.maximum)
        predictions.centre[at] = prediction.centre()
        predictions.spread[at] = prediction.spread()
        predictions.p[at] = state.lower_tail_probability(prediction, series.value[at])
        declining = np.flatnonzero(contrast.decline[at] > 0)
        if declining.size:
            there = at[declining]
            predictions.erosion_p[there] = contrast.chance(there, state, declining)
    return predictions


def predicted_quantiles(
    series: RatingSeries, population: Population, chances: tuple[Floats | float, ...], *, break_days: int
) -> tuple[Floats, ...]:
    """Quantiles of what was expected of every rating.

    Parameters
    ----------
    series, population, break_days
        As for `predict_ratings`.
    chances : tuple of float or ndarray of float, shape (n_ratings,)
        Above 0 and below 1; a number is the same for every rating.

    Returns
    -------
    tuple of ndarray of float, shape (n_ratings,)
    """
    n_ratings = len(series.value)
    wanted = [np.broadcast_to(chance, n_ratings) for chance in chances]
    found = tuple(np.empty(n_ratings) for _ in chances)
    for at, state, prediction in one_step_ahead(series, population, break_days):
        for points, chance in zip(found, wanted, strict=True):
            calibration = state.population.calibration
            predicted = chance[at] if calibration is None else calibration.predicted(chance[at])
            points[at] = prediction.quantile(predicted)
    return found


def one_step_ahead(
    series: RatingSeries, population: Population, break_days: int
) -> Iterator[tuple[Integers, FilterState, Prediction]]:
    """Every rating with the state of the filter before it, many series at a time.

    Parameters
    ----------
    series, population, break_days
        As for `predict_ratings`.

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
