"""Predictive criterion, version 4: one rate of false alarms over both channels, and slow declines as sums."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.predictive import CombinedEvidence, bounds_of, findings_of
from goldseam.detection.criteria.predictive.null_courses import (
    COURSES,
    SESSIONS,
    LimitFigures,
    PopulationFigures,
    exponential_tails,
    limits_of_rate,
    null_courses,
    sum_limits,
)
from goldseam.detection.criteria.predictive.parameters import BudgetParameters
from goldseam.detection.criteria.predictive.ratings import (
    OneStepPredictions,
    RatingVerdicts,
    judge_ratings,
    predict_ratings,
)
from goldseam.detection.criteria.predictive.repair import follow_episodes
from goldseam.detection.criteria.predictive.repair_answer import LinkingTracker, with_answers
from goldseam.detection.criteria.predictive.sum_channel import BANDS, SumChannel, SumLimit
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import minimum_drop, norms_in_points
from goldseam.norms import Norms
from goldseam.series import RatingSeries
from goldseam.state_space import OneStepAhead

if TYPE_CHECKING:
    import polars as pl

OFF = ((np.inf, 0.0, 1.0),) * len(BANDS)
"""No limit: no slow decline is ever found."""
NEVER_REACHED = 1e9


@dataclass(frozen=True)
class Predictive(BudgetParameters):
    """Mixture of Kalman filters over within-person SDs, and sums of deviations, version 4."""

    version: ClassVar[int] = 4
    source: ClassVar[str] = "docs/methods/predictive.md"

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        usual = norms_in_points(series, norms, higher_is_better=higher_is_better)
        population, priors = usual.population(scored=True), usual.priors()
        smallest = minimum_drop(priors, self.gate_share, self.gate_errors)
        limits = sum_limits(population, smallest, partial(_limits_of, replace(self, ended=False)))
        ahead = OneStepAhead(series, population, self.break_days)
        predictions = predict_ratings(ahead, None)
        verdicts, channel, events = self._judged(
            ahead, predictions, limits, maximum=priors.maximum, smallest=smallest
        )
        events = with_answers(events, series, predictions, channel.usual, window=self.window)
        evidence = CombinedEvidence(predictions, smallest[series.series_of])
        bounds = partial(
            bounds_of, self.p_thresholds, ahead, verdicts=verdicts, evidence=evidence, channel=channel
        )
        return findings_of(verdicts, evidence, events, bounds)

    def _judged(
        self,
        ahead: OneStepAhead,
        predictions: OneStepPredictions,
        limits: SumLimit,
        *,
        maximum: Floats,
        smallest: Floats,
    ) -> "tuple[RatingVerdicts, SumChannel, pl.DataFrame]":
        """Verdicts on every rating, the sums, and the events."""
        series = ahead.series
        verdicts = judge_ratings(
            self,
            series,
            predictions,
            thresholds=self.p_thresholds,
            maximum=maximum,
            smallest_drop=smallest[series.series_of],
        )
        channel = SumChannel(
            series, ahead.population, predictions, limits, verdicts.ceiling, smallest, self.window
        )
        verdicts.erosion = channel.verdict
        events = follow_episodes(
            self, series, predictions, verdicts, channel, renewing=True, tracker=LinkingTracker
        )
        return verdicts, channel, events

    def limits_of(self, figures: PopulationFigures) -> LimitFigures:
        """Limit, start and rate of the sums of a population, from courses in which nothing is wrong.

        Parameters
        ----------
        figures : PopulationFigures

        Returns
        -------
        tuple of tuple of float
            As in `SumLimit`, for each band.
        """
        if self.slow_share == 0:
            return OFF
        people, smallest = figures.population(COURSES)
        series = null_courses(people)
        ahead = OneStepAhead(series, people, self.break_days)
        # sums that never open an episode, beside the sudden drops that do
        endless = SumLimit.same(NEVER_REACHED, COURSES)
        verdicts, channel, _ = self._judged(
            ahead, predict_ratings(ahead, None), endless, maximum=series.maximum, smallest=smallest
        )
        total = channel.total.reshape(COURSES, SESSIONS)
        limits = limits_of_rate(total, verdicts.judged.reshape(COURSES, SESSIONS), self.slow_rate)
        tails = exponential_tails(total)
        return tuple((limit, *tail) for limit, tail in zip(limits, tails, strict=True))


@lru_cache(maxsize=256)
def _limits_of(rule: Predictive, figures: PopulationFigures) -> LimitFigures:
    return rule.limits_of(figures)
