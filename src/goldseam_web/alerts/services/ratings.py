"""One rater's series as the rules are given it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from goldseam import RatingSeries, SeriesName, single_series
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
    def course(self) -> RatingSeries:
        """The series that ``goldseam.detect`` takes."""
        some = next(iter(self.scores.values()))
        name = SeriesName(str(self.series.case_id), str(self.rater.id), self.series.scale, self.series.phase)
        values = [self.value(encounter) for encounter in self.encounters]
        return single_series(name, self.sessions, values, minimum=some.minimum, maximum=some.maximum)
