"""Signed links, and what stands behind one: whether it works now, and what may still be changed through it.

A link is the occasion's id and its nonce, so that it can be taken back and shown again.
"""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import OuterRef, Q, Subquery

from goldseam_web.accounts.models import FormsMeanwhile, Leave
from goldseam_web.cases.consent_tables import ConsentText, Purpose
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.models import Member, RecordState
from goldseam_web.measures.link_facts import CareConsent, LinkFacts, consent_said, facts_behind
from goldseam_web.measures.models import Answer, Occasion, OccasionState, Response, ResponseState
from goldseam_web.measures.own_measures import TENSION_CLEARLY

# Nobody is cut off in the middle: an answer within this time of the last one is still taken.
ACTIVE_HAND = timedelta(hours=2)

_SIGNER = signing.Signer(sep="~", salt="goldseam.occasion")


def token_of(occasion: Occasion) -> str:
    """The part of the link after ``/c/``. It holds no name and nothing that says what it is about."""
    short_id = base64.urlsafe_b64encode(occasion.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{occasion.nonce}")


def behind(token: str) -> tuple[uuid.UUID, str] | None:
    """Which request a link was made for, and its nonce; None if it was altered. Nothing is read for it."""
    try:
        short_id, nonce = _SIGNER.unsign(token).split(".", 1)
        return uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "==")), nonce
    except (signing.BadSignature, ValueError, binascii.Error):
        return None


def facts_of_link(*, token: str) -> LinkFacts | None:
    """The request a client's link was made for, with all it stands on. The link itself is the permission.

    None if it was altered, taken back, or never existed. A cancelled one is found too: whoever holds its link is told
    so kindly.
    """
    found = behind(token)
    return facts_behind(*found) if found else None


def occasion_behind(*, token: str) -> Occasion | None:
    """The request alone."""
    facts = facts_of_link(token=token)
    return facts.occasion if facts else None


class LinkState(StrEnum):
    """Ended: the right behind it is gone for good. Paused: nothing is asked of the member at present."""

    ENDED = "ended"
    PAUSED = "paused"
    NOT_YET = "not_yet"
    OPEN = "open"
    DONE = "done"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class LinkThen:
    """A link once a form was read: what it stands on and its state now; ``state`` is *done* if that completed it."""

    facts: LinkFacts
    state: LinkState


def link_state(
    occasion: Occasion, response: Response | None, *, at: datetime, facts: LinkFacts | None = None
) -> LinkState:
    """Whether the link can be used now. Begun forms stay open while somebody is at work on them.

    Those nobody has begun rest while the therapist they are about is away, where the clinic chose so. A form that was
    sent is *done* until its window closes; after that, and wherever the right is lost, its link answers as any other
    does, so that nobody learns from it that the form was sent.
    ``facts`` are those of this occasion where they were read together; otherwise each is read when it is needed.
    """
    lost = lost_right(occasion, at=at, consent=facts.consent if facts else None)
    is_sent = response is not None and response.state in (ResponseState.COMPLETED, ResponseState.AMENDED)
    if lost is not None or occasion.state == OccasionState.CANCELLED:
        return lost or LinkState.CANCELLED
    if (response is None or is_sent) and _rests_while_away(occasion, _today(occasion, at), facts):
        return LinkState.PAUSED
    if is_sent:
        return LinkState.DONE if at <= occasion.closes_at else LinkState.OVER
    if at < occasion.opens_at:
        return LinkState.NOT_YET
    return LinkState.OPEN if _takes_answers(occasion, response, at, facts) else LinkState.OVER


def _takes_answers(
    occasion: Occasion, response: Response | None, at: datetime, facts: LinkFacts | None
) -> bool:
    if at <= occasion.closes_at and occasion.state in (OccasionState.WAITING, OccasionState.PARTLY_ANSWERED):
        return True
    if response is None or response.state != ResponseState.IN_PROGRESS:
        return False
    touched = facts.last_touched if facts else last_touched(response)
    return touched is not None and at - touched <= ACTIVE_HAND


def was_begun(facts: LinkFacts, shown_at: datetime | None, at: datetime) -> bool:
    """Whether somebody was at a form of which nothing is stored when its window closed, by the page they were shown.

    All questions on one page are sent together, and the first answer of any form may have been on its way.
    """
    occasion = facts.occasion
    if shown_at is None or facts.response is not None:
        return False
    return occasion.opens_at <= shown_at <= occasion.closes_at and at - shown_at <= ACTIVE_HAND


