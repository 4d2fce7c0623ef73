"""A therapist asks whoever supervises them to look at an alert with them."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.models import HELP_ASKED, AlertSignal, HelpRequest
from goldseam_web.alerts.queries import findings_of_alert
from goldseam_web.alerts.services.alert_messages import render_alert
from goldseam_web.cases.access import own_case
from goldseam_web.cases.readers import supervising_on
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.outbox.channels import CHANNELS
from goldseam_web.outbox.models import Message
from goldseam_web.outbox.services import MessagePurpose


@one_transaction
def ask_for_help(*, viewer: Viewer, signal: AlertSignal, at: datetime) -> HelpRequest:
    """Ask, and tell whoever supervises the case that day; asked twice it is asked once."""
    if own_case(viewer, signal.case_id) is None:
        raise PermissionDenied
    running = _running_about_alert(signal)
    signal = AlertSignal.objects.select_related("clinic", "case__clinic__lead").get(pk=signal.pk)
    above = [
        one for one in supervising_on(signal.case, local_day(signal.clinic, at)) if one.pk != viewer.staff_id
    ]
    if not above:
        raise ValidationError(
            "Nobody supervises this case today. Ask for a supervisor where the clinic is run."
        )
    if (asked := running.first()) is not None:
        return asked
    asked = HelpRequest.objects.create(
        clinic_id=signal.clinic_id, signal=signal, staff_id=viewer.staff_id, asked_at=at
    )
    record_change(signal, at=at, actor=viewer.actor, action="signal.ask_for_help", object_kind="signal")
    _tell(asked, [one.pk for one in above], at)
    return asked


@one_transaction
def take_back_help(*, viewer: Viewer, signal: AlertSignal, at: datetime) -> None:
    """Take it back, or say that it is done with; a second time changes nothing."""
    if own_case(viewer, signal.case_id) is None:
        raise PermissionDenied
    if _running_about_alert(signal).update(taken_back_at=at):
        record_change(signal, at=at, actor=viewer.actor, action="signal.take_back_help", object_kind="signal")


def _running_about_alert(signal: AlertSignal) -> "QuerySet[HelpRequest]":
    """What is asked about any finding of the same answer, locked: a more pressing one may have come since."""
    findings = findings_of_alert(signal).order_by("pk")
    return HelpRequest.objects.filter(signal__in=list(locked(findings)), taken_back_at=None)


def _tell(asked: HelpRequest, above: list[uuid.UUID], at: datetime) -> None:
    Message.objects.bulk_create(
        Message(
            clinic_id=asked.clinic_id,
            purpose=HELP_ASKED,
            subject=asked.signal_id,
            staff_id=staff,
            channel=channel,
            key=f"{asked.pk}:{staff}:{channel}:{HELP_ASKED}",
            queued_at=at,
            due_at=at,
        )
        for staff in above
        for channel in CHANNELS
    )


def _still_wanted(message: Message, at: datetime) -> bool:
    """While it is asked, to whoever supervises the case by then."""
    if not HelpRequest.objects.filter(signal=message.subject, taken_back_at=None).exists():
        return False
    signal = AlertSignal.objects.select_related("clinic", "case__clinic__lead").get(pk=message.subject)
    return message.staff in supervising_on(signal.case, local_day(signal.clinic, at))


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows: it stands on the supervisor's page in any case."""


HELP: Mapping[str, MessagePurpose] = MappingProxyType(
    {HELP_ASKED: MessagePurpose(_still_wanted, render_alert, _ended)}
)
