"""Cases and members slipping away: no next appointment, two in a row not held or missed, or not there for long."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from goldseam_web.cases.models import EncounterState, Member

LONG = timedelta(days=28)
GAPS_FOR_USUAL = 3
IN_A_ROW = 2


class Slipping(StrEnum):
    """In the order in which the first that applies is said."""

    NO_NEXT = "no_next"
    NOT_HELD_TWICE = "not_held_twice"
    LONG_AGO = "long_ago"


class Appointment(Protocol):
    """What is asked of an appointment here."""

    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class AppointmentOfCase(Appointment, Protocol):
    """One of a case, known by its id."""

    @property
    def pk(self) -> uuid.UUID: ...


class OwnAppointment(NamedTuple):
    """An appointment as one member has it: what they missed is to them what was cancelled."""

    state: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class SlippingAway:
    """Why a case or member needs a look, and the day they last had a session (None: there was none yet)."""

    why: Slipping
    since: date | None


def slipping_away(encounters: Sequence[Appointment], *, at: datetime, zone: ZoneInfo) -> SlippingAway | None:
    """What the appointments of one open case say, the cancelled ones among them, oldest first; None if all is well.

    A session is long ago after 28 days, or after twice the usual gap (median of the gaps so far, once there are three)
    where that is longer. A case that was just opened, without any appointment yet, is not slipping.
    """
    held = [e for e in encounters if e.state == EncounterState.HELD]
    ahead = [e for e in encounters if e.state == EncounterState.PLANNED and e.ends_at > at]
    past = [e for e in encounters if e.starts_at <= at or e.state == EncounterState.CANCELLED]
    last = held[-1].starts_at.astimezone(zone).date() if held else None
    if past and not ahead:
        return SlippingAway(Slipping.NO_NEXT, last)
    latest = [e.state for e in past[-IN_A_ROW:]]
    if latest == [EncounterState.CANCELLED] * IN_A_ROW:
        return SlippingAway(Slipping.NOT_HELD_TWICE, last)
    if held and at - held[-1].ends_at > long_after(held):
        return SlippingAway(Slipping.LONG_AGO, last)
    return None


def long_after(held: Sequence[Appointment]) -> timedelta:
    """How long after the last session of a case a gap is long."""
    gaps = [(after.starts_at - before.starts_at).total_seconds() for before, after in pairwise(held)]
    return max(LONG, timedelta(seconds=2 * median(gaps))) if len(gaps) >= GAPS_FOR_USUAL else LONG


def own_appointments(
    member: Member,
    encounters: Sequence[AppointmentOfCase],
    away: Mapping[uuid.UUID, frozenset[uuid.UUID]],
    *,
    zone: ZoneInfo,
) -> list[OwnAppointment]:
    """The appointments of a case as one member has them, since they joined; ``away``: by encounter, who was not there.

    One that was held without them is missed; one ahead that does not expect them is none of theirs.
    """
    own = []
    for one in encounters:
        missed = member.pk in away.get(one.pk, ())
        if one.starts_at.astimezone(zone).date() < member.joined_on or (
            missed and one.state == EncounterState.PLANNED
        ):
            continue
        state = EncounterState.CANCELLED if missed else one.state
        own.append(OwnAppointment(state, one.starts_at, one.ends_at))
    return own


def taking_part(members: Iterable[Member]) -> list[Member]:
    """Who has not left and does not rest."""
    return [member for member in members if member.left_on is None and member.paused_on is None]
