"""Cases that are slipping away: no next appointment, two in a row that did not take place, or nobody there for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from goldseam_web.cases.models import Encounter, EncounterState

LONG = timedelta(days=28)
GAPS_FOR_USUAL = 3
IN_A_ROW = 2


class Slipping(StrEnum):
    """In the order in which the first that applies is said."""

    NO_NEXT = "no_next"
    NOT_HELD_TWICE = "not_held_twice"
    LONG_AGO = "long_ago"


@dataclass(frozen=True)
class SlippingAway:
    """Why a case needs a look, and the day of the session that took place last (None: there was none yet)."""

    why: Slipping
    since: date | None


def slipping_away(encounters: Sequence[Encounter], *, at: datetime, zone: ZoneInfo) -> SlippingAway | None:
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


def long_after(held: Sequence[Encounter]) -> timedelta:
    """How long after the last session of a case a gap is long."""
    gaps = [(after.starts_at - before.starts_at).total_seconds() for before, after in pairwise(held)]
    return max(LONG, timedelta(seconds=2 * median(gaps))) if len(gaps) >= GAPS_FOR_USUAL else LONG
