"""One rater's series as the rules are given it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from goldseam_web.cases.models import Encounter, Member
from goldseam_web.measures.models import Score, Series


@dataclass(frozen=True)
class Ratings:
    """One rater's series as detection sees it: one row per attended session, with or without a rating."""

    series: Series
    rater: Member
    encounters: tuple[Encounter, ...]
    sessions: tuple[int, ...]
    scores: Mapping[uuid.UUID, Score]

    def value(self, encounter: Encounter) -> float | None:
        score = self.scores.get(encounter.id)
        return score.value if score else None

    @cached_property
    def by_session(self) -> dict[int, Encounter]:
        return dict(zip(self.sessions, self.encounters, strict=True))

    @cached_property
    def table(self) -> pl.DataFrame:
        """The table that ``goldseam.detect`` takes."""
        some = next(iter(self.scores.values()))
        return pl.DataFrame(
            {
                "case": str(self.series.case_id),
                "rater": str(self.rater.id),
                "scale": self.series.scale,
                "phase": self.series.phase,
                "session": self.sessions,
                "value": pl.Series([self.value(e) for e in self.encounters], dtype=pl.Float64),
                "minimum": some.minimum,
                "maximum": some.maximum,
            }
        )
