"""Drops from one's own recent ratings: from the previous one, from the highest so far, from the median of three.

A drop counts from a number of points on, or from a multiple of the SD within a person that the norms state. The
simplest rules there are; see ``docs/methods/previous-drop.md``, ``running-maximum.md``, ``median-of-three.md``.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.norms_and_minimum_drop import priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class DropBelowReference(EpisodicCriterion):
    """A rating that lies so far below a reference taken from the person's earlier ones."""

    version: ClassVar[int] = 1
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    confidence: ClassVar[str] = "own"
    thresholds: ClassVar[tuple[str, ...]] = ("points", "within_sds")

    points: float | None = parameter(
        None, "smallest drop that counts, in points; without it within_sds is used", least=0
    )
    within_sds: float = parameter(
        2.0, "smallest drop that counts, in SDs within a person, from the norms", least=0, most=10
    )
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)

    @property
    def needs_norms(self) -> bool:
        """Not where the drop is given in points."""
        return self.points is None

    @abstractmethod
    def reference(self, series: RatingSeries) -> Floats:
        """What each rating is compared with; NaN where there is nothing.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.

        Returns
        -------
        ndarray of float, shape (n_ratings,)
        """

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Compare every rating with its reference; see `EpisodicCriterion.assess`."""
        spread = np.full(series.n_series, np.nan)
        if self.points is None:
            spread = priors_for(series, norms, higher_is_better=higher_is_better).within_sd
        size = self.within_sds * spread if self.points is None else np.full(series.n_series, self.points)
        expected = self.reference(series)
        limit = expected - size[series.series_of]
        few = series.position < self.prior_ratings
        not_applicable = ~few & np.isnan(expected)
        return Assessment(
            met=series.value <= limit,
            few=few,
            not_applicable=not_applicable,
            reason=coded(
                (not_applicable, Reason.PREVIOUS_NOT_RATED),
                (few, Reason.FEW_EARLIER_RATINGS),
                otherwise=Reason.PLAIN,
            ),
            expected=expected,
            spread=spread[series.series_of],
            limit=limit,
        )
