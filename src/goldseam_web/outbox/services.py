"""Sending messages: each is claimed before it leaves, and none is sent twice by itself.

Whether a message is still wanted, and what it says, is asked of the room that owns its purpose in the transaction that
claims it; the worker hands in which room that is.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError

from goldseam_web.audit.services import SYSTEM, record_about
from goldseam_web.lib.claims import ClaimQueue
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.outbox.channels import CHANNELS, Letter, PermanentError, UncertainError
from goldseam_web.outbox.models import Message, MessageState

MESSAGES = ClaimQueue(
    Message,
    waiting=MessageState.PENDING,
    claimed=MessageState.SENDING,
    given_up=MessageState.FAILED,
    pauses=(
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
    ),
    takes_over=False,
    read_with=["staff__user", "person__safe_ways"],
)


@dataclass(frozen=True)
class MessagePurpose:
    """What the room that owns a purpose says of its messages.

    ``still_wanted`` and ``render`` are asked when a message is about to be sent; ``ended`` is told of every message
    that has come to its end, with its state, in the transaction that writes it.
    """

    still_wanted: Callable[[Message, datetime], bool]
    render: Callable[[Message, datetime], Letter]
    ended: Callable[[Message, datetime], None]


MessagePurposes = Mapping[str, MessagePurpose]


def send_next(*, purposes: MessagePurposes, worker: str, at: datetime) -> bool:
    """Claim the next message that is due and send it; False if none is due.

    The claim is committed before anything leaves the house: a worker killed while sending leaves a row in "sending",
    which becomes *uncertain* and is not sent again.
    """
    if not MESSAGES.any_due(at):
        return False
    claimed = _claim(purposes, worker, at)
    if claimed is not None:
        _send(*claimed, purposes, at)
    return True


@one_transaction
def _claim(purposes: MessagePurposes, worker: str, at: datetime) -> tuple[Message, Letter] | None:
    """A message with its text, or None if another worker was quicker or nobody wants it any more."""
    message = MESSAGES.claim(worker=worker, at=at)
    if message is None:
        return None
    try:
        purpose = purposes[message.purpose]
        if purpose.still_wanted(message, at):
            return message, purpose.render(message, at)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - one message that cannot be made must not stop the others
        _try_again(message, purposes, at, error)
    else:
        _end(message, MessageState.CANCELLED, purposes, at)
    return None


def _send(message: Message, letter: Letter, purposes: MessagePurposes, at: datetime) -> None:
    try:
        CHANNELS[message.channel](message, letter)
    except PermanentError as error:
        _end(message, MessageState.FAILED, purposes, at, error=error)
    except UncertainError as error:
        _end(message, MessageState.UNCERTAIN, purposes, at, error=error.__cause__ or error)
    except Exception as error:  # noqa: BLE001 - any other failure of a channel may pass; it is kept and tried again
        _try_again(message, purposes, at, error)
    else:
        _end(message, MessageState.SENT, purposes, at)


@one_transaction
def _end(
    message: Message,
    state: MessageState,
    purposes: MessagePurposes,
    at: datetime,
    error: BaseException | None = None,
) -> bool:
    """Write how a message ended, and put it on record; neither, if the claim no longer holds."""
    ended = MESSAGES.finish(
        message,
        state=state,
        sent_at=at if state == MessageState.SENT else None,
        last_error=type(error).__name__ if error else "",
    )
    if ended:
        _tell_of_end(message, state, purposes, at)
    return ended


@one_transaction
def _try_again(message: Message, purposes: MessagePurposes, at: datetime, error: Exception) -> None:
    if MESSAGES.try_again(message, at=at, error=error) == MessageState.FAILED:
        _tell_of_end(message, MessageState.FAILED, purposes, at)


def _tell_of_end(message: Message, state: MessageState, purposes: MessagePurposes, at: datetime) -> None:
    message.state = state
    record_about(
        message,
        at=at,
        actor=SYSTEM,
        action=f"message.{state}",
        object_kind="message",
        details={
            "purpose": message.purpose,
            "subject": str(message.subject),
            "recipient": str(message.staff_id or message.person_id),
        },
    )
    if message.purpose in purposes:
        purposes[message.purpose].ended(message, at)


@one_transaction
def call_off_messages_to(*, person_id: uuid.UUID, at: datetime) -> int:
    """Nothing that waits goes to this person any more, whatever it is about; how many messages that were.

    One that is being handed over at this moment cannot be called back.
    """
    waiting = list(locked(Message.objects.filter(person=person_id, state=MessageState.PENDING)))
    Message.objects.filter(pk__in=[message.pk for message in waiting]).update(state=MessageState.CANCELLED)
    for message in waiting:
        _tell_of_end(message, MessageState.CANCELLED, {}, at)
    return len(waiting)


def mark_uncertain(*, purposes: MessagePurposes, at: datetime) -> int:
    """Messages whose sending was interrupted: nobody knows whether they left, so they are not sent again."""
    return sum(_end(row, MessageState.UNCERTAIN, purposes, at) for row in MESSAGES.abandoned(at))
