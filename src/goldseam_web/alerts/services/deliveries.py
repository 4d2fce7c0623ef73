"""Telling people: one row per recipient and channel, claimed before it is sent, never sent twice by itself."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from goldseam_web.accounts.models import Role, Staff, StaffRole
from goldseam_web.accounts.queries import local_day, on_day
from goldseam_web.alerts.channels import CHANNELS, PermanentError, UncertainError
from goldseam_web.alerts.models import AlertSignal, Delivery, DeliveryState
from goldseam_web.audit.services import SYSTEM, record_about
from goldseam_web.lib.claims import ClaimQueue

DELIVERIES = ClaimQueue(
    Delivery,
    waiting=DeliveryState.PENDING,
    claimed=DeliveryState.SENDING,
    given_up=DeliveryState.FAILED,
    pauses=(
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
    ),
    takes_over=False,
    read_with=["signal", "recipient__user"],
)


def queue_deliveries(*, signal: AlertSignal, at: datetime) -> list[Delivery]:
    """Queue a message to every therapist who treats the case that day, by every channel."""
    today = local_day(signal.clinic, at)
    links = signal.case.therapists.filter(on_day(today)).select_related("therapist")
    return _queue(signal, [link.therapist for link in links], "raised", at)


def _queue(signal: AlertSignal, recipients: Iterable[Staff], reason: str, at: datetime) -> list[Delivery]:
    """One message per response, however many signals it raised; the unique key makes a second one impossible."""
    queued = []
    for staff in recipients:
        for channel in CHANNELS:
            delivery, _ = Delivery.objects.get_or_create(
                key=f"{signal.response_id}:{staff.id}:{channel}:{reason}",
                defaults={
                    "clinic_id": signal.clinic_id,
                    "signal": signal,
                    "recipient": staff,
                    "channel": channel,
                    "reason": reason,
                    "queued_at": at,
                    "due_at": at,
                },
            )
            queued.append(delivery)
    return queued


def send_next(*, worker: str, at: datetime) -> bool:
    """Claim the next message that is due and send it; False if none is due.

    The claim is committed before anything leaves the house: a worker killed while sending leaves a row in "sending",
    which becomes *uncertain* and is not sent again.
    """
    delivery = DELIVERIES.claim(worker=worker, at=at)
    if delivery is None:
        return False
    if _looked_already(delivery):
        _end(delivery, DeliveryState.CANCELLED, at)
        return True
    try:
        CHANNELS[delivery.channel](delivery)
    except PermanentError as error:
        _end(delivery, DeliveryState.FAILED, at, error=error)
    except UncertainError as error:
        _end(delivery, DeliveryState.UNCERTAIN, at, error=error.__cause__ or error)
    except Exception as error:  # noqa: BLE001 - any other failure of a channel may pass; it is kept and tried again
        _try_again(delivery, at, error)
    else:
        _end(delivery, DeliveryState.SENT, at)
    return True


def _looked_already(delivery: Delivery) -> bool:
    """A message about something its reader has opened since would only be noise."""
    return delivery.signal.seen.filter(staff_id=delivery.recipient_id).exists()


@transaction.atomic
def _end(delivery: Delivery, state: DeliveryState, at: datetime, error: BaseException | None = None) -> bool:
    """Write how a message ended, and put it on record; neither, if the claim no longer holds."""
    ended = DELIVERIES.finish(
        delivery,
        state=state,
        sent_at=at if state == DeliveryState.SENT else None,
        last_error=type(error).__name__ if error else "",
    )
    if ended:
        _record_end(delivery, state, at)
    return ended


@transaction.atomic
def _try_again(delivery: Delivery, at: datetime, error: Exception) -> None:
    if DELIVERIES.try_again(delivery, at=at, error=error) == DeliveryState.FAILED:
        _record_end(delivery, DeliveryState.FAILED, at)


def _record_end(delivery: Delivery, state: DeliveryState, at: datetime) -> None:
    record_about(
        delivery,
        at=at,
        actor=SYSTEM,
        action=f"delivery.{state}",
        object_kind="delivery",
        details={"signal": str(delivery.signal_id), "recipient": str(delivery.recipient_id)},
    )


@transaction.atomic
def mark_uncertain(*, at: datetime) -> int:
    """Messages whose sending was interrupted: nobody knows whether they left, so they are not sent again."""
    return sum(_end(delivery, DeliveryState.UNCERTAIN, at) for delivery in DELIVERIES.abandoned(at))


@transaction.atomic
def escalate_unseen(*, at: datetime) -> int:
    """Tell supervisors of signals that nobody opened in the clinic's time, and say how many messages that made."""
    unseen = (
        AlertSignal.objects.filter(seen=None, deliveries__reason="raised").select_related("clinic").distinct()
    )
    made = 0
    for signal in unseen.exclude(deliveries__reason="escalated"):
        if at - signal.raised_at >= timedelta(hours=signal.clinic.escalate_after_hours):
            made += len(_queue(signal, _supervisors(signal, at), "escalated", at))
    return made


def _supervisors(signal: AlertSignal, at: datetime) -> "QuerySet[Staff]":
    day = local_day(signal.clinic, at)
    therapists = signal.case.therapists.filter(on_day(day)).values("therapist")
    covers_today = Q(supervises__starts_on__lte=day) & (
        Q(supervises__ends_on=None) | Q(supervises__ends_on__gte=day)
    )
    holds_role = Staff.objects.filter(roles__in=_supervisor_roles(day)).values("pk")
    return Staff.objects.filter(
        covers_today, supervises__therapist__in=therapists, active=True, pk__in=holds_role
    ).distinct()


def _supervisor_roles(day: date) -> "QuerySet[StaffRole]":
    return StaffRole.objects.filter(on_day(day), role=Role.SUPERVISOR)
