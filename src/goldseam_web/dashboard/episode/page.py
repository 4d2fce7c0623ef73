"""The page of one episode, and the form that opens one by hand."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from goldseam_web.dashboard.case.page import EpisodeCard


@dataclass(frozen=True)
class Tap:
    """One thing that can be noted; pressed where it is."""

    what: str
    text: str
    pressed: bool


@dataclass(frozen=True)
class TapGroup:
    """What can be noted of one kind; of what was tried, in one session."""

    key: str
    title: str
    kind: str
    encounter: str
    taps: tuple[Tap, ...]


@dataclass(frozen=True)
class ColleagueWhoMayRead:
    id: uuid.UUID
    name: str
    reads: bool


@dataclass(frozen=True)
class OwnNote:
    written_at: datetime
    text: str


@dataclass(frozen=True)
class OutcomeRow:
    """Of the strains in which something was tried, how many were repaired and held, with the interval."""

    tried: str
    held: str
    share: str
    interval: str


@dataclass(frozen=True)
class OutcomesCard:
    """What was tried before repairs that held, over the clinic; only a sentence where there is too little."""

    sentence: str
    rows: tuple[OutcomeRow, ...]


@dataclass(frozen=True)
class EpisodePage:
    """``groups`` and what follows are for whoever treats the case; ``shared`` is what others let the reader read."""

    case_id: uuid.UUID
    case_title: str
    crumb: str
    sentence: str
    card: EpisodeCard
    mine: bool
    ends_it: bool
    is_open: bool
    groups: tuple[TapGroup, ...]
    earlier_groups: tuple[TapGroup, ...]
    colleagues: tuple[ColleagueWhoMayRead, ...]
    notes: tuple[OwnNote, ...]
    shared: tuple[str, ...]
    taken_up: tuple[str, ...]
    outcomes: OutcomesCard


@dataclass(frozen=True)
class ByHandPage:
    """Who and which session an episode that is opened by hand may be about."""

    case_id: uuid.UUID
    case_title: str
    has_ended: bool
    members: tuple[tuple[str, str], ...]
    sessions: tuple[tuple[str, str], ...]
