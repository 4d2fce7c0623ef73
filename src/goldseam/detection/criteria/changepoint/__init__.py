"""Change-point criterion: the level has probably just changed, downwards and by enough.

Adams & MacKay (2007), *Bayesian Online Changepoint Detection*, arXiv:0710.3742, with gates for direction and size. See
``docs/methods/changepoint.md``.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.changepoint.run_lengths import RunLengths, RunPrior, run_lengths
from goldseam.detection.engine.codes import Reason, Verdict
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import (
    Assessment,
    EpisodicCriterion,
    episodes_from,
    findings_from,
)
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING, minimum_drop, priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

RATE_FACTOR = (
    0.9  # as in `predictive`, version 1: the rate of the norms' inverse gamma, per shape and variance
)
PLACE = 2**32


@dataclass(frozen=True)
class Changepoint(EpisodicCriterion):
    """Bayesian online change-point detection with gates, version 1."""

    id: ClassVar[str] = "changepoint"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "the level has probably just changed, downwards and by enough"
    source: ClassVar[str] = "Adams & MacKay (2007), arXiv:0710.3742; gates: docs/methods/changepoint.md"
    confidence: ClassVar[str] = "B"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("probability",)

    probability: float = parameter(
        0.5, "probability of a run of one rating or none that counts as a change", least=0.01, most=0.999
    )
    hazard: float = parameter(
        0.1, "probability of a change from one session to the next", least=1e-6, most=0.5
    )
    drop: float | None = parameter(
        None, "smallest fall that counts, in points; none: by gate_share and gate_errors", least=0
    )
    gate_share: float = parameter(0.05, "smallest fall that counts, as a share of the range", least=0, most=1)
    gate_errors: float = parameter(
        1.28, "smallest fall that counts, in errors of measurement", least=0, most=10
    )
    mean: float | None = parameter(None, "level expected of a new run, in points; none: from the norms")
    weight: float | None = parameter(
        None, "ratings that expectation is worth; none: from the norms", least=1e-9
    )
    shape: float | None = parameter(
        None, "shape of the inverse gamma of a run's variance; none: from the norms", least=0.1
    )
    rate: float | None = parameter(None, "its rate, in points squared; none: from the norms", least=1e-12)
    kept: int = parameter(
        200, "run lengths kept; of more the least probable is dropped", kind=int, least=10, most=2000
    )
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)

    @property
    def needs_norms(self) -> bool:
        """Not where all that they say is given in points."""
        return self.drop is None or None in self._given

    @property
    def _given(self) -> tuple[float | None, ...]:
        return (self.mean, self.weight, self.shape, self.rate)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        import polars as pl

        found, assessed = self._assess(series, norms, higher_is_better=higher_is_better)
        events = episodes_from(series, assessed, self)
        at = _onsets(series, events)
        events = events.with_columns(
            change_probability=pl.Series(found.recent[at]), run_ratings=pl.Series(found.ratings[at])
        )
        return replace(findings_from(assessed, events), degrees_of_freedom=found.degrees_of_freedom)

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Ask of every rating whether a run has just begun; see `EpisodicCriterion.assess`."""
        return self._assess(series, norms, higher_is_better=higher_is_better)[1]

    def _assess(
        self, series: RatingSeries, norms: Norms, *, higher_is_better: bool
    ) -> tuple[RunLengths, Assessment]:
        prior, smallest = self._beliefs(series, norms, higher_is_better=higher_is_better)
        found = run_lengths(series, prior, hazard=self.hazard, most=self.kept)
        few = series.position < self.prior_ratings
        changed = found.recent > self.probability
        drop = found.expected - series.value
        large = (drop > 0) & (drop >= smallest[series.series_of] - ROUNDING)
        small = ~few & changed & (drop > 0) & ~large
        assessed = Assessment(
            met=changed & large,
            few=few,
            not_applicable=np.zeros_like(few),
            reason=coded(
                (small, Reason.SMALL_DROP), (few, Reason.FEW_EARLIER_RATINGS), otherwise=Reason.PLAIN
            ),
            expected=found.expected,
            spread=found.spread,
            limit=np.full(len(few), np.nan),
            parts={"criterion_1": _part(changed, few), "criterion_2": _part(large, few)},
            predicts_early=True,
        )
        return found, assessed

    def _beliefs(
        self, series: RatingSeries, norms: Norms, *, higher_is_better: bool
    ) -> tuple[RunPrior, Floats]:
        """What is given in points, else what the norms say; norms are not asked for what is given."""
        stated = [np.full(series.n_series, np.nan if each is None else each) for each in self._given]
        if not higher_is_better:
            stated[0] = -stated[0]
        if not self.needs_norms:
            return RunPrior(*stated), np.full(series.n_series, self.drop)
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        variance = priors.within_sd**2
        rate = priors.shape * variance * RATE_FACTOR
        usual = (priors.mean, variance / priors.between_sd**2, priors.shape, rate)
        stated = [np.where(np.isnan(own), other, own) for own, other in zip(stated, usual, strict=True)]
        smallest = minimum_drop(priors, self.gate_share, self.gate_errors)
        return RunPrior(*stated), smallest if self.drop is None else np.full(series.n_series, self.drop)


def _part(met: Flags, few: Flags) -> Codes:
    return coded((few, Verdict.NOT_ENOUGH_DATA), (met, Verdict.MET), otherwise=Verdict.NOT_MET)


def _onsets(series: RatingSeries, events: "pl.DataFrame") -> Integers:
    """Where the ratings are that events begin with."""
    owner, session = (events.get_column(name).to_numpy() for name in ("series", "onset_session"))
    at: Integers = np.searchsorted(series.series_of * PLACE + series.session, owner * PLACE + session)
    return at
