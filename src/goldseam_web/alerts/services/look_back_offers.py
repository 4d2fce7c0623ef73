"""Offering each client, alone and once, a link to look back by, at the end of the treatment.

In a couple or family everybody who has a word of their own is offered one, whatever was mended or not: whoever sees a
message, or misses one, learns of nobody's answers. Who comes alone is offered one where something was mended.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.look_back_links import still_opens, token_of_look_back
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.own_mendings import looks_back, own_mendings
from goldseam_web.audit.services import SYSTEM, record
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.models import Case, CaseKind, Ending, Member, RestReason
from goldseam_web.cases.safe_ways import mail_address, next_in_hours, ways_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.client_letters import (
    EMAIL,
    client_letter,
    clients_can_be_mailed,
    may_leave_now,
    member_to_mail,
)
from goldseam_web.measures.link_facts import CareConsent
from goldseam_web.measures.links import care_consent
from goldseam_web.measures.mail_state import LOOK_BACK
from goldseam_web.measures.mail_texts import words_of_mail
from goldseam_web.measures.outreach_tables import Outreach, OutreachAnswer
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.measures.own_word_tables import OwnWord
from goldseam_web.outbox.channels import Letter
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MessagePurpose

# An end that was entered by mistake is taken back meanwhile; and long after it nobody expects a message.
NOT_BEFORE, NOT_AFTER = timedelta(days=1), timedelta(days=28)

log = structlog.get_logger(__name__)


def queue_look_backs(*, at: datetime, is_ready: Callable[[Clinic], bool]) -> int:
    """Queue a message to whoever is to be offered a link now and was not; say how many that made.

    ``is_ready`` is asked of each clinic that has something to send, and holds all of it back where it says no.
    """
    if settings.GOLDSEAM_RECORD_ONLY or not clients_can_be_mailed():
        return 0
    found = list(_may_be_due(at).values_list("pk", "clinic"))
    clinics = Clinic.objects.filter(pk__in={clinic for _, clinic in found})
    ready = {clinic.pk for clinic in clinics if is_ready(clinic)}
    return sum(_queued(member, at) for member, clinic in found if clinic in ready)


def _may_be_due(at: datetime) -> "QuerySet[Member]":
    """One statement for all clinics; what only each clinic's day and each mailbox says is asked one by one."""
    tomorrow = at.date() + timedelta(days=1)
    ended = Q(ending=Ending.PLANNED, ended_on__gte=(at - NOT_AFTER).date() - timedelta(days=1))
    cases = Case.objects.filter(Q(last_phase_since__lt=tomorrow, ended_on=None) | ended)
    gold = Episode.objects.filter(
        series__rater=OuterRef("pk"), series__scale=SELF_THERAPIST, status=EpisodeStatus.REPAIRED
    )
    alone = Q(case__kind=CaseKind.INDIVIDUAL)
    # What was called off, since the hours were over or the end was taken back, is offered when that is right again.
    sent = Message.objects.filter(subject=OuterRef("offered"), purpose=LOOK_BACK)
    return (
        Member.objects.filter(
            clinic__offers_look_back=True,
            case__in=cases,
            left_on=None,
            paused_on=None,
            person__safe_ways__by_mail=True,
        )
        .filter(~alone | Exists(gold))
        .annotate(offered=Coalesce("look_back__pk", Value(uuid.UUID(int=0))))
        .exclude(Exists(sent.exclude(state=MessageState.CANCELLED)))
        .order_by("pk")
    )


def _queued(member: uuid.UUID, at: datetime) -> bool:
    """Each by itself: one that cannot be read must not stop the worker's round, which therapists depend on."""
    try:
        return offer_look_back(member_id=member, at=at) is not None
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        log.warning("link not queued", member=str(member), error=type(error).__name__)
        return False


@one_transaction
def offer_look_back(*, member_id: uuid.UUID, at: datetime) -> Message | None:
    """Make the link and its message, for the next moment that suits the person; None where none may go."""
    locked(Member.objects.filter(pk=member_id)).get()
    member = member_to_mail(member_id)
    ways = ways_of(member.person)
    if ways is None or not _is_at_the_end(member, at) or not may_be_offered(member, at=at):
        return None
    has_word = OwnWord.objects.filter(member=member, chosen_at__isnull=False).exists()
    page, is_new = LookBack.objects.get_or_create(
        member=member,
        defaults={
            "clinic_id": member.clinic_id,
            "by_word": has_word or member.case.kind != CaseKind.INDIVIDUAL,
            "offered_at": at,
        },
    )
    tries = Message.objects.filter(subject=page.pk, purpose=LOOK_BACK)
    if tries.exclude(state=MessageState.CANCELLED).exists():
        return None
    message = Message.objects.create(
        clinic_id=member.clinic_id,
        purpose=LOOK_BACK,
        subject=page.pk,
        person_id=member.person_id,
        channel=EMAIL,
        key=f"{page.pk}:{LOOK_BACK}:{tries.count()}",
        queued_at=at,
        due_at=next_in_hours(ways, at, _zone(member)),
    )
    if is_new:
        # No open page is told: there is none on which it would be seen.
        record(
            clinic_id=member.clinic_id,
            at=at,
            actor=SYSTEM,
            action="look_back.offer",
            object_kind="member",
            object_id=member.pk,
        )
    return message


def may_be_offered(member: Member, *, at: datetime) -> bool:
    """Whether this member may be written to about it: as about anything else, and by what each may know of the other.

    In a couple or family nothing of what anybody answered is asked here.
    """
    case, day = member.case, local_day(member.clinic, at)
    if not member.clinic.offers_look_back:
        return False
    if member.left_on is not None or member.paused_on is not None or member.rests_because == RestReason.DIED:
        return False
    if not looks_back(case, day) or care_consent(member) == CareConsent.REFUSED or not_asked_yet(member, day):
        return False
    if Outreach.objects.filter(member__person=member.person, answer=OutreachAnswer.DO_NOT_WRITE).exists():
        return False
    is_there = case.kind != CaseKind.INDIVIDUAL or bool(own_mendings(member.pk))
    return is_there and mail_address(member.person) is not None


def _is_at_the_end(member: Member, at: datetime) -> bool:
    """Whether the end has stood for a day, and is not too long ago."""
    case, day = member.case, local_day(member.clinic, at)
    since = case.ended_on or case.last_phase_since
    return since is not None and since + NOT_BEFORE <= day <= (case.ended_on or day) + NOT_AFTER


def _zone(member: Member) -> ZoneInfo:
    return ZoneInfo(member.clinic.time_zone)


def _still_wanted(message: Message, at: datetime) -> bool:
    """Read at the moment of sending: the end may have been taken back, or no mail be safe any more."""
    page = LookBack.objects.select_related("clinic", "member__case").get(pk=message.subject)
    member = member_to_mail(page.member_id)
    in_time = may_leave_now(message, member.person, _zone(member), at=at)
    return in_time and may_be_offered(member, at=at) and still_opens(page, at=at)


def _render(message: Message, _at: datetime) -> Letter:
    page = LookBack.objects.select_related("clinic").get(pk=message.subject)
    words = words_of_mail(message.clinic_id, LOOK_BACK, language=message.language)
    link = f"{settings.GOLDSEAM_BASE_URL}/c/look/{token_of_look_back(page)}/"
    return client_letter(words.subject, "alerts/look_back.txt", page.clinic, opening=words.opening, link=link)


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows: whether it arrived, was opened or was left is told to nobody."""


LOOK_BACKS: Mapping[str, MessagePurpose] = MappingProxyType(
    {LOOK_BACK: MessagePurpose(_still_wanted, _render, _ended)}
)
