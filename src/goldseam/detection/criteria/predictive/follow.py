"""From verdicts to episodes: where they begin, and how they are followed to their repair or end."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criteria.predictive.predictions import OneStepPredictions
from goldseam.detection.criteria.predictive.repair import RepairTracker
from goldseam.detection.criteria.predictive.verdicts import RatingVerdicts, note_episodes
from goldseam.detection.engine.codes import Grade, OnsetKind, Stage, Verdict
from goldseam.detection.engine.episodes import onset_kinds
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

    from goldseam.detection.criteria.predictive import Predictive

NEVER = -1


def follow_episodes(
    rule: "Predictive", series: RatingSeries, course: OneStepPredictions, judged: RatingVerdicts
) -> "pl.DataFrame":
    """Open and follow the episodes of all series.

    Parameters
    ----------
    rule : Predictive
    series : RatingSeries
    course : OneStepPredictions
    judged : RatingVerdicts
        Told which ratings fell into a running episode.

    Returns
    -------
    polars.DataFrame
    """
    beginnings = (judged.fall == Verdict.MET) | (judged.erosion == Verdict.MET)
    concerned = np.zeros(series.n_series, np.bool_)
    concerned[series.series_of[beginnings]] = True
    order = series.by_length[concerned[series.by_length]]
    walk = _Walk(rule, series, course, judged, n_series=len(order))
    for at in series.steps(order):
        walk.step(at)
    note_episodes(judged, walk.running, walk.eroded)
    return walk.ledger.close(order, ended=rule.ended)


@dataclass(eq=False)
class _Reference:
    """Against what a slow decline is measured, arrays (n_series,).

    After an episode that was given up the level is a new one, after a repair it is not above the two ratings that
    made it one; and ratings of an episode never count as recent. Levels are less the population's mean.
    """

    settled: Floats
    closed: Integers

    @classmethod
    def first(cls, n_series: int) -> Self:
        return cls(np.full(n_series, np.inf), np.full(n_series, NEVER))


class _Walk:
    """Goes through the first ratings of the concerned series, then the second ones, and so on."""

    def __init__(
        self,
        rule: "Predictive",
        series: RatingSeries,
        course: OneStepPredictions,
        judged: RatingVerdicts,
        *,
        n_series: int,
    ) -> None:
        self.series, self.course, self.judged = series, course, judged
        falls = np.flatnonzero(judged.fall == Verdict.MET)
        self.kind = onset_kinds(series, course.expected, course.spread, falls)
        self.ledger = RepairTracker(n_series, recovered=rule.recovered, window=rule.window)
        self.reference = _Reference.first(n_series)
        self.need = needed_decline(rule, course, judged)
        self.running, self.eroded = (np.zeros(len(series.value), np.bool_) for _ in range(2))

    def step(self, at: Integers) -> None:
        """Take in one rating of each series: confirm, follow, open."""
        active, ledger, reference = len(at), self.ledger, self.reference
        ledger.keep(active)
        session, value, usual = self.series.session[at], self.series.value[at], self.judged.contrast.usual[at]
        before = ledger.episodes.stage.copy()
        ledger.learn(session, value, usual, highest=self.course.highest[at])
        ledger.confirm_repairs(value)
        _, given_up = ledger.follow(ledger.episodes.stage == Stage.OPEN, session, value)
        episodes = ledger.episodes
        self.running[at] = before == Stage.OPEN
        ended = (before != Stage.NO_EPISODE) & (episodes.stage == Stage.NO_EPISODE)
        reference.closed[:active][ended] = session[ended]
        held = (episodes.candidate + value) / 2 - usual
        np.minimum(reference.settled[:active], held, out=reference.settled[:active], where=ended & ~given_up)
        level = episodes.later_sum / np.maximum(episodes.later_ratings, 1) - usual
        np.copyto(reference.settled[:active], level, where=given_up)
        free = (episodes.stage == Stage.NO_EPISODE) & ~given_up
        falls = free & (self.judged.fall[at] == Verdict.MET)
        erodes = free & ~falls & self._declined(at)
        self._open(at, falls, erodes)

    def _declined(self, at: Integers) -> Flags:
        """Where the last ratings lie below the reference, and none of them belongs to an episode."""
        contrast, reference = self.judged.contrast, self.reference
        settled = reference.settled[: len(at)]
        still = np.isinf(settled) | (settled - contrast.recent[at] >= self.need[at])
        fresh = contrast.begins[at] > reference.closed[: len(at)]
        declined: Flags = (self.judged.erosion[at] == Verdict.MET) & still & fresh
        return declined

    def _open(self, at: Integers, falls: Flags, erodes: Flags) -> None:
        onset = falls | erodes
        if not onset.any():
            return
        self.eroded[at[erodes]] = True
        contrast = self.judged.contrast
        settled = self.reference.settled[: len(at)]
        early = np.where(np.isinf(settled), contrast.early[at], settled + contrast.usual[at])
        grade = np.maximum(self.judged.grade[at], Grade.PROBABLE).astype(np.int8)
        self.ledger.open(
            onset,
            session=self.series.session[at],
            value=self.series.value[at],
            baseline=np.where(erodes, early, self.course.expected[at]),
            spread=self.course.spread[at],
            usual=contrast.usual[at],
            level=np.where(erodes, early, self.course.centre[at]),
            p=np.where(erodes, self.course.erosion_p[at], self.course.p[at]),
            grade=grade,
            kind=np.where(erodes, OnsetKind.EROSION, self.kind[at]).astype(np.int8),
        )


def needed_decline(rule: "Predictive", course: OneStepPredictions, judged: RatingVerdicts) -> Floats:
    """The fall at which a decline counts, where it does; by proportion, as of a normal distribution.

    Parameters
    ----------
    rule : Predictive
    course : OneStepPredictions
    judged : RatingVerdicts

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        Infinite where no decline counts.
    """
    from scipy.special import ndtri

    needed = np.full(len(course.p), np.inf)
    met = np.flatnonzero(judged.erosion == Verdict.MET)
    if met.size:
        chance = np.maximum(course.erosion_p[met], 1e-300)
        needed[met] = judged.contrast.fall[met] * ndtri(rule.erosion) / ndtri(chance)
    return needed
