"""What the pages of members and of a case's end show."""

import uuid
from dataclasses import dataclass

from goldseam_web.dashboard.participation.consent_card import ConsentCard


@dataclass(frozen=True)
class MemberCard:
    """``can_rest``: they are asked, or may be asked again, so that a reason to rest can be noted."""

    position: int
    name: str
    state: str
    consent: str
    acts: tuple[tuple[str, str], ...]
    can_rest: bool


@dataclass(frozen=True)
class MembersPage:
    """``look_again_on`` is the day that the form proposes, as the field wants it."""

    case_title: str
    case_id: uuid.UUID
    look_again_on: str
    members: tuple[MemberCard, ...]


@dataclass(frozen=True)
class PersonPage:
    """``shared``: somebody in a case with this person has the same mailbox."""

    case_title: str
    case_id: uuid.UUID
    name: str
    position: int
    asked: str
    email: str
    phone: str
    shared: bool
    consent: ConsentCard
    idea: str
    chosen_idea: str
    ideas: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TherapistCard:
    """One who treats the case; ``part`` says as what and from when to when."""

    key: str
    name: str
    part: str
    can_end: bool


@dataclass(frozen=True)
class TherapistsPage:
    case_title: str
    case_id: uuid.UUID
    therapists: tuple[TherapistCard, ...]
    colleagues: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OpenLine:
    """Something that is still open in a case, and where it is opened."""

    text: str
    url: str


@dataclass(frozen=True)
class EndingPage:
    """``ended`` and ``last_phase`` are sentences; empty where neither is so. ``open`` is what nobody has done with."""

    case_title: str
    case_id: uuid.UUID
    ended: str
    last_phase: str
    reasons: tuple[tuple[str, str], ...]
    open: tuple[OpenLine, ...] = ()


@dataclass(frozen=True)
class DoubleCard:
    """One entry of a person as it is laid beside another. ``because`` says what the two share."""

    key: str
    name: str
    case: str
    email: str
    phone: str
    asked: str
    because: str


@dataclass(frozen=True)
class MergeLine:
    key: str
    text: str


@dataclass(frozen=True)
class DoublesPage:
    case_id: uuid.UUID
    case_title: str
    position: int
    name: str
    mine: DoubleCard
    candidates: tuple[DoubleCard, ...]
    merges: tuple[MergeLine, ...]
