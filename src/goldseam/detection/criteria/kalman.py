"""Kalman criterion: a rating far below the level that a drifting-level filter predicts.

Local-level model with irregular time and clipped updates; Harvey (1989), *Forecasting, Structural Time Series Models
and the Kalman Filter*. See ``docs/methods/kalman.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Grade, Reason
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.norms_and_minimum_drop import priors_for
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

DAYS_PER_WEEK = 7


@dataclass(frozen=True, eq=False)
class LocalLevel:
    """Level before the first rating with its variance, and the variances of drift and noise; per series."""

    mean: Floats
    variance: Floats
    drift: Floats
    noise: Floats


@dataclass(frozen=True)
class Kalman(EpisodicCriterion):
    """Local level with irregular time, clipped, version 1."""

    id: ClassVar[str] = "kalman"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a rating far below the level a drifting-level filter predicts"
    source: ClassVar[str] = "docs/methods/kalman.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    graded: ClassVar[bool] = True

    probable: float = parameter(1.96, "predictive SDs below the prediction that count", least=0.1, most=10)
    marked: float = parameter(2.33, "predictive SDs below it that make an onset marked", least=0.1, most=10)
    clip: float = parameter(
        2.6, "predictive SDs below the prediction beyond which a rating moves the level no further", least=0.1
    )
    drift_share: float = parameter(
        0.075, "variance of the drift in a week, as a share of the variance within a person", least=0, most=1
    )
    noise_share: float = parameter(
        0.9, "variance of the noise, as a share of the variance within a person", least=0.01, most=1
    )
    mean: float | None = parameter(None, "level before the first rating, in points; none: from the norms")
    variance: float | None = parameter(None, "its variance, in points; none: from the norms", least=0)
    drift: float | None = parameter(
        None, "variance of the drift in a week, in points; none: by drift_share", least=0
    )
    noise: float | None = parameter(
        None, "variance of the noise, in points; none: by noise_share", least=1e-12
    )
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.marked < self.probable:
            given = f"probable {self.probable:g}, marked {self.marked:g}"
            raise ParameterError("thresholds out of order", given=given, allowed="probable at most marked")

    @property
    def needs_norms(self) -> bool:
        """Not where all that they say is given in points."""
        return None in self._given

    @property
    def _given(self) -> tuple[float | None, ...]:
        return (self.mean, self.variance, self.drift, self.noise)

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Predict every rating from the earlier ones; see `EpisodicCriterion.assess`."""
        from scipy.special import ndtr

        model = self._model(series, norms, higher_is_better=higher_is_better)
        expected, spread = self._filter(series, model)
        limit = expected - self.probable * spread
        few = series.position < self.prior_ratings
        met = series.value < limit
        marked = met & (series.value < expected - self.marked * spread)
        return Assessment(
            met=met,
            few=few,
            not_applicable=np.zeros_like(few),
            reason=coded((few, Reason.FEW_EARLIER_RATINGS), otherwise=Reason.PLAIN),
            expected=expected,
            spread=spread,
            limit=limit,
            p=ndtr((series.value - expected) / spread),
            grade=coded((marked, Grade.MARKED), (met, Grade.PROBABLE), otherwise=Grade.NONE),
            predicts_early=True,
        )

    def _model(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> LocalLevel:
        """What is given in points, else what the norms say; norms are not asked for what is given."""
        stated = [np.full(series.n_series, np.nan if each is None else each) for each in self._given]
        if not higher_is_better:
            stated[0] = -stated[0]
        if self.needs_norms:
            priors = priors_for(series, norms, higher_is_better=higher_is_better)
            within = priors.within_sd**2
            usual = (priors.mean, priors.between_sd**2, self.drift_share * within, self.noise_share * within)
            stated = [np.where(np.isnan(own), other, own) for own, other in zip(stated, usual, strict=True)]
        return LocalLevel(*stated)

    def _filter(self, series: RatingSeries, model: LocalLevel) -> tuple[Floats, Floats]:
        """Prediction of every rating and its SD, before the rating is seen."""
        order = series.by_length
        level, variance = model.mean[order], model.variance[order]
        drift, noise = model.drift[order], model.noise[order]
        weeks = weeks_since(series)
        expected, spread = np.empty((2, len(series.value)))
        for at in series.steps():
            active = len(at)
            level, drift, noise = level[:active], drift[:active], noise[:active]
            variance = variance[:active] + drift * weeks[at]
            total = variance + noise
            expected[at], spread[at] = level, np.sqrt(total)
            surprise = np.maximum(series.value[at] - level, -self.clip * spread[at])
            gain = variance / total
            level = level + gain * surprise
            variance = (1 - gain) * variance
        return expected, spread


def weeks_since(series: RatingSeries) -> Floats:
    """Weeks since the rating before: by the dates where both have one, else a week a session.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        1 for the first rating of a series; never below 0, whatever the dates say.
    """
    by_session = series.session - series.lagged(series.session.astype(np.float64))
    by_date = np.maximum(series.day - series.lagged(series.day), 0) / DAYS_PER_WEEK
    weeks = np.where(np.isnan(by_date), by_session, by_date)
    return np.where(np.isnan(weeks), 1.0, weeks)
