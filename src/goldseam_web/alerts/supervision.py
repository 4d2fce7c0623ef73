"""What waits for a supervisor: what was escalated to them, and what a therapist asked them to look at."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer, on_day
from goldseam_web.alerts.models import (
    ESCALATED,
    NOT_TAKEN_UP,
    PLANNED,
    Acknowledgement,
    AlertSignal,
    HelpRequest,
)
from goldseam_web.cases.access import supervised_by, visible_cases, watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState, TherapistPart
from goldseam_web.cases.queries import MEMBERS
from goldseam_web.outbox.models import Message


@dataclass(frozen=True)
class Waiting:
    """Since when one alert waits, and who it is with: whose session it is about, or who asks for help."""

    since: datetime
    signal: uuid.UUID
    therapist: str


@dataclass(frozen=True)
class ForSupervisor:
    """By case, the longest: what was escalated and is still unopened or still planned, and what help is asked about."""

    escalated: dict[uuid.UUID, Waiting]
    help_asked: dict[uuid.UUID, Waiting]


def cases_with(viewer: Viewer, therapist: Staff) -> list[Case]:
    """The open cases somebody treats today, not those they cover, that this viewer may read: with names."""
    links = CaseTherapist.objects.filter(on_day(viewer.today), therapist=therapist)
    own = links.exclude(part=TherapistPart.COVER).values("case")
    found = visible_cases(viewer).filter(pk__in=own, ended_on=None)
    return list(found.prefetch_related(MEMBERS))


def supervised_and_watched(viewer: Viewer) -> "QuerySet[Case]":
    """Cases of those the viewer supervises in which somebody has to hear of what comes."""
    links = supervised_by(viewer).filter(case__in=Case.objects.filter(watched_on(viewer.today)))
    return Case.objects.filter(pk__in=links.values("case")).exclude(state=RecordState.ERASED)


def for_supervisor(viewer: Viewer, cases: "Iterable[Case] | QuerySet[Case]") -> ForSupervisor:
    """Of cases that were read for this viewer, in two queries."""
    of_cases = AlertSignal.objects.filter(clinic_id=viewer.clinic_id, case__in=cases)
    told = Message.objects.filter(subject=OuterRef("pk"), purpose__in=(ESCALATED, NOT_TAKEN_UP))
    first = told.order_by("queued_at").values("queued_at")[:1]
    last = Acknowledgement.objects.filter(signal=OuterRef("pk")).order_by("-at").values("choice")[:1]
    told_of = of_cases.annotate(since=Subquery(first), said=Subquery(last)).exclude(since=None)
    waiting = told_of.filter(Q(seen=None) | Q(said__in=PLANNED))
    asked = HelpRequest.objects.filter(signal__in=of_cases, taken_back_at=None)
    columns = ("case", "since", "pk", "encounter__therapist__full_name")
    of_help = ("signal__case", "asked_at", "signal", "staff__full_name")
    return ForSupervisor(
        {case: Waiting(*rest) for case, *rest in waiting.order_by("-since").values_list(*columns)},
        {case: Waiting(*rest) for case, *rest in asked.order_by("-asked_at").values_list(*of_help)},
    )
