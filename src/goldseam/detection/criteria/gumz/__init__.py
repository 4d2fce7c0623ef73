"""Gumz criteria: falls of one or more sessions, strict and lenient, in five patterns of fall and rise.

See ``docs/methods/gumz-strict.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.gumz.declines import Declines, Rises, declines_of, patterns_of, rises_after
from goldseam.detection.engine.codes import Shape, Status
from goldseam.detection.engine.criterion import Criterion, coded, parameter, words
from goldseam.detection.engine.drop_episodes import assess_drops
from goldseam.detection.engine.episodes import LATER_RATINGS_NEEDED, shapes
from goldseam.detection.engine.episodic import findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING
from goldseam.detection.engine.reference_levels import SD_KINDS, previous_rating, reference_sd
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Gumz(Criterion):
    """A run of falling ratings that loses so many SDs."""

    version: ClassVar[int] = 1
    source: ClassVar[str] = "Gumz et al. (2012), BMC Med Res Methodol 12:10"
    confidence: ClassVar[str] = "B"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 8
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("sds",)

    sds: float = parameter(2.0, "smallest fall in SDs", least=0.1, most=10)
    sd: str = parameter("stricter", "whose SD; stricter is the larger of own and pooled", choices=SD_KINDS)
    tolerance: float = parameter(0.25, "share of the fall that may be missing after a rise", least=0, most=1)
    minimum_ratings: int = parameter(8, "ratings a series needs", kind=int, least=3, most=1000)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        spread = reference_sd(series, norms, self.sd, higher_is_better=higher_is_better)
        long_enough = series.lengths >= self.minimum_ratings
        found = declines_of(series)
        spread_of_rating = spread[series.series_of]
        assessed = assess_drops(
            series,
            self._expected(series, found),
            self.sds * spread_of_rating,
            spread_of_rating,
            self.minimum_ratings,
        )
        large = found.magnitude >= self.sds * spread[found.series] - ROUNDING
        kept = found.only(large & long_enough[found.series] & (spread[found.series] > 0))
        rises = rises_after(series, kept, self.tolerance)
        return findings_from(assessed, _events(series, kept, rises, spread))

    def _expected(self, series: RatingSeries, found: Declines) -> Floats:
        """Each rating is compared with the one its decline began from, else with the one before."""
        expected = previous_rating(series)
        inside = found.inside(len(expected))
        declining = inside >= 0
        expected[declining] = found.baseline[inside[declining]]
        return expected


def _events(series: RatingSeries, runs: Declines, rises: Rises, spread: Floats) -> "pl.DataFrame":
    """One row per decline that is large enough."""
    import polars as pl

    session, value = series.session, series.value
    back = rises.at >= 0
    onset = session[runs.first]
    end = np.where(back, session[rises.at], session[rises.last] + 1)
    duration = end - onset
    decided = back | rises.followed | (rises.later >= LATER_RATINGS_NEEDED)
    status = coded((back, Status.REPAIRED), (decided, Status.UNREPAIRED), otherwise=Status.INDETERMINATE)
    rated = np.where(back, rises.at, rises.last + 1) - runs.first
    lost = runs.magnitude
    gained = rises.highest - value[runs.nadir]
    return pl.DataFrame(
        {
            "series": runs.series,
            "onset_session": onset,
            "baseline": runs.baseline,
            "value": value[runs.first],
            "depth": lost,
            "depth_z": lost / spread[runs.series],
            "nadir_session": session[runs.nadir],
            "nadir": value[runs.nadir],
            "status": words(status, Status),
            "repair_session": pl.Series(end).set(pl.Series(~back, dtype=pl.Boolean), None),
            "duration": duration,
            "shape": words(shapes(status, duration), Shape),
            "spread": spread[runs.series],
            "last_session": session[np.where(back, rises.at, rises.last)],
            "recovery": gained / lost,
            "duration_is_minimum": duration > rated,
            "pattern": pl.Series(patterns_of(series, runs, rises).astype(object), dtype=pl.String),
            "fall_sessions": session[runs.nadir] - session[runs.first] + 1,
            "rise_sessions": pl.Series(end - session[runs.last]).set(
                pl.Series(~back, dtype=pl.Boolean), None
            ),
        }
    )


@dataclass(frozen=True)
class GumzStrict(Gumz):
    """Falls of two SDs, version 1."""

    id: ClassVar[str] = "gumz-strict"
    title: ClassVar[str] = "a fall of 2 SD over one session or more"


@dataclass(frozen=True)
class GumzLenient(Gumz):
    """Falls of one SD, version 1."""

    id: ClassVar[str] = "gumz-lenient"
    title: ClassVar[str] = "a fall of 1 SD over one session or more"

    sds: float = parameter(1.0, "smallest fall in SDs", least=0.1, most=10)
