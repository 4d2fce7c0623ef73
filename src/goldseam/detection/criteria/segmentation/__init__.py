"""Segmentation criterion: the whole course is divided into levels, and a lower one is a dip or a shift.

See ``docs/methods/segmentation.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.segmentation.low_stretches import LowStretches, low_stretches
from goldseam.detection.criteria.segmentation.partition import Segments, partition
from goldseam.detection.engine.codes import Reason, Status, Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.episodes import (
    LATER_RATINGS_NEEDED,
    events_table,
    onset_kinds,
    unrepaired_status,
)
from goldseam.detection.engine.episodic import Assessment, findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import minimum_drop, priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

PATTERNS = ("dip", "low period", "low end", "shift")


@dataclass(frozen=True)
class Segmentation(Criterion):
    """Exact least-squares segmentation, and dips told from shifts, version 1."""

    id: ClassVar[str] = "segmentation"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "the course divided into levels, with a lower one that is a dip or a shift"
    source: ClassVar[str] = "docs/methods/segmentation.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 6
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("penalty",)

    penalty: float = parameter(
        2.0, "price of a change of level, in variances times log n", least=0.01, most=100
    )
    sd: float | None = parameter(None, "the SD within a person in points; none: from the norms", least=1e-9)
    drop: float | None = parameter(
        None, "smallest difference of two levels, in points; none: by gate_share and gate_errors", least=0
    )
    gate_share: float = parameter(
        0.05, "smallest difference of two levels, as a share of the range", least=0, most=1
    )
    gate_errors: float = parameter(
        1.28, "smallest difference of two levels, in errors of measurement", least=0, most=10
    )
    shortest_segment: int = parameter(1, "fewest ratings of a level", kind=int, least=1, most=100)
    longest_dip: int = parameter(3, "most sessions of a dip", kind=int, least=1, most=100)
    recovered: float = parameter(0.75, "share of the fall regained at a repair", least=0, most=1)
    minimum_ratings: int = parameter(6, "ratings a series needs", kind=int, least=3, most=1000)

    @property
    def needs_norms(self) -> bool:
        """Not where all that they say is given in points."""
        return self.sd is None or self.drop is None

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Divide every course; see `Criterion.judge`."""
        sd, smallest = self._sizes(series, norms, higher_is_better=higher_is_better)
        enough = series.lengths >= self.minimum_ratings
        segments = partition(series, enough, sd, penalty=self.penalty, shortest=self.shortest_segment)
        lows = low_stretches(segments, smallest)
        assessed = self._assess(series, segments, lows, sd[series.series_of], ~enough[series.series_of])
        events = self._events(series, lows, assessed)
        return findings_from(
            assessed, events.with_columns(level=events["level"] * (1 if higher_is_better else -1))
        )

    def _sizes(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> tuple[Floats, Floats]:
        """SD within a person and the smallest difference of two levels; norms are not asked for what is given."""
        sd, smallest = (
            np.full(series.n_series, np.nan if each is None else each) for each in (self.sd, self.drop)
        )
        if self.needs_norms:
            priors = priors_for(series, norms, higher_is_better=higher_is_better)
            sd = priors.within_sd if self.sd is None else sd
            by_norms = minimum_drop(priors, self.gate_share, self.gate_errors)
            smallest = by_norms if self.drop is None else smallest
        return sd, smallest

    def _assess(
        self, series: RatingSeries, segments: Segments, lows: LowStretches, spread: Floats, few: Flags
    ) -> Assessment:
        """A low rating is compared with the level before the drop, any other belongs to its own."""
        inside = lows.inside(len(few))
        low = inside >= 0
        expected = segments.mean[segments.number]
        expected[low] = lows.baseline[inside[low]]
        parts = {"criterion_1": np.where(low, Verdict.MET, Verdict.NOT_MET)}
        for name, flags in (("criterion_2", lows.returned), ("criterion_3", self._short(series, lows))):
            parts[name] = np.full(len(few), Verdict.NOT_APPLIED)
            parts[name][low] = np.where(flags, Verdict.MET, Verdict.NOT_MET)[inside[low]]
        return Assessment(
            met=low,
            few=few,
            not_applicable=np.zeros_like(few),
            reason=coded((few, Reason.SERIES_TOO_SHORT), otherwise=Reason.PLAIN),
            expected=expected,
            spread=spread,
            limit=np.full(len(few), np.nan),
            parts={
                name: np.where(few, Verdict.NOT_ENOUGH_DATA, codes).astype(np.int8)
                for name, codes in parts.items()
            },
        )

    def _short(self, series: RatingSeries, lows: LowStretches) -> Flags:
        short: Flags = series.session[lows.last] - series.session[lows.first] < self.longest_dip
        return short

    def _events(self, series: RatingSeries, lows: LowStretches, assessed: Assessment) -> "pl.DataFrame":
        """One row per low stretch."""
        import polars as pl

        status = self._status(lows)
        repaired = status == Status.REPAIRED
        nadir = _lowest(series, lows)
        after = np.minimum(lows.last + 1, len(series.value) - 1)
        record = {
            "index": lows.series,
            "status": status,
            "onset_session": series.session[lows.first],
            "kind": onset_kinds(series, assessed.expected, assessed.spread, lows.first)[lows.first],
            "grade": np.zeros(len(status), np.int8),
            "baseline": lows.baseline,
            "value": series.value[lows.first],
            "p": np.full(len(status), np.nan),
            "nadir": series.value[nadir],
            "nadir_session": series.session[nadir],
            "spread": assessed.spread[lows.first],
            "best_recovery": lows.recovery,
            "candidate_session": series.session[after],
            "last_session": series.session[np.where(repaired, after, lows.last)],
            "later_ratings": lows.last - lows.first + repaired,
            "level": _means(series, lows),
            "pattern": np.array(PATTERNS, dtype=object)[~self._short(series, lows) + 2 * ~lows.returned],
        }
        events = events_table([record], np.arange(series.n_series), ("level", "pattern"))
        return events.with_columns(
            pl.col("pattern").cast(pl.String), p=pl.lit(None, pl.Float64), grade=pl.lit(None, pl.String)
        )

    def _status(self, lows: LowStretches) -> Codes:
        back = np.where(lows.returned, lows.recovery, 0.0)
        repaired = lows.returned & (back >= self.recovered)
        decided = lows.returned | (lows.last - lows.first >= LATER_RATINGS_NEEDED)
        other = np.where(decided, unrepaired_status(back), Status.INDETERMINATE)
        return np.where(repaired, np.int8(Status.REPAIRED), other).astype(np.int8)


def _inside(series: RatingSeries, lows: LowStretches) -> tuple[Integers, Integers]:
    """Places of all low ratings, and the stretch each is part of."""
    inside = lows.inside(len(series.value))
    at = np.flatnonzero(inside >= 0)
    return at, inside[at]


def _lowest(series: RatingSeries, lows: LowStretches) -> Integers:
    """Place of the lowest rating of each stretch, the first of equals."""
    at, low = _inside(series, lows)
    order = np.lexsort((at, series.value[at], low))
    return at[order[np.searchsorted(low, np.arange(len(lows.first)))]]


def _means(series: RatingSeries, lows: LowStretches) -> Floats:
    """Mean of the ratings of each stretch."""
    at, low = _inside(series, lows)
    total = np.bincount(low, series.value[at], minlength=len(lows.first))
    mean: Floats = total / (lows.last - lows.first + 1)
    return mean
