"""What is said of every rating, given what was expected of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.erosion import ErosionContrast
from goldseam.detection.criteria.predictive.predictions import OneStepPredictions
from goldseam.detection.engine.codes import Grade, Reason, Verdict
from goldseam.detection.engine.lags import lagged_flags
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    from goldseam.detection.criteria.predictive import Predictive


@dataclass(eq=False)
class RatingVerdicts:
    """What is said of every rating, arrays of shape (n_ratings,).

    Attributes
    ----------
    fall, erosion : ndarray of int8
        Verdicts of the two parts.
    grade, reason : ndarray of int8
        Positions in `GRADES` and `REASONS`.
    watched_before : ndarray of bool
        Whether the rating before was low.
    gate : ndarray of float
        Smallest drop that counts.
    early, begins : ndarray
        As in `ErosionContrast`.
    """

    fall: Codes
    erosion: Codes
    grade: Codes
    reason: Codes
    watched_before: Flags
    contrast: ErosionContrast

    @property
    def verdict(self) -> Codes:
        """Met where either part is, else what is said of a sudden fall."""
        both: Codes = np.where(self.erosion == Verdict.MET, Verdict.MET, self.fall).astype(np.int8)
        return both

    @property
    def judged(self) -> Flags:
        """Where a sudden fall is *met* or *not met*."""
        return np.isin(self.fall, (Verdict.MET, Verdict.NOT_MET))

    @property
    def known(self) -> Flags:
        """Where there is enough data."""
        known: Flags = self.fall != Verdict.NOT_ENOUGH_DATA
        return known


def judge_ratings(
    rule: "Predictive",
    series: RatingSeries,
    course: OneStepPredictions,
    contrast: ErosionContrast,
    *,
    maximum: Floats,
    gate: Floats,
    least: Floats,
) -> RatingVerdicts:
    """Judge all ratings, each by itself; which erosion opens an episode is settled by `follow_episodes`.

    Parameters
    ----------
    rule : Predictive
    series : RatingSeries
    course : OneStepPredictions
    contrast : ErosionContrast
    maximum, gate : ndarray of float, shape (n_series,)
        NaN where the range is unknown; smallest slow decline that counts.
    least : ndarray of float, shape (n_ratings,)
        Smallest sudden fall that counts.

    Returns
    -------
    RatingVerdicts
    """
    owner = series.series_of
    highest = series.value == maximum[owner]
    ceiling = _run_of(highest, series) >= rule.ceiling_run
    few = series.position < rule.prior_ratings
    unusual = ~few & ~ceiling & (course.p < rule.watch)
    big = (course.expected - series.value >= least) & ~highest
    low = unusual & big
    before = lagged_flags(series, low)
    second = low & before
    met = low & ((course.p < rule.probable) | second)
    marked = met & ((course.p < rule.marked) | second)
    small = contrast.fall < gate[owner]
    declined = ~ceiling & (course.erosion_p < rule.erosion) & ~small & (series.value < contrast.early)
    unread = np.isnan(contrast.fall)
    return RatingVerdicts(
        fall=_codes(
            [few, ceiling, met], [Verdict.NOT_ENOUGH_DATA, Verdict.NOT_APPLIED, Verdict.MET], Verdict.NOT_MET
        ),
        erosion=_codes(
            [unread, ceiling, declined],
            [Verdict.NOT_ENOUGH_DATA, Verdict.NOT_APPLIED, Verdict.MET],
            Verdict.NOT_MET,
        ),
        grade=_codes([marked, met, low], [Grade.MARKED, Grade.PROBABLE, Grade.WATCH], Grade.NONE),
        reason=_codes(
            [few, ceiling, unusual & ~low, _after_break(series, rule.break_days), np.isnan(maximum)[owner]],
            [
                Reason.FEW_EARLIER_RATINGS,
                Reason.CEILING_SUSPECT,
                Reason.SMALL_DROP,
                Reason.AFTER_BREAK,
                Reason.RANGE_UNKNOWN,
            ],
            Reason.PLAIN,
        ),
        watched_before=before,
        contrast=contrast,
    )


def note_episodes(judged: RatingVerdicts, running: Flags, eroded: Flags) -> None:
    """Say which ratings fell into a running episode, and keep only the declines that opened one.

    Parameters
    ----------
    judged : RatingVerdicts
        Changed.
    running, eroded : ndarray of bool, shape (n_ratings,)
    """
    plain = np.isin(judged.reason, (Reason.PLAIN, Reason.AFTER_BREAK, Reason.RANGE_UNKNOWN))
    judged.reason[running & plain] = Reason.OPEN_EPISODE
    judged.erosion[(judged.erosion == Verdict.MET) & ~eroded] = Verdict.NOT_MET
    judged.grade[eroded & (judged.grade < Grade.PROBABLE)] = Grade.PROBABLE


def _run_of(flags: Flags, series: RatingSeries) -> Integers:
    """How many ratings in a row, up to this one, are flagged."""
    place = np.arange(len(flags))
    breaks = np.where(flags, np.where(series.position == 0, place - 1, -1), place)
    run: Integers = place - np.maximum.accumulate(breaks) if len(flags) else breaks
    return run


def _after_break(series: RatingSeries, break_days: int) -> Flags:
    days = np.diff(series.day, prepend=np.nan)
    after: Flags = (days > break_days) & (series.position > 0)
    return after


def _codes(where: list[Flags], codes: list[int], otherwise: int) -> Codes:
    return np.select(where, codes, otherwise).astype(np.int8)
