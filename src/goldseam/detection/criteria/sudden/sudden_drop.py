"""Sudden drops of the alliance: the first two criteria of sudden gains, on a scale where higher is better."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Codes, Floats
from goldseam.detection.criteria.sudden.three_criteria import (
    Settings,
    criterion_1,
    criterion_2,
    criterion_3,
    critical_values,
)
from goldseam.detection.criteria.sudden.windows import STRIDE, Windows, rated_rows
from goldseam.detection.engine.codes import OnsetKind, Reason, Verdict
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.moments import moments_of
from goldseam.detection.engine.norms_and_minimum_drop import priors_for, required_minimum_drop
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

NO_SETTINGS = Settings(direction=1, cutoff=None, share=None, floor=np.zeros(1), critical_value=None)


@dataclass(frozen=True)
class SuddenDrop(EpisodicCriterion):
    """A drop from one session to the next, large in points and for this client, version 1."""

    id: ClassVar[str] = "sudden-drop"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a sudden drop from one session to the next"
    source: ClassVar[str] = "docs/methods/sudden-drop.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("cutoff", "errors", "range_share", "share")

    cutoff: float | None = parameter(None, "smallest drop in points; none: the next two", least=0)
    errors: float = parameter(1.96, "smallest drop in errors of a difference", least=0, most=10)
    range_share: float = parameter(0.1, "smallest drop as a share of the range", least=0, most=1)
    share: float = parameter(
        0.25, "smallest drop as a share of the height above the minimum", least=0, most=1
    )
    below_own_mean: bool = parameter(
        default=True, meaning="only below the mean of the earlier ratings", kind=bool
    )
    alpha: float = parameter(0.05, "two-tailed error rate of the label *stable*", least=1e-6, most=0.5)
    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Compare every rating with the session before; see `EpisodicCriterion.assess`."""
        windows = rated_rows(series, 1).all_windows(anchored_after=True)
        settings = self._settings(series, norms, higher_is_better=higher_is_better)
        mean = moments_of(series).mean_before
        parts = self._parts(mean, windows, settings)
        few = series.position < self.prior_ratings
        not_applicable = ~few & ~windows.observed
        met = np.all(
            [(codes == Verdict.MET) | (codes == Verdict.NOT_APPLIED) for codes in parts.values()], axis=0
        )
        absent = coded((few, Verdict.NOT_ENOUGH_DATA), otherwise=Verdict.NOT_APPLIED)
        return Assessment(
            met=met,
            few=few,
            not_applicable=not_applicable,
            reason=coded(
                (not_applicable, Reason.PREVIOUS_NOT_RATED),
                (few, Reason.FEW_EARLIER_RATINGS),
                otherwise=Reason.PLAIN,
            ),
            expected=windows.start,
            spread=np.full(len(few), np.nan),
            limit=self._limit(mean, windows, settings),
            parts={name: np.where(few | not_applicable, absent, codes) for name, codes in parts.items()},
        )

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        found = super().judge(series, norms, higher_is_better=higher_is_better)
        return replace(found, events=self._described(series, found.events))

    def _described(self, series: RatingSeries, events: "pl.DataFrame") -> "pl.DataFrame":
        """The events with the size of the drop and whether the new level was stable, by criterion 3."""
        import polars as pl

        rows = rated_rows(series, 1)
        owner, session = (events.get_column(name).to_numpy() for name in ("series", "onset_session"))
        windows = rows.windows_after(owner * STRIDE + session)
        third = criterion_3(windows, replace(NO_SETTINGS, critical_value=self._critical_values()))
        stable = pl.Series(third == Verdict.MET).set(
            pl.Series(third == Verdict.NOT_ENOUGH_DATA, dtype=pl.Boolean), None
        )
        return events.with_columns(
            onset_kind=pl.lit(OnsetKind.PRECIPITOUS.word),
            magnitude=pl.Series(windows.magnitude),
            stable=stable,
        )

    def _critical_values(self) -> Floats:
        return critical_values(alpha=self.alpha, adjust=True, fixed=0.0)

    def _parts(self, mean: Floats, windows: Windows, settings: Settings) -> dict[str, Codes]:
        below = coded((windows.end < mean, Verdict.MET), otherwise=Verdict.NOT_MET)
        if not self.below_own_mean:
            below = np.full(len(mean), Verdict.NOT_APPLIED, np.int8)
        return {
            "criterion_1": criterion_1(windows, settings),
            "criterion_2": criterion_2(windows, settings),
            "below_own_mean": below,
        }

    def _settings(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Settings:
        """A drop is a drop of the rating itself, which is what a gain is of a symptom score."""
        unknown = 0.0 if higher_is_better else np.nan
        floor = np.where(np.isnan(series.minimum), unknown, series.minimum)
        owner = series.series_of
        return Settings(
            direction=1,
            cutoff=self._smallest(series, norms, higher_is_better=higher_is_better)[owner],
            share=self.share,
            floor=floor[owner],
            critical_value=None,
        )

    def _smallest(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Floats:
        """The smallest drop that counts in points, per series."""
        if self.cutoff is not None:
            return np.full(series.n_series, self.cutoff)
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        return required_minimum_drop(series, priors, self.range_share, self.errors * np.sqrt(2), "cutoff")

    def _limit(self, mean: Floats, windows: Windows, settings: Settings) -> Floats:
        """The highest rating that would have been low enough in every way."""
        above = np.where(np.isnan(settings.floor), 0.0, self.share * (windows.start - settings.floor))
        cutoff = np.zeros(1) if settings.cutoff is None else settings.cutoff
        limit: Floats = windows.start - np.maximum(cutoff, above)
        if self.below_own_mean:
            limit = np.minimum(limit, mean)
        return limit
