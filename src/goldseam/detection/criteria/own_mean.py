"""Own-mean criterion: a rating more than so many own SDs below the client's own mean.

The published form looks back over the whole course; the default here uses earlier ratings alone, so that a later
rating never changes a decision. See ``docs/methods/own-mean.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.moments import moments_of
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class OwnMean(EpisodicCriterion):
    """More than two own SDs below the own mean, version 1."""

    id: ClassVar[str] = "own-mean"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a rating more than 2 SD below the client's own mean"
    source: ClassVar[str] = "docs/methods/own-mean.md"
    confidence: ClassVar[str] = "own"  # A with `whole_course`
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("sds",)

    sds: float = parameter(2.0, "own SDs below the own mean", least=0.1, most=10)
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=2, most=100)
    whole_course: bool = parameter(
        default=False,
        meaning="mean and SD over the whole course, as published, not over earlier ratings alone",
        kind=bool,
    )

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:  # noqa: ARG002
        """Compare every rating with the own mean; see `EpisodicCriterion.assess`."""
        return self._looking_back(series) if self.whole_course else self._so_far(series)

    def _so_far(self, series: RatingSeries) -> Assessment:
        moments = moments_of(series)
        expected, spread = moments.mean_before, moments.sd_before
        limit = expected - self.sds * spread
        few = series.position < self.prior_ratings
        not_applicable = ~few & (spread == 0)
        reason = coded(
            (not_applicable, Reason.NO_VARIATION), (few, Reason.FEW_EARLIER_RATINGS), otherwise=Reason.PLAIN
        )
        return Assessment(series.value < limit, few, not_applicable, reason, expected, spread, limit)

    def _looking_back(self, series: RatingSeries) -> Assessment:
        """No rating can lie further below a mean and SD that it is part of than (n - 1)/sqrt(n) SDs.

        Shiffler (1988), The American Statistician 42:79.
        """
        moments, owner = moments_of(series), series.series_of
        expected, spread = moments.mean[owner], moments.sd[owner]
        limit = expected - self.sds * spread
        count = series.lengths[owner]
        few = (count - 1) / np.sqrt(count) <= self.sds
        not_applicable = ~few & (spread == 0)
        reason = coded(
            (few, Reason.SERIES_TOO_SHORT), (not_applicable, Reason.NO_VARIATION), otherwise=Reason.PLAIN
        )
        return Assessment(series.value < limit, few, not_applicable, reason, expected, spread, limit)
