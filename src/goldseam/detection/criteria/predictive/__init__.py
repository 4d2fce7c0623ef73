"""Predictive criterion: a rating below what this person's own earlier ratings, and the norms, lead one to expect.

The formulas and the choices behind them are in ``docs/methods/predictive.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.parameters import (
    ErosionThreshold,
    PredictiveParameters,
    Thresholds,
)
from goldseam.detection.criteria.predictive.ratings import (
    RECENT,
    ErosionContrast,
    OneStepPredictions,
    RatingVerdicts,
    erosion_contrast,
    judge_ratings,
    predict_ratings,
    predicted_quantiles,
)
from goldseam.detection.criteria.predictive.repair import follow_episodes
from goldseam.detection.criteria.predictive.slow_channel import RatingInCourse, SlowChannel
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import coded
from goldseam.detection.engine.findings import Bounds, Findings
from goldseam.detection.engine.norms_and_minimum_drop import Priors, minimum_drop, norms_in_points
from goldseam.norms import Norms
from goldseam.series import RatingSeries
from goldseam.state_space import OneStepAhead

if TYPE_CHECKING:
    import polars as pl

USUAL_TAIL = 0.1
NEVER = -1


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


@dataclass(eq=False)
class ContrastChannel(SlowChannel):
    """A decline between the first four ratings and the last three, by its probability.

    After an episode that was given up the level is a new one, after a repair it is not above the two ratings that
    made it one; and ratings of an episode never count as recent.

    Attributes
    ----------
    series : RatingSeries
        Higher is better.
    contrast : ErosionContrast
        Of its ratings.
    p : ndarray of float, shape (n_ratings,)
        Of so large a decline since the first ratings; 1 where it cannot be judged.
    threshold : float
        The probability below which a decline opens an episode.
    verdict : ndarray of int8, shape (n_ratings,)
        As in `SlowChannel`.
    """

    series: RatingSeries
    contrast: ErosionContrast
    p: Floats
    threshold: float
    verdict: Codes

    @classmethod
    def of(
        cls,
        rule: ErosionThreshold,
        series: RatingSeries,
        contrast: ErosionContrast,
        p: Floats,
        *,
        ceiling: Flags,
        smallest_decline: Floats,
    ) -> "ContrastChannel":
        """Judge every decline by itself; which of them open an episode, `follow_episodes` settles.

        Parameters
        ----------
        rule : ErosionThreshold
            With the threshold.
        series : RatingSeries
            Higher is better.
        contrast : ErosionContrast
            Of its ratings.
        p : ndarray of float, shape (n_ratings,)
            Of so large a decline since the first ratings; 1 where it cannot be judged.
        ceiling : ndarray of bool, shape (n_ratings,)
            Where so many highest ratings in a row say nothing.
        smallest_decline : ndarray of float, shape (n_series,)
            The smallest slow decline that counts, in points, 0 or more.

        Returns
        -------
        ContrastChannel
        """
        large = ~(contrast.decline < smallest_decline[series.series_of]) & (series.value < contrast.early)
        verdict = coded(
            (np.isnan(contrast.decline), Verdict.NOT_ENOUGH_DATA),
            (ceiling, Verdict.NOT_APPLIED),
            (~ceiling & (p < rule.erosion) & large, Verdict.MET),
            otherwise=Verdict.NOT_MET,
        )
        return cls(series, contrast, p, rule.erosion, verdict)

    def __post_init__(self) -> None:
        self.usual = self.contrast.usual
        self._need = self._needed_decline()

    def begin(self, order: Integers) -> None:
        """Nothing has happened yet; see `SlowChannel.begin`."""
        self._settled, self._closed = np.full(len(order), np.inf), np.full(len(order), NEVER)

    def declined(self, rating: RatingInCourse) -> Flags:
        """Where the last ratings lie below the reference, and none of them belongs to an episode."""
        at, contrast = rating.at, self.contrast
        settled, closed = self._settled[: len(at)], self._closed[: len(at)]
        ended = rating.repaired | rating.given_up
        np.copyto(closed, self.series.session[at], where=ended)
        np.minimum(settled, rating.held, out=settled, where=rating.repaired)
        np.copyto(settled, rating.level, where=rating.given_up)
        still = np.isinf(settled) | (settled - contrast.recent[at] >= self._need[at])
        fresh = contrast.begins[at] > closed
        declined: Flags = (self.verdict[at] == Verdict.MET) & still & fresh
        return declined

    def baseline(self, at: Integers) -> Floats:
        """The mean of the first ratings, or the level since; see `SlowChannel.baseline`."""
        settled = self._settled[: len(at)]
        return np.where(np.isinf(settled), self.contrast.early[at], settled + self.usual[at])

    def chance(self, at: Integers) -> Floats:
        """Of so large a decline since the first ratings; see `SlowChannel.chance`."""
        return self.p[at]

    def limit(self, at: Integers) -> Floats:
        """A decline is met by the mean of the last ratings, of which this one is one; see `SlowChannel.limit`."""
        value: Floats = self.series.value[at]
        return value + RECENT * (self.contrast.decline[at] - self._need[at])

    def _needed_decline(self) -> Floats:
        """The size at which a slow decline would just count, by proportion, as of a normal distribution."""
        from scipy.special import ndtri

        needed = np.full(len(self.p), np.inf)
        met = np.flatnonzero(self.verdict == Verdict.MET)
        if met.size:
            chance = np.maximum(self.p[met], 1e-300)
            needed[met] = self.contrast.decline[met] * ndtri(self.threshold) / ndtri(chance)
        return needed


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
        thresholds = Thresholds(self.watch, self.probable, self.marked)
        verdicts = judge_ratings(
            self,
            series,
            evidence.predictions,
            thresholds=thresholds,
            maximum=priors.maximum,
            smallest_drop=evidence.smallest_drop,
        )
        channel = ContrastChannel.of(
            self,
            series,
            contrast,
            evidence.predictions.erosion_p,
            ceiling=verdicts.ceiling,
            smallest_decline=smallest,
        )
        verdicts.erosion = channel.verdict
        events = follow_episodes(
            self, series, evidence.predictions, verdicts, channel, renewing=self.renewing
        )
        bounds = partial(bounds_of, thresholds, ahead, verdicts=verdicts, evidence=evidence, channel=channel)
        return findings_of(verdicts, evidence, events, bounds)

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
class Predictive3(Predictive2):
    """Version 3: ratings are read as scores, and a fall within an episode is an onset of its own."""

    version: ClassVar[int] = 3
    source: ClassVar[str] = "docs/methods/predictive.md"
    scored: ClassVar[bool] = True
    renewing: ClassVar[bool] = True


def findings_of(
    verdicts: RatingVerdicts,
    evidence: CombinedEvidence,
    events: "pl.DataFrame",
    bounds: Callable[[], Bounds],
) -> Findings:
    """What is said of every rating, and the events.

    Parameters
    ----------
    verdicts : RatingVerdicts
        With the episodes noted in them.
    evidence : CombinedEvidence
        What they rest on.
    events : polars.DataFrame
        As from `follow_episodes`.
    bounds : callable
        Computes limits and usual ranges when they are asked for.

    Returns
    -------
    Findings
    """
    predictions = evidence.predictions
    return Findings(
        verdict=verdicts.verdict,
        grade=verdicts.grade,
        reason=verdicts.reason,
        expected=predictions.expected,
        spread=predictions.spread,
        degrees_of_freedom=np.full(len(predictions.p), np.nan),
        p=predictions.p,
        events=events,
        bounds=bounds,
        parts={"criterion_1": verdicts.sudden, "criterion_2": verdicts.erosion},
        extra_columns=evidence.extra_columns,
    )


def bounds_of(
    thresholds: Thresholds,
    ahead: OneStepAhead,
    *,
    verdicts: RatingVerdicts,
    evidence: CombinedEvidence,
    channel: SlowChannel,
) -> Bounds:
    """The limit by quantile and smallest drop, and the central 80% of what is expected, within the range.

    Parameters
    ----------
    thresholds : Thresholds
        On p of a sudden drop.
    ahead : OneStepAhead
        The ratings.
    verdicts, evidence, channel
        On these ratings.

    Returns
    -------
    Bounds
    """
    series, population, predictions = ahead.series, ahead.population, evidence.predictions
    needed_p = evidence.p_of_rating(np.where(verdicts.watched_before, thresholds.watch, thresholds.probable))
    chances = (needed_p, USUAL_TAIL, 1 - USUAL_TAIL)
    by_chance, low, high = predicted_quantiles(ahead, chances)
    owner = series.series_of
    limit = np.minimum(by_chance, predictions.expected - evidence.smallest_drop)
    eroded = np.flatnonzero(verdicts.erosion == Verdict.MET)
    limit[eroded] = channel.limit(eroded)
    shown = verdicts.judged | (verdicts.erosion == Verdict.MET)
    usual_low = np.clip(low, population.minimum[owner], predictions.expected)
    usual_high = np.clip(high, predictions.expected, population.maximum[owner])
    return Bounds(
        limit=np.where(shown, limit, np.nan),
        usual_low=np.where(verdicts.known, usual_low, np.nan),
        usual_high=np.where(verdicts.known, usual_high, np.nan),
    )
