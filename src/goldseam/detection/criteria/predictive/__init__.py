"""Predictive criterion: a rating below what this person's own earlier ratings, and the norms, lead one to expect.

The formulas and the choices behind them are in ``docs/methods/predictive.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.predictive.parameters import PredictiveParameters
from goldseam.detection.criteria.predictive.ratings import (
    RECENT,
    OneStepPredictions,
    RatingVerdicts,
    erosion_contrast,
    judge_ratings,
    predict_ratings,
    predicted_quantiles,
)
from goldseam.detection.criteria.predictive.repair import follow_episodes, needed_decline
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.findings import Bounds, Findings
from goldseam.detection.engine.norms_and_minimum_drop import Priors, minimum_drop, norms_in_points
from goldseam.norms import Norms
from goldseam.series import RatingSeries
from goldseam.state_space import OneStepAhead

if TYPE_CHECKING:
    import polars as pl

USUAL_TAIL = 0.1


def _unchanged(p: Floats) -> Floats:
    return p


@dataclass(frozen=True, eq=False)
class CombinedEvidence:
    """What a rating says once everything known of its session is taken into account.

    Attributes
    ----------
    predictions : OneStepPredictions
        With the p of everything together.
    smallest_drop : ndarray of float, shape (n_ratings,)
        The smallest sudden drop that counts, in points.
    p_of_rating : callable
        From the p wanted of everything together to the p that the rating by itself needs for it;
        arrays of shape (n_ratings,), from 0 to 1.
    extra_columns : callable
        Computes columns of the sessions that say what each term adds, when they are asked for.
    """

    predictions: OneStepPredictions
    smallest_drop: Floats
    p_of_rating: Callable[[Floats], Floats] = _unchanged
    extra_columns: "Callable[[], Mapping[str, Floats | pl.Series]]" = dict


@dataclass(frozen=True)
class Predictive2(PredictiveParameters):
    """Mixture of Kalman filters over within-person SDs, version 2."""

    version: ClassVar[int] = 2
    source: ClassVar[str] = "docs/methods/predictive-2.md"
    scored: ClassVar[bool] = False
    """Whether ratings are read as scores where the norms have a table for it."""
    renewing: ClassVar[bool] = False
    """Whether a fall after a rating that was not low is an onset of its own within an episode too."""

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        usual = norms_in_points(series, norms, higher_is_better=higher_is_better)
        population, priors = usual.population(scored=self.scored), usual.priors()
        smallest = minimum_drop(priors, self.gate_share, self.gate_errors)
        contrast = erosion_contrast(series, population)
        ahead = OneStepAhead(series, population, self.break_days)
        alone = predict_ratings(ahead, contrast)
        evidence = self.combine_evidence(series, priors, alone, smallest[series.series_of])
        verdicts = judge_ratings(
            self,
            series,
            evidence.predictions,
            contrast,
            maximum=priors.maximum,
            smallest_decline=smallest,
            smallest_drop=evidence.smallest_drop,
        )
        events = follow_episodes(self, series, evidence.predictions, verdicts, renewing=self.renewing)
        return Findings(
            verdict=verdicts.verdict,
            grade=verdicts.grade,
            reason=verdicts.reason,
            expected=evidence.predictions.expected,
            spread=evidence.predictions.spread,
            degrees_of_freedom=np.full(len(series.value), np.nan),
            p=evidence.predictions.p,
            events=events,
            bounds=partial(_bounds, self, ahead, verdicts=verdicts, evidence=evidence),
            parts={"criterion_1": verdicts.sudden, "criterion_2": verdicts.erosion},
            extra_columns=evidence.extra_columns,
        )

    def combine_evidence(
        self,
        series: RatingSeries,  # noqa: ARG002
        priors: Priors,  # noqa: ARG002
        alone: OneStepPredictions,
        smallest: Floats,
    ) -> CombinedEvidence:
        """Take into account what else is known of each session: in this criterion, nothing.

        Parameters
        ----------
        series : RatingSeries
            With its evidence.
        priors : Priors
            What is assumed of each series, in points.
        alone : OneStepPredictions
            By the ratings alone.
        smallest : ndarray of float, shape (n_ratings,)
            The smallest drop that counts by itself, in points, 0 or more.

        Returns
        -------
        CombinedEvidence
        """
        return CombinedEvidence(alone, smallest)


@dataclass(frozen=True)
class Predictive(Predictive2):
    """Version 3: ratings are read as scores, and a fall within an episode is an onset of its own."""

    version: ClassVar[int] = 3
    source: ClassVar[str] = "docs/methods/predictive.md"
    scored: ClassVar[bool] = True
    renewing: ClassVar[bool] = True


def _bounds(
    rule: Predictive2,
    ahead: OneStepAhead,
    *,
    verdicts: RatingVerdicts,
    evidence: CombinedEvidence,
) -> Bounds:
    """The limit by quantile and smallest drop, and the central 80% of what is expected, within the range."""
    series, population, predictions = ahead.series, ahead.population, evidence.predictions
    needed_p = evidence.p_of_rating(np.where(verdicts.watched_before, rule.watch, rule.probable))
    chances = (needed_p, USUAL_TAIL, 1 - USUAL_TAIL)
    by_chance, low, high = predicted_quantiles(ahead, chances)
    owner = series.series_of
    limit = np.minimum(by_chance, predictions.expected - evidence.smallest_drop)
    eroded = np.flatnonzero(verdicts.erosion == Verdict.MET)
    needed = needed_decline(rule, predictions, verdicts)[eroded]
    # a slow decline is met by the mean of the last ratings, of which this one is one
    limit[eroded] = series.value[eroded] + RECENT * (verdicts.contrast.decline[eroded] - needed)
    shown = verdicts.judged | (verdicts.erosion == Verdict.MET)
    usual_low = np.clip(low, population.minimum[owner], predictions.expected)
    usual_high = np.clip(high, predictions.expected, population.maximum[owner])
    return Bounds(
        limit=np.where(shown, limit, np.nan),
        usual_low=np.where(verdicts.known, usual_low, np.nan),
        usual_high=np.where(verdicts.known, usual_high, np.nan),
    )
