"""What was asked of each member about each session, as lists and pages of cases need it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from goldseam_web.accounts.queries import Viewer
from goldseam_web.lib.ids import KnownIds, as_text
from goldseam_web.measures.models import Answer, Occasion, OccasionState
from goldseam_web.measures.own_measures import TENSION_ITEM, TENSION_NOT_DENIED
from goldseam_web.measures.whose_view import OF_THEMSELVES


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What was asked of one member about one encounter and which therapist, and until when it can be answered.

    ``tension`` is the answer to the direct question where it was not "no". ``unread_since``: when it was answered,
    where another reads that first and whoever is told does not yet.
    """

    encounter_id: uuid.UUID
    member_id: uuid.UUID
    phase: str
    state: str
    closes_at: datetime
    therapist_id: uuid.UUID
    tension: str
    unread_since: datetime | None = None


def with_tension(occasions: "QuerySet[Occasion]") -> "QuerySet[Occasion]":
    """The same requests, each with its answer to the direct question as ``tension``, where it was not "no"."""
    said = Answer.objects.filter(
        response__occasion=OuterRef("pk"), item=TENSION_ITEM, choice__in=TENSION_NOT_DENIED
    ).order_by("-response__revision")
    return occasions.annotate(tension=Coalesce(Subquery(said.values("choice")[:1]), Value("")))


def requests_about(
    viewer: Viewer, encounters: Iterable[uuid.UUID], unread_since: Combinable
) -> list[RequestRow]:
    """Requests to members about encounters that were read for this viewer, in one query.

    ``unread_since``: of a row of a request, when it was answered, where the viewer does not read that yet.
    """
    asked = Occasion.objects.filter(
        OF_THEMSELVES, clinic_id=viewer.clinic_id, encounter__in=list(encounters), respondent__isnull=False
    ).exclude(state=OccasionState.CANCELLED)
    rows = (
        with_tension(asked)
        .annotate(unread_since=unread_since)
        .values_list(
            as_text("encounter_id"),
            as_text("respondent_id"),
            "phase",
            "state",
            "closes_at",
            as_text("therapist_id"),
            "tension",
            "unread_since",
        )
    )
    ids = KnownIds()
    return [
        RequestRow(
            ids[encounter], ids[member], phase, state, closes_at, ids[therapist], tension, unread_since
        )
        for encounter, member, phase, state, closes_at, therapist, tension, unread_since in rows
    ]
