"""What became of the mails that ask: read for the pages of those who may hand out the links."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.viewer_statements import PreparedForViewer
from goldseam_web.cases.access import own_cases
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.outbox.models import Message, MessageState

# These words stand in the keys of messages: another word would write to people twice.
ASKED = "asked"
REMINDER = "reminder"
OUTREACH = "outreach"
OWN_NUMBER = "own_number"
LOOK_BACK = "look_back"
MAIL_PURPOSES = (ASKED, REMINDER)
NOT_ARRIVED = (MessageState.FAILED, MessageState.UNCERTAIN)


def mails_about(occasions: Iterable[Occasion]) -> dict[uuid.UUID, Message]:
    """By occasion that was read for a viewer, the newest mail that asks for it and was not called off."""
    ids = [occasion.pk for occasion in occasions]
    mails = Message.objects.filter(subject__in=ids, purpose__in=MAIL_PURPOSES)
    return {mail.subject: mail for mail in mails.exclude(state=MessageState.CANCELLED).order_by("queued_at")}


def mails_of_outreaches(outreaches: Iterable[uuid.UUID]) -> dict[uuid.UUID, Message]:
    """By outreach that was read for a viewer, the newest try to send its message, called off or not."""
    mails = Message.objects.filter(subject__in=list(outreaches), purpose=OUTREACH)
    return {mail.subject: mail for mail in mails.order_by("queued_at")}


def not_reached(viewer: Viewer, *, at: datetime) -> list[tuple[Occasion, str]]:
    """Open requests of the viewer's own cases whose newest mail did not arrive, or perhaps not, with its state."""
    if not viewer.is_therapist:
        return []
    asked = _NOT_ARRIVED.rows(viewer, at=at)
    states = {subject: mail.state for subject, mail in mails_about(asked).items()}
    return [(one, states[one.pk]) for one in asked if states.get(one.pk) in NOT_ARRIVED]


def _not_arrived(viewer: Viewer, *, at: datetime) -> "QuerySet[Occasion]":
    found = _waiting_and_not_arrived(at).filter(case__in=own_cases(viewer))
    return found.select_related("respondent__person__identity").order_by("opens_at")


_NOT_ARRIVED: PreparedForViewer[Occasion] = PreparedForViewer(_not_arrived, at=datetime)


def number_not_reached(clinic: Clinic, *, at: datetime) -> int:
    """How many open requests of a clinic did not arrive by mail, or perhaps not. A number alone: without a viewer."""
    asked = list(_waiting_and_not_arrived(at).filter(clinic=clinic).only("pk"))
    return sum(mail.state in NOT_ARRIVED for mail in mails_about(asked).values())


def _waiting_and_not_arrived(at: datetime) -> "QuerySet[Occasion]":
    lost = Message.objects.filter(subject=OuterRef("pk"), purpose__in=MAIL_PURPOSES, state__in=NOT_ARRIVED)
    return Occasion.objects.filter(Exists(lost), state=OccasionState.WAITING, closes_at__gt=at)
