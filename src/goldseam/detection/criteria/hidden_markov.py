"""Hidden-Markov criterion: a person is at the usual level or in a low state, and the ratings so far say which.

Two states with normal ratings, filtered forwards; the recursion after Hamilton (1989), *Econometrica* 57:357. See
``docs/methods/hidden-markov.md``.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.discounted_level import DiscountedLevel
from goldseam.detection.engine.episodic import (
    Assessment,
    EpisodicCriterion,
    episodes_from,
    findings_from,
)
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import Priors, priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

LEAST_SPREAD = 0.1  # of the norms' SD within a person: however steady, nobody is taken for steadier


@dataclass(frozen=True)
class HiddenMarkov(EpisodicCriterion):
    """Two states, usual and low, version 1."""

    id: ClassVar[str] = "hidden-markov"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "more likely in a low state than at the usual level"
    source: ClassVar[str] = "docs/methods/hidden-markov.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("threshold",)
    ascending: ClassVar[tuple[str, ...]] = ("enter", "stay")

    threshold: float = parameter(
        0.5, "filtered probability of the low state above which it counts", least=0.01, most=0.99
    )
    depth: float = parameter(2.0, "own SDs from the usual level down to the low state", least=0.5, most=10)
    enter: float = parameter(
        0.1, "probability of the low state after a session at the usual level", least=0.001, most=0.5
    )
    stay: float = parameter(
        0.6, "probability of the low state after a session in the low state", least=0.001, most=0.999
    )
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        assessed, low = self._filter(series, priors)
        found = findings_from(assessed, episodes_from(series, assessed, self))
        return replace(found, extra_columns=lambda: {"probability_low": low})

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Filter the state up to every rating; see `EpisodicCriterion.assess`."""
        return self._filter(series, priors_for(series, norms, higher_is_better=higher_is_better))[0]

    def _filter(self, series: RatingSeries, priors: Priors) -> tuple[Assessment, Floats]:
        """What is said of every rating, and the probability of the low state with it taken in."""
        from scipy.special import expit, logit

        order = series.by_length
        person = DiscountedLevel.before_any_rating(priors, order)
        least = (LEAST_SPREAD * priors.within_sd[order]) ** 2
        since = series.session - series.lagged(series.session.astype(np.float64))
        expected, spread, limit, low = np.full((4, len(series.value)), np.nan)
        state = np.full(series.n_series, self._share_low)
        for n_prior, at in enumerate(series.steps()):
            state, least, now = state[: len(at)], least[: len(at)], person.first(len(at))
            value, variance = series.value[at], np.maximum(now.rate / now.shape, least)
            predictive = variance * (1 + 1 / now.weight)
            expected[at], spread[at] = now.mean, np.sqrt(predictive)
            usual = np.ones(len(at), np.bool_)
            # the first ratings say what is usual, and cannot be held against it
            if n_prior >= self.prior_ratings:
                fall = self.depth * np.sqrt(variance)
                middle, slope = now.mean - fall / 2, fall / predictive
                odds = logit(self._predicted(state, since[at]))
                limit[at] = middle - (logit(self.threshold) - odds) / slope
                state = low[at] = expit(odds + slope * (middle - value))
                usual = ~(value < limit[at])
            now.learn(value, usual)
        few = series.position < self.prior_ratings
        assessed = Assessment(
            met=series.value < limit,
            few=few,
            not_applicable=np.zeros_like(few),
            reason=coded((few, Reason.FEW_EARLIER_RATINGS), otherwise=Reason.PLAIN),
            expected=expected,
            spread=spread,
            limit=limit,
            predicts_early=True,
        )
        return assessed, low

    @property
    def _share_low(self) -> float:
        """Share of all sessions that the model spends in the low state."""
        return self.enter / (1 + self.enter - self.stay)

    def _predicted(self, state: Floats, sessions: Floats) -> Floats:
        """Probability of the low state so many sessions later, none of them rated in between."""
        predicted: Floats = self._share_low + (self.stay - self.enter) ** sessions * (state - self._share_low)
        return predicted
