"""Predictive criterion: a rating below what this person's own earlier ratings, and the norms, lead one to expect.

The formulas and the choices behind them are in ``docs/methods/predictive.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.predictive.erosion import RECENT, erosion_contrast
from goldseam.detection.criteria.predictive.follow import follow_episodes, needed_decline
from goldseam.detection.criteria.predictive.predictions import (
    OneStepPredictions,
    predict_ratings,
    predicted_quantiles,
)
from goldseam.detection.criteria.predictive.verdicts import RatingVerdicts, judge_ratings
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import Criterion, parameter
from goldseam.detection.engine.findings import Bounds, Findings
from goldseam.detection.engine.priors import Priors, population_for, priors_for
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries
from goldseam.state_space import Population

if TYPE_CHECKING:
    import polars as pl

USUAL_TAIL = 0.1


def _unchanged(chance: Floats) -> Floats:
    return chance


@dataclass(frozen=True, eq=False)
class CombinedEvidence:
    """What a rating says once everything known of the session is taken into account.

    Attributes
    ----------
    course : OneStepPredictions
    least : ndarray of float, shape (n_ratings,)
        Smallest fall that counts.
    alone : callable
        From the p wanted of every rating to the p that the rating by itself needs for it.
    further : callable
        Columns of the sessions that say what each piece adds, computed when asked for.
    """

    course: OneStepPredictions
    least: Floats
    alone: Callable[[Floats], Floats] = _unchanged
    further: "Callable[[], Mapping[str, Floats | pl.Series]]" = dict


@dataclass(frozen=True)
class Predictive(Criterion):
    """Mixture of Kalman filters over own SDs, version 2."""

    id: ClassVar[str] = "predictive"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "a rating below what the person's own earlier ratings lead one to expect"
    source: ClassVar[str] = "docs/methods/predictive.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    graded: ClassVar[bool] = True

    watch: float = parameter(0.05, "p below which a rating is watched", least=1e-6, most=0.5)
    probable: float = parameter(0.025, "p below which an episode opens", least=1e-6, most=0.5)
    marked: float = parameter(0.01, "p below which an onset is marked", least=1e-6, most=0.5)
    erosion: float = parameter(0.02, "p below which a slow decline opens an episode", least=0, most=0.5)
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)
    gate_share: float = parameter(0.05, "smallest drop that counts, as a share of the range", least=0, most=1)
    gate_errors: float = parameter(
        1.28, "smallest drop that counts, in errors of measurement", least=0, most=10
    )
    recovered: float = parameter(0.75, "probability of being back that makes a repair", least=0.5, most=0.999)
    window: int = parameter(
        6, "later ratings after which an episode is given up", kind=int, least=2, most=100
    )
    break_days: int = parameter(28, "days without a rating that make a break", kind=int, least=7, most=3650)
    ceiling_run: int = parameter(4, "highest ratings in a row that say nothing", kind=int, least=2, most=100)
    ended: bool = parameter(default=False, meaning="the courses are over: no episode stays open", kind=bool)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.marked <= self.probable <= self.watch:
            given = f"{self.marked:g}, {self.probable:g}, {self.watch:g}"
            allowed = "marked at most probable, probable at most watch"
            raise ParameterError("thresholds out of order", given=given, allowed=allowed)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        population = population_for(series, norms, higher_is_better=higher_is_better)
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        share = self.gate_share * (priors.maximum - priors.minimum)
        # gates are not applied where the range is unknown
        gate = np.where(np.isnan(share), 0.0, np.fmax(share, self.gate_errors * priors.measurement_error))
        contrast = erosion_contrast(series, population)
        alone = predict_ratings(series, population, contrast, break_days=self.break_days)
        weighed = self.weigh(series, priors, alone, gate[series.series_of])
        course, least = weighed.course, weighed.least
        judged = judge_ratings(self, series, course, contrast, maximum=priors.maximum, gate=gate, least=least)
        events = follow_episodes(self, series, course, judged)
        return Findings(
            verdict=judged.verdict,
            grade=judged.grade,
            reason=judged.reason,
            expected=course.expected,
            spread=course.spread,
            degrees_of_freedom=np.full(len(series.value), np.nan),
            p=course.p,
            events=events,
            bounds=partial(_bounds, self, series, population, judged=judged, weighed=weighed),
            parts={"criterion_1": judged.fall, "criterion_2": judged.erosion},
            further=weighed.further,
        )

    def weigh(
        self, series: RatingSeries, priors: Priors, course: OneStepPredictions, gate: Floats
    ) -> "CombinedEvidence":
        """Take into account what else is known of each session: here, nothing.

        Parameters
        ----------
        series : RatingSeries
        priors : Priors
        course : OneStepPredictions
            By the ratings alone.
        gate : ndarray of float, shape (n_ratings,)
            Smallest fall that counts.

        Returns
        -------
        CombinedEvidence
        """
        return CombinedEvidence(course, gate)


def _bounds(
    rule: Predictive,
    series: RatingSeries,
    population: Population,
    *,
    judged: RatingVerdicts,
    weighed: CombinedEvidence,
) -> Bounds:
    """The limit by quantile and gate, and the central 80% of what is expected, within the range."""
    course = weighed.course
    needed_chance = weighed.alone(np.where(judged.watched_before, rule.watch, rule.probable))
    chances = (needed_chance, USUAL_TAIL, 1 - USUAL_TAIL)
    by_chance, low, high = predicted_quantiles(series, population, chances, break_days=rule.break_days)
    owner = series.series_of
    limit = np.minimum(by_chance, course.expected - weighed.least)
    eroded = np.flatnonzero(judged.erosion == Verdict.MET)
    needed = needed_decline(rule, course, judged)[eroded]
    # a slow decline is met by the mean of the last ratings, of which this one is one
    limit[eroded] = series.value[eroded] + RECENT * (judged.contrast.fall[eroded] - needed)
    return Bounds(
        limit=np.where(judged.judged | (judged.erosion == Verdict.MET), limit, np.nan),
        usual_low=np.where(judged.known, np.clip(low, population.minimum[owner], course.expected), np.nan),
        usual_high=np.where(judged.known, np.clip(high, course.expected, population.maximum[owner]), np.nan),
    )
