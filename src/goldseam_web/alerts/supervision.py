"""What waits for a supervisor: what was escalated to them, and what a therapist asked them to look at."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer, on_day
from goldseam_web.alerts.models import (
    ESCALATED,
    NOT_TAKEN_UP,
    PLANNED,
    RAISED,
    TO_LEAD,
    Acknowledgement,
    AlertSignal,
    HelpRequest,
)
from goldseam_web.alerts.off_track_queries import off_track_left
from goldseam_web.cases.access import supervised_by, visible_cases, watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState, TherapistPart
from goldseam_web.cases.queries import MEMBERS_LISTED
from goldseam_web.outbox.models import Message


@dataclass(frozen=True)
class Waiting:
    """Since when one alert waits, and who it is with: whose session it is about, who treats, or who asks for help."""

    since: datetime
    signal: uuid.UUID
    therapist: str


@dataclass(frozen=True)
class ForSupervisor:
    """By case, the longest: what was escalated and is still unopened or still planned, and what help is asked about.

    ``at_once``: what this supervisor was told of when it was found, and nobody has opened; so it is of whoever is in
    training, and where all who treat are away.
    """

    escalated: dict[uuid.UUID, Waiting]
    help_asked: dict[uuid.UUID, Waiting]
    at_once: dict[uuid.UUID, Waiting]
    # Since when a course that is not on track waits to be looked at.
    off_track: dict[uuid.UUID, datetime]


@dataclass(frozen=True)
class LeftToLead:
    """One finding nobody has opened: whose session it is about, since when it waits, and who was told beside them."""

    therapist: str
    since: datetime
    told: tuple[str, ...]


def left_to_lead(viewer: Viewer) -> list[LeftToLead]:
    """What came to the clinic's lead because nobody has opened it, longest first; never which client it is about."""
    if not viewer.is_lead:
        return []
    # Whatever became of the mail, one that was called off while the lead was away too: it still waits.
    told = Message.objects.filter(clinic_id=viewer.clinic_id, purpose=TO_LEAD, staff_id=viewer.staff_id)
    watched = Case.objects.filter(watched_on(viewer.today), clinic_id=viewer.clinic_id)
    found = AlertSignal.objects.filter(
        pk__in=told.values("subject"),
        clinic_id=viewer.clinic_id,
        first_seen_at=None,
        case__in=watched.exclude(state=RecordState.ERASED),
    ).annotate(whose=_whose(viewer))
    before = Message.objects.filter(subject__in=found.values("pk"), purpose=ESCALATED).order_by("queued_at")
    names: dict[uuid.UUID, list[str]] = {}
    for signal, name in before.values_list("subject", "staff__full_name"):
        names.setdefault(signal, []).append(name)
    rows = found.order_by("raised_at", "pk").values_list("pk", "whose", "raised_at")
    return [LeftToLead(whose, since, tuple(dict.fromkeys(names.get(key, [])))) for key, whose, since in rows]


def cases_with(viewer: Viewer, therapist: Staff) -> "QuerySet[Case]":
    """The open cases somebody treats today, not those they cover, that this viewer may read: with names."""
    links = CaseTherapist.objects.filter(on_day(viewer.today), therapist=therapist)
    own = links.exclude(part=TherapistPart.COVER).values("case")
    found = visible_cases(viewer).filter(pk__in=own, ended_on=None)
    return found.prefetch_related(MEMBERS_LISTED)


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
    raised = Message.objects.filter(subject=OuterRef("pk"), purpose=RAISED, staff_id=viewer.staff_id)
    at_once = raised.order_by("queued_at").values("queued_at")[:1]
    subqueries = {"since": Subquery(first), "said": Subquery(last), "at_once": Subquery(at_once)}
    found = of_cases.annotate(**subqueries, who=_whose(viewer))
    waits = Q(since__isnull=False) & (Q(first_seen_at=None) | Q(said__in=PLANNED))
    waiting = list(
        found.filter(waits | Q(at_once__isnull=False, first_seen_at=None)).values_list(
            "case", "since", "at_once", "pk", "who"
        )
    )
    asked = HelpRequest.objects.filter(signal__in=of_cases, taken_back_at=None)
    of_help = ("signal__case", "asked_at", "signal", "staff__full_name")
    # Of both in one statement, told apart by whether somebody asks.
    left = off_track_left(viewer, cases).order_by().values_list("case", "told_at", "pk", Value(""))
    rows = asked.order_by().values_list(*of_help).union(left, all=True)
    both = sorted(rows, key=lambda row: row[1], reverse=True)
    return ForSupervisor(
        _longest((case, since, *rest) for case, since, _, *rest in waiting),
        {case: Waiting(*rest) for case, *rest in both if rest[-1]},
        _longest((case, told_at, *rest) for case, _, told_at, *rest in waiting),
        {case: since for case, since, _, who in both if not who},
    )


def _whose(viewer: Viewer) -> Coalesce:
    """Of a signal, the name of the therapist whose session it is about.

    Of what was said by card it is who treats now, and where nobody does, who did last.
    """
    treats = CaseTherapist.objects.filter(case=OuterRef("case")).exclude(part=TherapistPart.COVER)
    now = treats.filter(on_day(viewer.today)).order_by("starts_on").values("therapist__full_name")[:1]
    last = treats.order_by("-starts_on").values("therapist__full_name")[:1]
    named = "series__therapist__full_name"
    return Coalesce(named, "encounter__therapist__full_name", Subquery(now), Subquery(last), Value(""))


def _longest(rows: Iterable[tuple[Any, ...]]) -> dict[uuid.UUID, Waiting]:
    """By case what has waited longest, of rows that begin with the case and since when (None: not at all)."""
    waiting = sorted((row for row in rows if row[1] is not None), key=lambda row: row[1], reverse=True)
    return {case: Waiting(*rest) for case, *rest in waiting}
