"""What is known of a case, as far as its state depends on it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from goldseam_web.alerts.models import AcknowledgeChoice, EpisodeStatus, OnsetKind, RepairDoubt, SignalKind


class Relation(StrEnum):
    THERAPIST = "therapist"
    WITHIN = "within"
    GOALS = "goals"


class Asked(StrEnum):
    """What became of asking a member about a session. Nobody's silence is a good rating."""

    RATED = "rated"
    SKIPPED = "skipped"
    LATE = "late"
    ASKED = "asked"
    NOT_ASKED = "not_asked"  # who was away is not asked either


@dataclass(frozen=True)
class RatingFacts:
    """A member's rating of one relation at one held session, or why there is none.

    ``usual_low`` and ``usual_high`` hold the central 80% of what was expected; None where nothing could be judged.
    ``closes_at`` is the end of the window of whoever was asked. ``tension`` is the answer to the direct question.
    """

    session: int
    asked: Asked
    value: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    earlier: int = 0
    closes_at: datetime | None = None
    tension: str = ""

    def is_open(self, at: datetime) -> bool:
        """Whether an answer may still come."""
        return self.asked == Asked.ASKED and self.closes_at is not None and self.closes_at > at

    @property
    def is_given(self) -> bool:
        return self.asked == Asked.RATED and self.value is not None


@dataclass(frozen=True)
class FindingFacts:
    """A signal with what people did about it; ``plans`` counts how often it was planned for a session."""

    id: uuid.UUID
    kind: SignalKind
    relation: Relation
    session: int | None
    raised_at: datetime
    unopened: bool
    choice: AcknowledgeChoice | None = None
    chosen_at: datetime | None = None
    plans: int = 0
    strain: uuid.UUID | None = None
    cut_off: float | None = None


@dataclass(frozen=True)
class StrainFacts:
    """An episode as far as its state depends on it; ``by_hand``: seen in the room, so that no rating ends it."""

    id: uuid.UUID
    relation: Relation
    status: EpisodeStatus
    onset: int | None
    onset_kind: OnsetKind = OnsetKind.PRECIPITOUS
    baseline: float | None = None
    nadir: float | None = None
    repair: int | None = None
    confirmed: bool = False
    client_said: bool = False
    mended: bool = False
    contradicted: bool = False
    doubt: RepairDoubt | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class MemberFacts:
    """What is known of one member. Findings are newest first, ratings oldest first.

    ``of_anyone``: where two therapists are rated by turns, the ratings of whichever of them was named.
    """

    id: uuid.UUID
    ratings: Mapping[Relation, Sequence[RatingFacts]] = field(default_factory=dict)
    findings: Sequence[FindingFacts] = ()
    strains: Sequence[StrainFacts] = ()
    is_asked: bool = True
    has_left: bool = False
    of_anyone: Sequence[RatingFacts] = ()

    def given(self, relation: Relation) -> list[RatingFacts]:
        """The ratings there are, in time and with a value."""
        return [rating for rating in self.ratings.get(relation, ()) if rating.is_given]

    def latest(self, relation: Relation) -> RatingFacts | None:
        return next(reversed(self.given(relation)), None)


@dataclass(frozen=True)
class CaseFacts:
    """The members of a case, when its held sessions ended, and when those that are planned will have ended."""

    members: Sequence[MemberFacts]
    ended_at: Sequence[datetime] = ()
    planned_to_end: Sequence[datetime] = ()

    @property
    def sessions(self) -> int:
        return len(self.ended_at)

    def sessions_since(self, moment: datetime | None) -> int:
        return sum(moment is None or ended > moment for ended in self.ended_at)
