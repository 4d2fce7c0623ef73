"""Telling people: one row per recipient and channel, claimed before it is sent, never sent twice by itself."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.channels import CHANNELS, PermanentError, UncertainError
from goldseam_web.alerts.models import (
    ESCALATED,
    NOT_TAKEN_UP,
    RAISED,
    AlertSignal,
    Delivery,
    DeliveryState,
)
from goldseam_web.alerts.queries import plans_left_open
from goldseam_web.alerts.recipients import recipients
from goldseam_web.audit.services import SYSTEM, record_about
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, RecordState
from goldseam_web.lib.claims import ClaimQueue
from goldseam_web.lib.transactions import one_transaction

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
    read_with=["signal__clinic", "signal__case", "recipient__user"],
)


def queue_deliveries(*, signal: AlertSignal, at: datetime) -> list[Delivery]:
    """Queue a message to everybody who has to hear of the finding, by every channel; the ones that are new."""
    return _queue(signal, RAISED, at)


@one_transaction
def _queue(signal: AlertSignal, reason: str, at: datetime) -> list[Delivery]:
    """One message per round of a response, however many signals it raised; the unique key makes a second impossible."""
    told = recipients(signal.case, local_day(signal.clinic, at), escalated=reason != RAISED)
    found = _round(signal)
    queued = []
    for staff in told:
        for channel in CHANNELS:
            delivery, is_new = Delivery.objects.get_or_create(
                key=f"{signal.response_id}:{staff.id}:{channel}:{reason}{found}",
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
            if is_new:
                queued.append(delivery)
    return queued


def _round(signal: AlertSignal) -> str:
    """What the key says of the judgement that raised the signal: a response that is continued is judged again."""
    earlier = AlertSignal.objects.filter(response_id=signal.response_id, raised_at__lt=signal.raised_at)
    rounds = earlier.order_by().values("raised_at").distinct().count()
    return f":{rounds + 1}" if rounds else ""


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
    if not _still_concerned(delivery, at):
        _pass_on(delivery, at)
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


def _still_concerned(delivery: Delivery, at: datetime) -> bool:
    """Messages may wait for hours, and people leave: who would not be told today is not written to."""
    day = local_day(delivery.signal.clinic, at)
    today = recipients(delivery.signal.case, day, escalated=delivery.reason != RAISED)
    return delivery.recipient in today


@one_transaction
def _pass_on(delivery: Delivery, at: datetime) -> None:
    """Call a message off and tell whoever is concerned now."""
    if _end(delivery, DeliveryState.CANCELLED, at):
        _queue(delivery.signal, delivery.reason, at)


@one_transaction
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


@one_transaction
def _try_again(delivery: Delivery, at: datetime, error: Exception) -> None:
    if DELIVERIES.try_again(delivery, at=at, error=error) == DeliveryState.FAILED:
        _record_end(delivery, DeliveryState.FAILED, at)


def _record_end(delivery: Delivery, state: DeliveryState, at: datetime) -> None:
    """Put on record how a message ended; if it failed, others are told at once and not after hours."""
    record_about(
        delivery,
        at=at,
        actor=SYSTEM,
        action=f"delivery.{state}",
        object_kind="delivery",
        details={"signal": str(delivery.signal_id), "recipient": str(delivery.recipient_id)},
    )
    if state == DeliveryState.FAILED and not delivery.signal.seen.exists():
        _queue(delivery.signal, ESCALATED, at)


def mark_uncertain(*, at: datetime) -> int:
    """Messages whose sending was interrupted: nobody knows whether they left, so they are not sent again."""
    return sum(_end(delivery, DeliveryState.UNCERTAIN, at) for delivery in DELIVERIES.abandoned(at))


def escalate_unseen(*, at: datetime) -> int:
    """Tell supervisors of signals that nobody opened in the clinic's time; say how many messages that made.

    Where a message failed for good, there is nothing to wait for.
    """
    unseen = (
        AlertSignal.objects.filter(seen=None, deliveries__reason=RAISED)
        .exclude(deliveries__reason=ESCALATED)
        .select_related("clinic", "case")
        .annotate(failed=Exists(Delivery.objects.filter(signal=OuterRef("pk"), state=DeliveryState.FAILED)))
        .distinct()
    )
    made = 0
    for signal in unseen:
        if signal.failed or at - signal.raised_at >= timedelta(hours=signal.clinic.escalate_after_hours):
            made += len(_queue(signal, ESCALATED, at))
    return made


def tell_unheard(*, at: datetime) -> int:
    """Tell today's recipients of findings of watched cases that nobody opened and none of them was told of.

    Says how many messages that made.

    A finding may be raised while nobody could hear of it, and who was told may have left since: whoever comes finds
    it waiting.
    """
    unheard = (
        AlertSignal.objects.filter(seen=None, case__in=Case.objects.filter(watched_on(at.date())))
        .exclude(case__state=RecordState.ERASED)
        .select_related("clinic", "case__clinic__lead")
        .order_by("raised_at", "pk")
    )
    made = 0
    for signal in unheard:
        today = recipients(signal.case, local_day(signal.clinic, at))
        told = Delivery.objects.filter(signal__response=signal.response_id, recipient__in=today)
        if today and not told.exists():
            made += len(_queue(signal, RAISED, at))
    return made


@one_transaction
def escalate_not_taken_up(*, at: datetime) -> int:
    """Tell supervisors of plans that were left open for two sessions; say how many messages that made."""
    left = (
        plans_left_open()
        .exclude(deliveries__reason=NOT_TAKEN_UP)
        .select_related("clinic", "case__clinic__lead")
    )
    return sum(len(_queue(signal, NOT_TAKEN_UP, at)) for signal in left)
