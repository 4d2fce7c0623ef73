"""Predictive criterion: a rating below what this person's own earlier ratings, and the norms, lead one to expect.

The formulas and the choices behind them are in ``docs/methods/predictive-1.md``.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criterion import (
    MET,
    NOT_ENOUGH_DATA,
    NOT_MET,
    Bounds,
    Criterion,
    Findings,
    parameter,
)
from goldseam.detection.predictive_1.walk import Trace, Walk
from goldseam.detection.priors import Priors, priors_for
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

USUAL_TAIL = 0.1


@dataclass(frozen=True)
class Predictive(Criterion):
    """Hierarchical discounted predictive t, version 1."""

    id: ClassVar[str] = "predictive"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a rating below what the person's own earlier ratings lead one to expect"
    source: ClassVar[str] = "docs/methods/predictive-1.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    graded: ClassVar[bool] = True

    watch: float = parameter(0.05, "p below which a rating is watched", least=1e-6, most=0.5)
    probable: float = parameter(0.025, "p below which an episode opens", least=1e-6, most=0.5)
    marked: float = parameter(0.01, "p below which an onset is marked", least=1e-6, most=0.5)
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)
    gate_share: float = parameter(0.05, "smallest drop that counts, as a share of the range", least=0, most=1)
    gate_errors: float = parameter(
        1.28, "smallest drop that counts, in errors of measurement", least=0, most=10
    )
    recovered: float = parameter(0.75, "share of the fall regained at a repair", least=0.5, most=1)
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
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        gate = self._smallest_drop(priors)
        trace = Trace.empty(len(series.value))
        events = Walk(self, series, priors, gate, trace).run()
        return Findings(
            verdict=trace.verdict,
            grade=trace.grade,
            reason=trace.reason,
            expected=trace.expected,
            spread=trace.spread,
            degrees_of_freedom=trace.degrees_of_freedom,
            p=trace.p,
            events=events,
            bounds=partial(_bounds, self, series, priors, gate, trace),
        )

    def _smallest_drop(self, priors: Priors) -> Floats:
        """The gate of each series: 0 where the range is unknown, for gates are then not applied."""
        share = self.gate_share * (priors.maximum - priors.minimum)
        errors = self.gate_errors * priors.measurement_error
        gate: Floats = np.where(np.isnan(share), 0.0, np.fmax(share, errors))
        return gate


def _bounds(rule: Predictive, series: RatingSeries, priors: Priors, gate: Floats, trace: Trace) -> Bounds:
    """The limit by quantile and gate, and the central 80% of the predictive distribution within the range."""
    from scipy.special import stdtrit

    degrees, inverse = np.unique(trace.degrees_of_freedom, return_inverse=True)

    def quantile(tail: float) -> Floats:
        above: Floats = trace.spread * stdtrit(degrees, tail)[inverse]
        return trace.expected + above

    owner = series.series_of
    by_chance = np.where(trace.watched_before, quantile(rule.watch), quantile(rule.probable))
    limit = np.minimum(by_chance, trace.expected - gate[owner])
    judged = (trace.verdict == MET) | (trace.verdict == NOT_MET)
    known = trace.verdict != NOT_ENOUGH_DATA
    low, high = quantile(USUAL_TAIL), quantile(1 - USUAL_TAIL)
    return Bounds(
        limit=np.where(judged, limit, np.nan),
        usual_low=np.where(known, np.fmax(low, priors.minimum[owner]), np.nan),
        usual_high=np.where(known, np.fmin(high, priors.maximum[owner]), np.nan),
    )


CRITERIA = (Predictive,)
