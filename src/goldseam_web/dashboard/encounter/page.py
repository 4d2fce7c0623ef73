"""Planning a session, its links, and the therapist's own two statements."""

import uuid
from dataclasses import dataclass

from goldseam_web.dashboard.signal.changed import ChangedCard


@dataclass(frozen=True)
class Request:
    """What one member is asked, and how far it is. ``state`` and ``mail`` are empty while a client may look.

    ``mail`` says what became of the mail that asks. ``ways_url`` leads to where safe ways
    are kept, for somebody whose are not known or no longer right.
    """

    name: str
    asked: str
    window: str
    state: str
    mail: str
    ways_url: str
    url: str
    can_show: bool
    # What came after the first answers; None where nothing did, and while a client may look.
    changed: ChangedCard | None = None
    # Whether somebody was there as it was answered, in words, and the tap that says so or takes it back.
    in_company: str = ""
    company_url: str = ""
    company_act: str = ""
    company_tap: str = ""


@dataclass(frozen=True)
class Attendee:
    id: uuid.UUID
    name: str
    away: bool


@dataclass(frozen=True)
class EncounterPage:
    title: str
    case_id: uuid.UUID
    case_title: str
    case_url: str
    when: str
    status: str
    mine: bool
    can_end: bool
    ended: bool
    attendees: tuple[Attendee, ...]
    requests: tuple[Request, ...]
    guess_url: str
    url: str
    correct_url: str
    cancel_url: str
    restore_url: str
    next_week_url: str
    in_room: bool


@dataclass(frozen=True)
class LinkPage:
    """One member's link and nothing about anybody else."""

    name: str
    title: str
    asked: str
    window: str
    link: str
    qr_size: int
    qr_path: str
    usable: bool
    why_not: str
    mail: str
    can_mail: bool
    back_url: str
    url: str


@dataclass(frozen=True)
class PlanPage:
    case_title: str
    case_url: str
    title: str
    members: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True)
class CorrectionPage:
    case_title: str
    case_url: str
    title: str
    session_title: str
    session_url: str
    attendees: tuple[Attendee, ...]
    took_place: bool
    of_series: bool


@dataclass(frozen=True)
class GuessItem:
    key: str
    statement: str
    values: tuple[int, ...]
    lowest: str
    highest: str


@dataclass(frozen=True)
class GuessPage:
    case_title: str
    case_url: str
    session: str
    items: tuple[GuessItem, ...]
    url: str