def lost_right(occasion: Occasion, *, at: datetime, consent: CareConsent | None = None) -> LinkState | None:
    """What stands between a member and answering, whenever the link was sent, or None.

    It is read from the facts each time, so that a link dies with them and no service can forget it. The end of a case
    ends what would be asked later; a session that took place before keeps its link to the end of its window.
    ``consent`` is the member's, where it was read before.
    """
    member, case, encounter = occasion.respondent, occasion.case, occasion.encounter
    if member is None:
        return None
    if case.state == RecordState.ERASED or member.person.state != RecordState.ACTIVE:
        return LinkState.ENDED
    today = _today(occasion, at)
    rests = member.paused_on is not None or (member.left_on is not None and member.left_on <= today)
    refuses = (consent or care_consent(member)) == CareConsent.REFUSED
    if rests or refuses or (member.needs_guardian and not_asked_yet(member, today)):
        return LinkState.PAUSED
    if occasion.proxy_grant_id is not None and _proxy_has_ended(occasion):
        return LinkState.PAUSED
    if case.ended_on is None or encounter is None:
        return None
    never_held = encounter.starts_at > at or encounter.local_date > case.ended_on
    return LinkState.CANCELLED if never_held else None


def _proxy_has_ended(occasion: Occasion) -> bool:
    """Whether nothing is to be answered about the child any more: the right is over, or the child is gone.

    What the child says to being asked is not in it: from a parent's link nobody learns of that.
    """
    grant, child, encounter = occasion.proxy_grant, occasion.subject, occasion.encounter
    if grant is None or child is None or encounter is None or child.left_on is not None:
        return True
    return not grant.starts_on <= encounter.local_date <= grant.ends_on


def _rests_while_away(occasion: Occasion, day: date, facts: LinkFacts | None) -> bool:
    """Whether the therapist it is about is away that day, and the clinic chose that nothing is asked meanwhile."""
    if facts is not None:
        return facts.rests_on(day)
    runs = Q(starts_on__lte=day, back_at=None) & (Q(ends_on=None) | Q(ends_on__gte=day))
    return Leave.objects.filter(runs, staff=occasion.therapist_id, forms=FormsMeanwhile.REST).exists()


def _today(occasion: Occasion, at: datetime) -> date:
    return at.astimezone(ZoneInfo(occasion.clinic.time_zone)).date()


def care_consent(member: Member) -> CareConsent:
    """What the member said last, in one query. A no is respected whatever words it was given to."""
    newest = ConsentText.objects.filter(clinic=OuterRef("clinic")).order_by("-number").values("pk")[:1]
    latest = member.consents.filter(purpose=Purpose.CARE).annotate(in_force=Subquery(newest))
    said = latest.values_list("answer", "text_id", "in_force").first()
    if said is None:
        return CareConsent.NOT_ASKED
    return consent_said(*said)


def has_agreed(member: Member | None, facts: LinkFacts | None = None) -> bool:
    """Whether the first answer of a form may be stored; staff's own forms ask for no consent."""
    if member is None:
        return True
    said = facts.consent if facts else care_consent(member)
    return said in (CareConsent.AGREED, CareConsent.OUTDATED)


def too_late_to_change(occasion: Occasion, answer: Answer | None, *, given: object, at: datetime) -> bool:
    """Whether an answer given in time is no more to be changed to this one, because the window is over by now.

    What comes after the window never unsays what was said within it. A clear yes to the direct question is always
    heard.
    """
    if answer is None or answer.skipped or given in (TENSION_CLEARLY, answer.choice or answer.value):
        return False
    return answer.answered_at <= occasion.closes_at < at


def given_elsewhere(answer: Answer | None, device: str) -> bool:
    """Whether an answer was given on another device: there it is neither shown nor changed.

    ``device`` is the hash of its random word, "" for one that keeps none; of two such nobody can say which is which.
    """
    return answer is not None and answer.device != device


def last_touched(response: Response) -> datetime:
    latest = response.answers.order_by("-answered_at").values_list("answered_at", flat=True).first()
    return latest or response.started_at
