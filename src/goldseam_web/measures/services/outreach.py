"""One message of the clinic to a client without a next appointment: silence never brings a second."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.template.loader import render_to_string

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Encounter, EncounterState, Member, Presence, RecordState, WayAsked
from goldseam_web.cases.queries import away_from
from goldseam_web.cases.readers import answer_to_going_on
from goldseam_web.cases.safe_ways import mail_address, next_in_hours, ways_of
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.cases.without_next import own_appointments, slipping_away
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
from goldseam_web.measures.mail_state import OUTREACH
from goldseam_web.measures.mail_texts import words_of_mail
from goldseam_web.measures.outreach_links import takes_answer, token_of_outreach
from goldseam_web.measures.outreach_tables import Outreach, OutreachAnswer, OutreachReason
from goldseam_web.outbox.channels import CHANNELS, Letter
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MessagePurpose

ANSWERED = "outreach_answered"
# What never left may be tried again.
NEVER_LEFT = (MessageState.CANCELLED, MessageState.FAILED)


@one_transaction
def write_once(*, member: Member, staff: Staff, is_ready: bool, at: datetime, actor: Actor) -> Outreach:
    """Send a client the clinic's one message about going on. Raises ValidationError where none may go, and says why.

    ``is_ready``: whether the clinic's clients may be written to at all.
    """
    locked(Member.objects.filter(pk=member.pk)).get()
    member = member_to_mail(member.pk)
    if not (is_ready and clients_can_be_mailed()):
        raise ValidationError("Nothing can be mailed to clients yet; the clinic's list says what is missing.")
    if why := why_not(member, at=at):
        raise ValidationError(why)
    outreach, is_new = Outreach.objects.get_or_create(
        member=member,
        gap=gap_of(member),
        defaults={"clinic_id": member.clinic_id, "sent_by": staff, "asked_at": at},
    )
    if not is_new and not may_try_again(member, outreach):
        raise ValidationError(
            "They have been written to since the last session; silence brings no second message."
        )
    if not is_new:
        # The first try never left: the link works from this one on.
        outreach.sent_by, outreach.asked_at = staff, at
        outreach.save(update_fields=["sent_by", "asked_at"])
    ways = ways_of(member.person)
    Message.objects.create(
        clinic_id=member.clinic_id,
        purpose=OUTREACH,
        subject=outreach.pk,
        person_id=member.person_id,
        channel=EMAIL,
        key=f"{outreach.pk}:{OUTREACH}:{_messages(outreach).count()}",
        queued_at=at,
        due_at=next_in_hours(ways, at, _zone(member)) if ways else at,
    )
    record_change(member, at=at, actor=actor, action="outreach.send", object_kind="member")
    return outreach


def why_not(member: Member, *, at: datetime) -> str:
    """Why a client may not be written to about going on, in a sentence; empty where they may."""
    case = member.case
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        return "The case has ended."
    if (
        member.left_on is not None
        or member.paused_on is not None
        or care_consent(member) == CareConsent.REFUSED
    ):
        return "They take no part at present, or want no questions."
    if Outreach.objects.filter(member__person=member.person, answer=OutreachAnswer.DO_NOT_WRITE).exists():
        return "They asked not to be written to again."
    if mail_address(member.person) is None:
        return "By no way they named as safe can they be written to."
    if not _may_not_come_again(member, at):
        return "There is a next appointment, or the last one is not long ago."
    return ""


def _may_not_come_again(member: Member, at: datetime) -> bool:
    """Whether the case is slipping away, or this member from a case that goes on."""
    encounters, zone = list(member.case.encounters.order_by("starts_at")), _zone(member)
    if slipping_away(encounters, at=at, zone=zone) is not None:
        return True
    own = own_appointments(member, encounters, away_from([member.case_id]), zone=zone)
    return slipping_away(own, at=at, zone=zone) is not None


def may_try_again(member: Member, latest: Outreach) -> bool:
    """Whether they came since the latest message, or it never left the house."""
    if latest.gap != gap_of(member):
        return True
    return not latest.answer and not _messages(latest).exclude(state__in=NEVER_LEFT).exists()


def _messages(outreach: Outreach) -> "QuerySet[Message]":
    return Message.objects.filter(subject=outreach.pk, purpose=OUTREACH)


def gap_of(member: Member) -> uuid.UUID:
    """What a message is about: the time since the last session this member attended, or since they came."""
    attended = Encounter.objects.filter(
        case=member.case_id,
        state=EncounterState.HELD,
        attendance__member=member,
        attendance__presence=Presence.ATTENDED,
    )
    last = attended.order_by("-starts_at").values_list("pk", flat=True).first()
    return last or member.pk


@one_transaction
def answer_outreach(
    *, outreach: Outreach, answer: OutreachAnswer, reason: OutreachReason | None, is_kept: bool, at: datetime
) -> Outreach:
    """Keep what a client wants; the first answer stands. "Do not write" holds for every message from then on."""
    member = locked(Member.objects.select_related("clinic", "person", "case")).get(pk=outreach.member_id)
    outreach = locked(Outreach.objects.select_related("clinic", "member")).get(pk=outreach.pk)
    if not takes_answer(outreach, day=local_day(member.clinic, at)):
        return outreach
    outreach.answer, outreach.answered_at = answer, at
    outreach.reason, outreach.reason_is_kept = str(reason or ""), bool(reason) and is_kept
    outreach.save(update_fields=["answer", "answered_at", "reason", "reason_is_kept"])
    actor = Actor.client(member.pk)
    record_change(member, at=at, actor=actor, action="outreach.answer", object_kind="member")
    if answer == OutreachAnswer.DO_NOT_WRITE:
        _never_again(member, at, actor)
    _tell(outreach, member, at)
    return outreach


def _never_again(member: Member, at: datetime, actor: Actor) -> None:
    ways = ways_of(member.person)
    if ways is not None and (ways.by_mail or ways.by_phone):
        never = GivenWays(never=True, not_before=ways.not_before, not_after=ways.not_after)
        set_safe_ways(member=member, ways=never, how_asked=WayAsked.OLD_WAY, at=at, actor=actor)


def _tell(outreach: Outreach, member: Member, at: datetime) -> None:
    """Whoever treats the case hears that there is an answer, else whoever supervises it."""
    day = local_day(member.clinic, at)
    for staff in answer_to_going_on(member.case, day):
        for channel in CHANNELS:
            Message.objects.create(
                clinic_id=outreach.clinic_id,
                purpose=ANSWERED,
                subject=outreach.pk,
                staff=staff,
                channel=channel,
                key=f"{outreach.pk}:{staff.pk}:{channel}:{ANSWERED}",
                queued_at=at,
                due_at=at,
            )


def _zone(member: Member) -> ZoneInfo:
    return ZoneInfo(member.clinic.time_zone)


def _still_wanted(message: Message, at: datetime) -> bool:
    """Read at the moment of sending: they may have an appointment by now, or have said that no mail is safe."""
    outreach = Outreach.objects.get(pk=message.subject)
    member = member_to_mail(outreach.member_id)
    in_time = may_leave_now(message, member.person, _zone(member), at=at)
    return in_time and not outreach.answer and not why_not(member, at=at)


def _render(message: Message, _at: datetime) -> Letter:
    outreach = Outreach.objects.select_related("clinic").get(pk=message.subject)
    words = words_of_mail(message.clinic_id, OUTREACH, language=message.language)
    link = f"{settings.GOLDSEAM_BASE_URL}/c/next/{token_of_outreach(outreach)}/"
    return client_letter(
        words.subject, "measures/outreach.txt", outreach.clinic, opening=words.opening, link=link
    )


def _answer_is_new(message: Message, at: datetime) -> bool:
    """To whoever may read it when it leaves."""
    member = Outreach.objects.select_related("member__case__clinic__lead").get(pk=message.subject).member
    day = local_day(member.case.clinic, at)
    return message.staff in answer_to_going_on(member.case, day)


def _render_answer(message: Message, _at: datetime) -> Letter:
    case = Outreach.objects.select_related("member").get(pk=message.subject).member.case_id
    link = f"{settings.GOLDSEAM_BASE_URL}/cases/{case}/no-next/"
    return Letter(
        "Something new is waiting for you in Goldseam",
        render_to_string("measures/answered.txt", {"link": link}),
    )


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows by itself; the therapist's page says what became of it."""


OUTREACHES: Mapping[str, MessagePurpose] = MappingProxyType(
    {
        OUTREACH: MessagePurpose(_still_wanted, _render, _ended),
        ANSWERED: MessagePurpose(_answer_is_new, _render_answer, _ended),
    }
)
