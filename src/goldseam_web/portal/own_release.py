"""What a client can do with their own answers behind their word: let them be looked at together, or take that back.

It stands on their own page alone, and says the same whatever the others, or who treats them, have done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core import signing
from django.http import HttpRequest

from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.own_course import OwnSeries
from goldseam_web.measures.released_ratings import SHOWN_TOGETHER
from goldseam_web.measures.services.joint_releases import (
    StandingRelease,
    may_release,
    release_up_to,
    take_release_back,
)
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.times_in_words import written_day

YES, NO = "yes", "no"
MAY = "No yes of yours stands now. What you can say yes to ends with the session of {day}."
RELEASED = "You have said yes, up to the session of {day}."
AGAIN = "Say yes again, up to the session of {day}"


@dataclass(frozen=True)
class OwnRelease:
    """``mine`` is the proof that their word opened this page: it does one thing once, for some minutes."""

    url: str
    mine: str
    says: str
    released: bool
    again: str
    start_url: str


def own_release(link: OpenedLink, series: Sequence[OwnSeries], released: date | None) -> OwnRelease | None:
    """None where nobody would look at it with them, or there is nothing of theirs to look at."""
    sessions = [one for each in series if each.scale in SHOWN_TOGETHER for one in each.sessions]
    if not sessions or not may_release(link.member, link.occasion.case):
        return None
    last = max(sessions)
    return _part(link, last.id, last.day, released)


def changed_release(request: HttpRequest, link: OpenedLink) -> OwnRelease | None:
    """What was asked for is done, and what holds then; None where the form is another's, was sent before, or is old."""
    try:
        mine = _signer(link).unsign(request.POST.get("mine", ""), max_age=JUST_NOW)
    except signing.BadSignature:
        return None
    moment, session, day = mine.split(" ")
    opened_at, session_id = datetime.fromisoformat(moment), UUID(session)
    standing: StandingRelease | None = None
    if request.POST.get("together") == YES:
        standing = release_up_to(member=link.member, session_id=session_id, opened_at=opened_at, at=link.at)
    elif request.POST.get("together") == NO:
        standing = take_release_back(member=link.member, opened_at=opened_at)
    return _part(link, session_id, date.fromisoformat(day), standing.day) if standing else None


def _part(link: OpenedLink, session_id: UUID, day: date, released: date | None) -> OwnRelease:
    says = (
        MAY.format(day=written_day(day)) if released is None else RELEASED.format(day=written_day(released))
    )
    moment = link.at.isoformat(timespec="microseconds")
    mine = _signer(link).sign(f"{moment} {session_id} {day.isoformat()}")
    again = AGAIN.format(day=written_day(day))
    return OwnRelease(link.url("own"), mine, says, released is not None, again, link.url("start"))


def _signer(link: OpenedLink) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"goldseam.portal.together.{link.member.pk}")
