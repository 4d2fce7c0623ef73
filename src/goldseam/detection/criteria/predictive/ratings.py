"""Every rating: what was expected of it, and the verdict on it."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.parameters import EpisodeLimits, Thresholds
from goldseam.detection.engine.codes import Grade, Reason, Verdict
from goldseam.detection.engine.criterion import coded
from goldseam.series import RatingSeries
from goldseam.state_space import ExpectedRatings, OneStepAhead, Population
from goldseam.state_space.prediction import lower_tail_probability, mixture_mean

EARLY, RECENT = 4, 3


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
    own_sd : ndarray of float
        What the person's own SD is thought to be, as root mean square, in points; NaN where `contrast` is judged.
    """

    expected: Floats
    spread: Floats
    p: Floats
    centre: Floats
    highest: Flags
    erosion_p: Floats
    own_sd: Floats


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

    def chance(self, ahead: ExpectedRatings) -> Floats:
        """Probability of so large a decline, were the level to move as it does in the population.

        Parameters
        ----------
        ahead : ExpectedRatings
            The ratings, with what was known of their series before them.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1.
        """
        from scipy.special import ndtr

        at, people, own = ahead.at, ahead.population, ahead.within_person_sd
        apart, middle = self.apart[at], own[len(own) // 2]
        points = people.spread_in_points(people.score(self.early[at]), middle) / middle
        share = mean_variance(EARLY, people.autocorrelation) + mean_variance(RECENT, people.autocorrelation)
        variance = own**2 * (share + people.drift_sd**2 * apart) + (people.slope_sd * apart) ** 2
        tails = ndtr(-self.decline[at] / points / np.sqrt(variance))
        return mixture_mean(ahead.prediction.weight, tails)


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


def predict_ratings(ahead: OneStepAhead, contrast: ErosionContrast | None) -> OneStepPredictions:
    """Predict every rating from the earlier ones of its series.

    Parameters
    ----------
    ahead : OneStepAhead
        The ratings.
    contrast : ErosionContrast or None
        Of the same ratings, where declines between first and last ratings are judged.

    Returns
    -------
    OneStepPredictions
    """
    value = ahead.series.value
    expected, spread, p, centre = (np.empty(len(value)) for _ in range(4))
    own_sd = np.full(len(value), np.nan)
    erosion_p = np.ones(len(value))
    for some in ahead:
        at, people, prediction = some.at, some.population, some.prediction
        lowest, highest = people.score(people.minimum), people.score(people.maximum)
        middle = prediction.centre()
        expected[at] = people.point(prediction.expected(lowest, highest))
        centre[at] = people.point(middle)
        spread[at] = people.spread_in_points(middle, prediction.spread())
        p[at] = lower_tail_probability(value[at], prediction, people, smallest_sd=some.within_person_sd[0])
        if contrast is None:
            own = np.sqrt(mixture_mean(prediction.weight, some.within_person_sd**2))
            own_sd[at] = people.spread_in_points(middle, own)
            continue
        declining = np.flatnonzero(contrast.decline[at] > 0)
        if declining.size:
            erosion_p[at[declining]] = contrast.chance(some.take(declining))
    return OneStepPredictions(
        expected=expected,
        spread=spread,
        p=p,
        centre=centre,
        highest=value >= ahead.population.maximum[ahead.series.series_of],
        erosion_p=erosion_p,
        own_sd=own_sd,
    )


def predicted_quantiles(ahead: OneStepAhead, chances: tuple[Floats | float, ...]) -> tuple[Floats, ...]:
    """Quantiles of what was expected of every rating.

    Parameters
    ----------
    ahead : OneStepAhead
        The ratings.
    chances : tuple of float or ndarray of float, shape (n_ratings,)
        Above 0 and below 1; a number is the same for every rating.

    Returns
    -------
    tuple of ndarray of float, shape (n_ratings,)
    """
    n_ratings = len(ahead.series.value)
    wanted = [np.broadcast_to(chance, n_ratings) for chance in chances]
    found = tuple(np.empty(n_ratings) for _ in chances)
    for some in ahead:
        calibration = some.population.calibration
        asked = [chance[some.at] for chance in wanted]
        if calibration is not None:
            asked = [calibration.predicted(chance) for chance in asked]
        for points, quantile in zip(found, some.prediction.quantile(np.stack(asked)), strict=True):
            points[some.at] = some.population.point(quantile)
    return found


@dataclass(eq=False)
class RatingVerdicts:
    """Verdicts on every rating; arrays of shape (n_ratings,).

    Attributes
    ----------
    sudden, erosion : ndarray of int8
        `Verdict` of the two parts of the criterion: a sudden drop, a slow decline. The second is the channel's.
    grade, reason : ndarray of int8
        Members of `Grade` and `Reason`.
    watched_before : ndarray of bool
        Whether the rating before was low.
    ceiling : ndarray of bool
        Where so many highest ratings in a row say nothing.
    """

    sudden: Codes
    erosion: Codes
    grade: Codes
    reason: Codes
    watched_before: Flags
    ceiling: Flags

    @property
    def verdict(self) -> Codes:
        """Met where either part is, else the verdict on a sudden drop."""
        both: Codes = np.where(self.erosion == Verdict.MET, np.int8(Verdict.MET), self.sudden)
        return both

    @property
    def judged(self) -> Flags:
        """Where a sudden drop is *met* or *not met*."""
        return np.isin(self.sudden, (Verdict.MET, Verdict.NOT_MET))

    @property
    def known(self) -> Flags:
        """Where there is enough data."""
        known: Flags = self.sudden != Verdict.NOT_ENOUGH_DATA
        return known


def judge_ratings(
    rule: EpisodeLimits,
    series: RatingSeries,
    predictions: OneStepPredictions,
    *,
    thresholds: Thresholds,
    maximum: Floats,
    smallest_drop: Floats,
) -> RatingVerdicts:
    """Judge every rating by itself, as a sudden drop.

    Parameters
    ----------
    rule : EpisodeLimits
        What is needed to judge a rating.
    series : RatingSeries
        Higher is better.
    predictions : OneStepPredictions
        Of these ratings.
    thresholds : Thresholds
        On p.
    maximum : ndarray of float, shape (n_series,)
        The highest possible rating, in points; NaN where the range is unknown.
    smallest_drop : ndarray of float, shape (n_ratings,)
        The smallest sudden drop that counts, in points, 0 or more.

    Returns
    -------
    RatingVerdicts
        Of slow declines it says *not enough data* throughout.
    """
    owner = series.series_of
    highest = series.value == maximum[owner]
    ceiling = _run_length(highest, series) >= rule.ceiling_run
    few = series.position < rule.prior_ratings
    unusual = ~few & ~ceiling & (predictions.p < thresholds.watch)
    low = unusual & (predictions.expected - series.value >= smallest_drop) & ~highest
    watched_before = series.lagged_flags(low)
    second = low & watched_before
    met = low & ((predictions.p < thresholds.probable) | second)
    marked = met & ((predictions.p < thresholds.marked) | second)
    return RatingVerdicts(
        sudden=coded(
            (few, Verdict.NOT_ENOUGH_DATA),
            (ceiling, Verdict.NOT_APPLIED),
            (met, Verdict.MET),
            otherwise=Verdict.NOT_MET,
        ),
        erosion=np.full(len(few), Verdict.NOT_ENOUGH_DATA, np.int8),
        grade=coded((marked, Grade.MARKED), (met, Grade.PROBABLE), (low, Grade.WATCH), otherwise=Grade.NONE),
        reason=coded(
            (few, Reason.FEW_EARLIER_RATINGS),
            (ceiling, Reason.CEILING_SUSPECT),
            (unusual & ~low, Reason.SMALL_DROP),
            (_after_break(series, rule.break_days), Reason.AFTER_BREAK),
            (np.isnan(maximum)[owner], Reason.RANGE_UNKNOWN),
            otherwise=Reason.PLAIN,
        ),
        watched_before=watched_before,
        ceiling=ceiling,
    )


def note_episodes(verdicts: RatingVerdicts, running: Flags, eroded: Flags) -> None:
    """Mark which ratings fell into a running episode, and keep only the declines that opened one.

    Parameters
    ----------
    verdicts : RatingVerdicts
        Changed.
    running : ndarray of bool, shape (n_ratings,)
        Whether an episode was running when the rating came.
    eroded : ndarray of bool, shape (n_ratings,)
        Whether the rating opened an episode by slow decline.
    """
    plain = np.isin(verdicts.reason, (Reason.PLAIN, Reason.AFTER_BREAK, Reason.RANGE_UNKNOWN))
    verdicts.reason[running & plain] = Reason.OPEN_EPISODE
    verdicts.erosion[(verdicts.erosion == Verdict.MET) & ~eroded] = Verdict.NOT_MET
    verdicts.erosion[eroded] = Verdict.MET
    verdicts.grade[eroded & (verdicts.grade < Grade.PROBABLE)] = Grade.PROBABLE


def _run_length(flags: Flags, series: RatingSeries) -> Integers:
    """How many ratings in a row, up to this one, are flagged."""
    place = np.arange(len(flags))
    breaks = np.where(flags, np.where(series.position == 0, place - 1, -1), place)
    run: Integers = place - np.maximum.accumulate(breaks) if len(flags) else breaks
    return run


def _after_break(series: RatingSeries, break_days: int) -> Flags:
    days = np.diff(series.day, prepend=np.nan)
    after: Flags = (days > break_days) & (series.position > 0)
    return after
