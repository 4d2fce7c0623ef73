"""Telling people of findings: who is written to and why, whether they still have to be, and what it says."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string

from goldseam_web.accounts.leaves import leaves_on
from goldseam_web.accounts.models import Clinic, Role
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.alerts.models import ESCALATED, NOT_TAKEN_UP, RAISED, AlertSignal
from goldseam_web.alerts.queries import ALERT_PURPOSES, about_signal, plans_left_open
from goldseam_web.alerts.recipients import (
    cases_without_recipient,
    cases_without_supervisor,
    here,
    recipients,
)
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.outbox.channels import CHANNELS, Letter
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MessagePurpose

SUBJECT = "Something new is waiting for you in Goldseam"


def queue_messages(*, signal: AlertSignal, at: datetime) -> list[Message]:
    """Queue a message to everybody who has to hear of the finding, by every channel; the ones that are new.

    Again, when somebody has come who has to: nobody is told twice.
    """
    return _queue(signal, RAISED, at)


@one_transaction
def _queue(signal: AlertSignal, purpose: str, at: datetime) -> list[Message]:
    """One message per round of a response, however many signals it raised; the unique key makes a second impossible."""
    told = recipients(signal.case, local_day(signal.clinic, at), escalated=purpose != RAISED)
    found = _round(signal)
    queued = []
    for staff in told:
        for channel in CHANNELS:
            message, is_new = Message.objects.get_or_create(
                key=f"{signal.response_id}:{staff.id}:{channel}:{purpose}{found}",
                defaults={
                    "clinic_id": signal.clinic_id,
                    "purpose": purpose,
                    "subject": signal.pk,
                    "staff": staff,
                    "channel": channel,
                    "queued_at": at,
                    "due_at": at,
                },
            )
            if is_new:
                queued.append(message)
    return queued


def _round(signal: AlertSignal) -> str:
    """What the key says of the judgement that raised the signal: a response that is continued is judged again."""
    earlier = AlertSignal.objects.filter(response_id=signal.response_id, raised_at__lt=signal.raised_at)
    rounds = earlier.order_by().values("raised_at").distinct().count()
    return f":{rounds + 1}" if rounds else ""


def _still_wanted(message: Message, at: datetime) -> bool:
    """Messages may wait for hours, and people leave: who would not be told today is not written to."""
    signal = _signal(message)
    if _opened_since(message, signal):
        return False
    today = recipients(signal.case, local_day(signal.clinic, at), escalated=message.purpose != RAISED)
    return message.staff in today


def _opened_since(message: Message, signal: AlertSignal) -> bool:
    """A message about something its reader has opened since would only be noise."""
    return signal.seen.filter(staff=message.staff, at__gte=message.queued_at).exists()


def render_alert(message: Message, _at: datetime) -> Letter:
    """What every message about an alert says: that there is something, and where."""
    link = f"{settings.GOLDSEAM_BASE_URL}/signals/{message.subject}/"
    return Letter(SUBJECT, render_to_string("alerts/email.txt", {"link": link}))


def _ended(message: Message, at: datetime) -> None:
    """Where one was called off, tell whoever is concerned now; where it failed, others at once and not after hours."""
    signal = _signal(message)
    if message.state == MessageState.CANCELLED and not _opened_since(message, signal):
        _queue(signal, message.purpose, at)
    if message.state == MessageState.FAILED and not signal.seen.exists():
        _queue(signal, ESCALATED, at)


def _signal(message: Message) -> AlertSignal:
    return AlertSignal.objects.select_related("clinic__lead", "case__clinic__lead").get(pk=message.subject)


ALERTS: Mapping[str, MessagePurpose] = MappingProxyType(
    dict.fromkeys(ALERT_PURPOSES, MessagePurpose(_still_wanted, render_alert, _ended))
)


def escalate_unseen(*, at: datetime) -> int:
    """Tell supervisors of signals that nobody opened in the clinic's time; say how many messages that made.

    Where a message failed for good, there is nothing to wait for. Where nobody supervises, there is nobody to tell:
    the signal is looked at again as soon as somebody does.
    """
    made = 0
    for clinic in Clinic.objects.select_related("lead"):
        failed = Exists(about_signal().filter(state=MessageState.FAILED))
        long_ago = Q(raised_at__lte=at - timedelta(hours=clinic.escalate_after_hours))
        unseen = (
            AlertSignal.objects.filter(
                Exists(about_signal(RAISED)), ~Exists(about_signal(ESCALATED)), clinic=clinic, seen=None
            )
            .filter(failed | long_ago)
            .exclude(case__in=cases_without_supervisor(clinic, local_day(clinic, at)))
        )
        for signal in unseen.select_related("clinic__lead", "case__clinic__lead"):
            made += len(_queue(signal, ESCALATED, at))
    return made


def tell_unheard(*, at: datetime) -> int:
    """Tell today's recipients of findings of watched cases that nobody opened and none of them was told of.

    Says how many messages that made.

    A finding may be raised while nobody could hear of it, and who was told may have left since or be away: whoever
    comes finds it waiting.
    """
    made = 0
    for clinic in Clinic.objects.all():
        day = local_day(clinic, at)
        for signal in _unheard(clinic, day):
            today = here(recipients(signal.case, day), day)
            of_response = AlertSignal.objects.filter(response=signal.response_id).values("pk")
            told = Message.objects.filter(
                subject__in=of_response, purpose__in=ALERT_PURPOSES, staff__in=today
            )
            if today and not told.exists():
                made += len(_queue(signal, RAISED, at))
    return made


def _unheard(clinic: Clinic, day: date) -> "QuerySet[AlertSignal]":
    """What may have to be told: all that was told to somebody who treats and is here is left out by the database."""
    treats = CaseTherapist.objects.filter(
        on_day(day),
        case=OuterRef(OuterRef("case")),
        therapist__in=staff_as(Role.THERAPIST, day).exclude(pk__in=leaves_on(day).values("staff")),
    )
    of_response = AlertSignal.objects.filter(response=OuterRef(OuterRef("response")))
    told = Message.objects.filter(
        subject__in=of_response.values("pk"),
        purpose__in=ALERT_PURPOSES,
        staff__in=treats.values("therapist"),
    )
    return (
        AlertSignal.objects.filter(
            ~Exists(told), clinic=clinic, seen=None, case__in=Case.objects.filter(watched_on(day))
        )
        .exclude(case__state=RecordState.ERASED)
        .exclude(case__in=cases_without_recipient(clinic, day))
        .select_related("clinic", "case__clinic__lead")
        .order_by("raised_at", "pk")
    )


@one_transaction
def escalate_not_taken_up(*, at: datetime) -> int:
    """Tell supervisors of plans that were left open for two sessions; say how many messages that made."""
    made = 0
    for clinic in Clinic.objects.select_related("lead"):
        left = (
            plans_left_open()
            .filter(~Exists(about_signal(NOT_TAKEN_UP)), clinic=clinic)
            .exclude(case__in=cases_without_supervisor(clinic, local_day(clinic, at)))
        )
        for signal in left.select_related("clinic", "case__clinic__lead"):
            made += len(_queue(signal, NOT_TAKEN_UP, at))
    return made
