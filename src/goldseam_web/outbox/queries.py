"""Reads over messages: how many are in which state, never to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from goldseam_web.accounts.models import Clinic
from goldseam_web.outbox.models import Message, MessageState


@dataclass(frozen=True)
class MessageCounts:
    """``waiting``: due and not sent yet; the others came to their end that way since a moment."""

    sent: int
    waiting: int
    failed: int
    uncertain: int


def messages_of_clinic(
    clinic: Clinic, *, since: datetime, at: datetime, but: Collection[str] = ()
) -> MessageCounts:
    """How the messages queued since a moment stand, those of some purposes left out. For whoever runs the clinic."""
    late = Q(state__in=(MessageState.PENDING, MessageState.SENDING), due_at__lte=at)
    rows = Message.objects.filter(clinic=clinic, queued_at__gte=since).exclude(purpose__in=but)
    counts = rows.aggregate(
        sent=Count("pk", filter=Q(state=MessageState.SENT)),
        waiting=Count("pk", filter=late),
        failed=Count("pk", filter=Q(state=MessageState.FAILED)),
        uncertain=Count("pk", filter=Q(state=MessageState.UNCERTAIN)),
    )
    return MessageCounts(**counts)
