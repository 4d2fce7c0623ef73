"""Telling people of findings: who is written to and why, whether they still have to be, and what it says."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string

from goldseam_web.accounts.leaves import leaves_on
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.opening_times import is_open
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.alerts.models import ESCALATED, NOT_TAKEN_UP, RAISED, TO_LEAD, AlertSignal
from goldseam_web.alerts.queries import ALERT_PURPOSES, about_signal, findings_of_alert, plans_left_open
from goldseam_web.alerts.read_first import READ_FIRST, reads_later
from goldseam_web.alerts.recipients import (
    cases_without_recipient,
    cases_without_supervisor,
    here,
    last_to_hear,
    recipients,
)
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.lib.case_changes import case_changed, pages_of_case_changed
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.outbox.channels import CHANNELS, Letter
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MessagePurpose

# So long it is looked whether the other of two therapists is still to be told.
FORGOTTEN_AFTER = 7 * READ_FIRST
SUBJECT = "Something new is waiting for you in Goldseam"


def queue_messages(*, signal: AlertSignal, at: datetime) -> list[Message]:
    """Queue a message to everybody who has to hear of the finding, by every channel; the ones that are new.

    Again, when somebody has come who has to: nobody is told twice.
    """
    return _queue(signal, RAISED, at)


@one_transaction
def _queue(signal: AlertSignal, purpose: str, at: datetime) -> list[Message]:
    """One message per round of a response, however many signals it raised; the unique key makes a second impossible."""
    told = _who_hears(signal, purpose, at)
    found = _round(signal)
    queued = []
    for staff in told:
        for channel in CHANNELS:
            message, is_new = Message.objects.get_or_create(
                key=f"{signal.alert_id}:{staff.id}:{channel}:{purpose}{found}",
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


def _who_hears(signal: AlertSignal, purpose: str, at: datetime) -> list[Staff]:
    """Whom a message of this purpose goes to on that day."""
    day = local_day(signal.clinic, at)
    if purpose == TO_LEAD:
        lead = last_to_hear(signal.clinic, day)
        return [] if lead is None else [lead]
    told = recipients(signal.case, day, escalated=purpose != RAISED)
    if purpose != RAISED or len(told) == 1:
        return told
    later = reads_later(signal, at=at)
    return [staff for staff in told if staff.pk != later]


def _round(signal: AlertSignal) -> str:
    """What the key says of the judgement that raised the signal: a response that is continued is judged again."""
    if signal.response_id is None:
        return ""
    earlier = AlertSignal.objects.filter(response_id=signal.response_id, raised_at__lt=signal.raised_at)
    rounds = earlier.order_by().values("raised_at").distinct().count()
    return f":{rounds + 1}" if rounds else ""


def _still_wanted(message: Message, at: datetime) -> bool:
    """Messages may wait for hours, and people leave: who would not be told today is not written to."""
    signal = _signal(message)
    if _opened_since(message, signal):
        return False
    return message.staff in _who_hears(signal, message.purpose, at)


def _nobody_has_opened(message: Message, at: datetime) -> bool:
    """What the lead is told of is that nobody has."""
    signal = _signal(message)
    return signal.first_seen_at is None and message.staff in _who_hears(signal, TO_LEAD, at)


def _opened_since(message: Message, signal: AlertSignal) -> bool:
    """A message about something its reader has opened since would only be noise."""
    return signal.seen.filter(staff=message.staff, at__gte=message.queued_at).exists()


def render_alert(message: Message, _at: datetime) -> Letter:
    """What every message about an alert says: that there is something, and where."""
    link = f"{settings.GOLDSEAM_BASE_URL}/signals/{message.subject}/"
    return Letter(SUBJECT, render_to_string("alerts/email.txt", {"link": link}))


def render_for_lead(_message: Message, _at: datetime) -> Letter:
    """The same, and a page that opens no case."""
    link = f"{settings.GOLDSEAM_BASE_URL}/supervised/"
    return Letter(SUBJECT, render_to_string("alerts/email.txt", {"link": link}))


def _ended(message: Message, at: datetime) -> None:
    """Where one was called off, tell whoever is concerned now; where it failed, others at once and not after hours."""
    signal = _signal(message)
    if message.state == MessageState.CANCELLED and not _opened_since(message, signal):
        _queue(signal, message.purpose, at)
    if message.state == MessageState.FAILED and message.purpose != TO_LEAD and signal.first_seen_at is None:
        _queue(signal, ESCALATED, at)


def _signal(message: Message) -> AlertSignal:
    return AlertSignal.objects.select_related("clinic__lead", "case__clinic__lead").get(pk=message.subject)


ALERTS: Mapping[str, MessagePurpose] = MappingProxyType(
    dict.fromkeys(ALERT_PURPOSES, MessagePurpose(_still_wanted, render_alert, _ended))
    | {TO_LEAD: MessagePurpose(_nobody_has_opened, render_for_lead, _ended)}
)


def escalate_unseen(*, at: datetime) -> int:
    """Tell supervisors of signals that nobody opened in the clinic's time; say how many messages that made.

    They are told while the clinic is open. Where a message failed for good, there is nothing to wait for. Where nobody
    supervises, there is nobody to tell: the signal is looked at again as soon as somebody does.
    """
    made = 0
    for clinic in Clinic.objects.select_related("lead"):
        failed = Exists(about_signal().filter(state=MessageState.FAILED))
        long_ago = Q(raised_at__lte=at - timedelta(hours=clinic.escalate_after_hours))
        unseen = (
            AlertSignal.objects.filter(
                Exists(about_signal(RAISED)),
                ~Exists(about_signal(ESCALATED)),
                clinic=clinic,
                first_seen_at=None,
            )
            .filter(failed | long_ago if is_open(clinic, at) else failed)
            .exclude(_of(cases_without_supervisor(clinic, local_day(clinic, at))))
        )
        for signal in unseen.select_related("clinic__lead", "case__clinic__lead"):
            made += len(_queue(signal, ESCALATED, at))
    return made


def _of(cases: "QuerySet[Case]") -> Exists:
    """Whether a signal is of one of these: asked of its case alone, for a clinic has had many."""
    return Exists(cases.filter(pk=OuterRef("case")))


def escalate_to_lead(*, at: datetime) -> int:
    """Tell the clinic's lead of what no supervisor opened either; say how many messages that made.

    That is the last step: after it nobody is left to tell. Whoever leads and supervises the case has been told.
    """
    made = 0
    for clinic in Clinic.objects.exclude(lead=None).select_related("lead"):
        lead = last_to_hear(clinic, local_day(clinic, at))
        if lead is None or not is_open(clinic, at):
            continue
        for signal in _left_by_supervisors(clinic, lead, at):
            made += len(_queue(signal, TO_LEAD, at))
    return made


def _left_by_supervisors(clinic: Clinic, lead: Staff, at: datetime) -> "QuerySet[AlertSignal]":
    """Unopened findings of watched cases. Others are no news, on whatever day a clinic begins to have a lead."""
    long_ago = at - timedelta(hours=clinic.escalate_after_hours)
    return (
        AlertSignal.objects.filter(
            Exists(about_signal(ESCALATED).filter(queued_at__lte=long_ago)),
            ~Exists(about_signal(ESCALATED, TO_LEAD).filter(staff=lead)),
            _of(Case.objects.filter(watched_on(local_day(clinic, at)))),
            clinic=clinic,
            first_seen_at=None,
        )
        .exclude(case__state=RecordState.ERASED)
        .select_related("clinic__lead", "case__clinic__lead")
    )


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
            today = here(_who_hears(signal, RAISED, at), day)
            of_alert = findings_of_alert(signal).values("pk")
            told = Message.objects.filter(subject__in=of_alert, purpose__in=ALERT_PURPOSES, staff__in=today)
            if today and not told.exists():
                made += len(_queue(signal, RAISED, at))
    return made


def _unheard(clinic: Clinic, day: date) -> "QuerySet[AlertSignal]":
    """What may have to be told: all that was told to somebody who treats and is here is left out by the database.

    A message is about one finding of an answer and stands for the others. Each is asked for by what it is about: asked
    for all at once, PostgreSQL compares every finding with every message.
    """
    treats = CaseTherapist.objects.filter(
        on_day(day),
        case=OuterRef(OuterRef("case")),
        therapist__in=staff_as(Role.THERAPIST, day).exclude(pk__in=leaves_on(day).values("staff")),
    )
    told = Message.objects.filter(
        subject=OuterRef("pk"), purpose__in=ALERT_PURPOSES, staff__in=treats.values("therapist")
    )
    others_told = AlertSignal.objects.filter(Exists(told), response=OuterRef("response"))
    return (
        AlertSignal.objects.filter(
            ~Exists(told),
            ~Exists(others_told),
            _of(Case.objects.filter(watched_on(day))),
            clinic=clinic,
            first_seen_at=None,
        )
        .exclude(case__state=RecordState.ERASED)
        .exclude(_of(cases_without_recipient(clinic, day)))
        .select_related("clinic", "case__clinic__lead")
        .order_by("raised_at", "pk")
    )


def tell_the_other(*, at: datetime) -> int:
    """Tell the other of two therapists of what the first read alone and did not open; how many messages that made.

    What was opened is on the other's pages, with nothing to wait for.
    """
    made = 0
    for signal in _left_to_the_first(at):
        if reads_later(signal, at=at) is None:
            made += _tell_the_other(signal, at)
    return made


@one_transaction
def _tell_the_other(signal: AlertSignal, at: datetime) -> int:
    case_changed(signal)
    pages_of_case_changed(signal)
    return len(_queue(signal, RAISED, at))


def _left_to_the_first(at: datetime) -> "QuerySet[AlertSignal]":
    """Unopened findings of sessions of two, of the last days, of which not both were told."""
    held = Q(staff=OuterRef("encounter__therapist")) | Q(staff=OuterRef("encounter__beside"))
    told = Message.objects.filter(held, purpose=RAISED, subject=OuterRef("pk")).order_by()
    both = told.values("subject").annotate(count=Count("staff", distinct=True)).filter(count=2)
    return (
        AlertSignal.objects.filter(
            Exists(told),
            ~Exists(both),
            _of(Case.objects.exclude(state=RecordState.ERASED)),
            encounter__beside__isnull=False,
            first_seen_at=None,
            raised_at__gt=at - FORGOTTEN_AFTER,
        )
        .select_related("clinic__lead", "case__clinic__lead")
        .order_by("raised_at", "pk")
    )


@one_transaction
def escalate_not_taken_up(*, at: datetime) -> int:
    """Tell supervisors of plans that were left open for two sessions; say how many messages that made."""
    made = 0
    for clinic in Clinic.objects.select_related("lead"):
        if not is_open(clinic, at):
            continue
        left = (
            plans_left_open()
            .filter(~Exists(about_signal(NOT_TAKEN_UP)), clinic=clinic)
            .exclude(_of(cases_without_supervisor(clinic, local_day(clinic, at))))
        )
        for signal in left.select_related("clinic", "case__clinic__lead"):
            made += len(_queue(signal, NOT_TAKEN_UP, at))
    return made
