"""The verdict on every rating, given what was expected of it."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.parameters import PredictiveParameters
from goldseam.detection.criteria.predictive.predictions import ErosionContrast, OneStepPredictions
from goldseam.detection.engine.codes import Grade, Reason, Verdict, coded
from goldseam.detection.engine.lags import lagged_flags
from goldseam.series import RatingSeries


@dataclass(eq=False)
class RatingVerdicts:
    """Verdicts on every rating and what they rest on; arrays of shape (n_ratings,).

    Attributes
    ----------
    sudden, erosion : ndarray of int8
        `Verdict` of the two parts of the criterion: a sudden drop, a slow decline.
    grade, reason : ndarray of int8
        Members of `Grade` and `Reason`.
    watched_before : ndarray of bool
        Whether the rating before was low.
    contrast : ErosionContrast
        The declines.
    """

    sudden: Codes
    erosion: Codes
    grade: Codes
    reason: Codes
    watched_before: Flags
    contrast: ErosionContrast

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
    rule: PredictiveParameters,
    series: RatingSeries,
    predictions: OneStepPredictions,
    contrast: ErosionContrast,
    *,
    maximum: Floats,
    smallest_decline: Floats,
    smallest_drop: Floats,
) -> RatingVerdicts:
    """Judge every rating by itself; which declines open an episode, `follow_episodes` settles.

    Parameters
    ----------
    rule : PredictiveParameters
        The thresholds.
    series : RatingSeries
        Higher is better.
    predictions : OneStepPredictions
        Of these ratings.
    contrast : ErosionContrast
        Of these ratings.
    maximum : ndarray of float, shape (n_series,)
        The highest possible rating, in points; NaN where the range is unknown.
    smallest_decline : ndarray of float, shape (n_series,)
        The smallest slow decline that counts, in points, 0 or more.
    smallest_drop : ndarray of float, shape (n_ratings,)
        The smallest sudden drop that counts, in points, 0 or more.

    Returns
    -------
    RatingVerdicts
    """
    owner = series.series_of
    highest = series.value == maximum[owner]
    ceiling = _run_length(highest, series) >= rule.ceiling_run
    few = series.position < rule.prior_ratings
    unusual = ~few & ~ceiling & (predictions.p < rule.watch)
    low = unusual & (predictions.expected - series.value >= smallest_drop) & ~highest
    watched_before = lagged_flags(series, low)
    second = low & watched_before
    met = low & ((predictions.p < rule.probable) | second)
    marked = met & ((predictions.p < rule.marked) | second)
    large = ~(contrast.decline < smallest_decline[owner]) & (series.value < contrast.early)
    declined = ~ceiling & (predictions.erosion_p < rule.erosion) & large
    not_enough, not_applied = (few, np.isnan(contrast.decline)), (ceiling, Verdict.NOT_APPLIED)
    sudden, erosion = (
        coded((absent, Verdict.NOT_ENOUGH_DATA), not_applied, (found, Verdict.MET), otherwise=Verdict.NOT_MET)
        for absent, found in zip(not_enough, (met, declined), strict=True)
    )
    return RatingVerdicts(
        sudden=sudden,
        erosion=erosion,
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
        contrast=contrast,
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
