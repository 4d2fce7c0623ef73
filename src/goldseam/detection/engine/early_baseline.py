"""What charts with a memory share: a level and a spread fixed early, and an episode when the chart leaves them."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.norms_and_minimum_drop import priors_for
from goldseam.detection.engine.reference_levels import mean_of_first
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class EarlyBaseline(EpisodicCriterion):
    """A chart that adds up small deviations from an early level, for slow erosion."""

    version: ClassVar[int] = 1
    confidence: ClassVar[str] = "B"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 5
    uses_norms: ClassVar[bool] = True

    mean: float | None = parameter(
        None, "the level in points, from the first rating on; none: the mean of the first ratings"
    )
    sd: float | None = parameter(None, "the SD within a person in points; none: from the norms", least=1e-9)
    baseline_ratings: int = parameter(
        4, "first ratings whose mean is the level, where mean is none", kind=int, least=2, most=100
    )

    @property
    def needs_norms(self) -> bool:
        """Not where the SD is given in points."""
        return self.sd is None

    @abstractmethod
    def chart(self, series: RatingSeries, level: Floats, sd: Floats, start: int) -> tuple[Floats, Floats]:
        """The chart's statistic at every rating, and the value below which the rating would alarm.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        level, sd : ndarray of float, shape (n_series,)
            The early level and the SD within a person, in points; NaN where unknown.
        start : int
            Earlier ratings of each series are left out.

        Returns
        -------
        statistic, limit : ndarray of float, shape (n_ratings,)
            NaN before the start.
        """

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Hold every rating after the first ones against the chart; see `EpisodicCriterion.assess`."""
        sd = self._sd(series, norms, higher_is_better=higher_is_better)
        level, start = mean_of_first(series, self.baseline_ratings), self.baseline_ratings
        if self.mean is not None:
            level, start = np.full(series.n_series, self.mean if higher_is_better else -self.mean), 0
        _, limit = self.chart(series, level, sd, start)
        few = series.position < start
        return Assessment(
            met=series.value < limit,
            few=few,
            not_applicable=np.zeros_like(few),
            reason=coded((few, Reason.FEW_EARLIER_RATINGS), otherwise=Reason.PLAIN),
            expected=level[series.series_of],
            spread=sd[series.series_of],
            limit=limit,
        )

    def _sd(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Floats:
        if self.sd is not None:
            return np.full(series.n_series, self.sd)
        return priors_for(series, norms, higher_is_better=higher_is_better).within_sd
