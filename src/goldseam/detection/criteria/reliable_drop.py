"""Reliable-drop criterion: a drop larger than errors of measurement within a person explain.

See ``docs/methods/reliable-drop.md`` for the formulas, and for why the error between persons does not serve.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.norms_and_minimum_drop import error_within, priors_for
from goldseam.detection.engine.reference_levels import highest_before, mean_of_first
from goldseam.norms import Norms
from goldseam.series import RatingSeries

FIRST = 3


@dataclass(frozen=True)
class ReliableDrop(EpisodicCriterion):
    """A reliable change for the worse, by the error of measurement within persons, version 1."""

    id: ClassVar[str] = "reliable-drop"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a drop larger than errors of measurement explain"
    source: ClassVar[str] = "docs/methods/reliable-drop.md"
    confidence: ClassVar[str] = "B"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("z",)

    z: float = parameter(1.96, "standard errors of a difference that count", least=0.1, most=10)
    reference: str = parameter(
        "previous",
        "what a rating is compared with: the session before, the highest so far, the mean of the first three",
        choices=("previous", "maximum", "first-three"),
    )
    measurement_error: float | None = parameter(
        None, "error of measurement within a person, in points; without it the norms say", least=1e-9
    )
    reliability: float = parameter(
        0.7, "of change within a person, used where the norms state no error", least=0, most=0.999
    )
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=3, most=100)

    @property
    def needs_norms(self) -> bool:
        """Not where the error is given in points."""
        return self.measurement_error is None

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Compare every drop with its standard error; see `EpisodicCriterion.assess`."""
        from scipy.special import ndtr

        error = self._error(series, norms, higher_is_better=higher_is_better)[series.series_of]
        # the mean of three ratings carries a third of the error variance of one
        spread = error * np.sqrt(1 + 1 / FIRST if self.reference == "first-three" else 2)
        expected = self._expected(series)
        limit = expected - self.z * spread
        few = series.position < self.prior_ratings
        not_applicable = ~few & np.isnan(expected)
        return Assessment(
            met=series.value < limit,
            few=few,
            not_applicable=not_applicable,
            reason=coded(
                (not_applicable, Reason.PREVIOUS_NOT_RATED),
                (few, Reason.FEW_EARLIER_RATINGS),
                otherwise=Reason.PLAIN,
            ),
            expected=expected,
            spread=spread,
            limit=limit,
            p=ndtr((series.value - expected) / spread),
        )

    def _error(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Floats:
        """Error of measurement of one rating, per series."""
        if self.measurement_error is not None:
            return np.full(series.n_series, self.measurement_error)
        return error_within(priors_for(series, norms, higher_is_better=higher_is_better), self.reliability)

    def _expected(self, series: RatingSeries) -> Floats:
        if self.reference == "maximum":
            return highest_before(series)
        if self.reference == "first-three":
            return mean_of_first(series, FIRST)[series.series_of]
        return np.where(series.follows_directly, series.lagged(series.value), np.nan)
