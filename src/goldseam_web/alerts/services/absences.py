"""Somebody is away: their cases go to the cover at once, with every finding and plan that is open."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.leaves import end_leave, leaves_on, note_leave
from goldseam_web.accounts.models import Clinic, FormsMeanwhile, Leave, Staff
from goldseam_web.accounts.queries import local_day, on_day
from goldseam_web.alerts.models import DONE_WITH, Acknowledgement, AlertSignal
from goldseam_web.alerts.services.alert_messages import queue_messages
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.cases.services.treating import cover_cases, end_covers_of
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def go_away(
    *,
    staff: Staff,
    first: date,
    last: date | None,
    cover: Staff | None,
    forms: FormsMeanwhile,
    at: datetime,
    actor: Actor,
) -> Leave:
    """Note that somebody is away; from today on, their cover has what is open at once."""
    leave = note_leave(staff=staff, first=first, last=last, cover=cover, forms=forms, at=at, actor=actor)
    if leave.starts_on <= local_day(leave.clinic, at):
        hand_on(leave=leave, at=at, actor=actor)
    return leave


@one_transaction
def come_back(*, leave: Leave, at: datetime, actor: Actor) -> None:
    """Note that somebody is back: what their cover covers for it ends with today."""
    leave = end_leave(leave=leave, at=at, actor=actor)
    end_covers_of(leave=leave, at=at)


@one_transaction
def hand_on(*, leave: Leave, at: datetime, actor: Actor) -> int:
    """Let the cover treat what whoever is away treats, and tell whoever has to hear now of what is open there.

    Gives how many messages that made. Once more, it does the same for cases that have come since.
    """
    leave = locked(Leave.objects.select_related("clinic", "staff", "cover")).get(pk=leave.pk)
    new = cover_cases(leave=leave, at=at, actor=actor)
    cases = list(_cases_of(leave, at)) if leave.handed_on_at is None else new
    told = [queue_messages(signal=signal, at=at) for signal in open_findings(cases)]
    if leave.handed_on_at is None:
        leave.handed_on_at = at
        leave.save(update_fields=["handed_on_at"])
    return sum(map(len, told))


def keep_covered(*, at: datetime) -> int:
    """Hand on what leaves that run today have not handed on yet; say how many messages that made."""
    made = 0
    for clinic in Clinic.objects.all():
        running = leaves_on(local_day(clinic, at)).filter(clinic=clinic, departs=False)
        for leave in running.select_related("staff", "cover"):
            made += hand_on(leave=leave, at=at, actor=SYSTEM)
    return made


def open_findings(cases: Iterable[Case]) -> "QuerySet[AlertSignal]":
    """Findings of these cases that nobody who treats has done with, plans among them, oldest first."""
    last = Acknowledgement.objects.filter(signal=OuterRef("pk")).order_by("-at").values("choice")[:1]
    found = AlertSignal.objects.filter(case__in=[case.pk for case in cases]).annotate(said=Subquery(last))
    still_open = found.filter(Q(said=None) | ~Q(said__in=DONE_WITH))
    return still_open.select_related("clinic", "case__clinic__lead").order_by("raised_at", "pk")


def _cases_of(leave: Leave, at: datetime) -> "QuerySet[Case]":
    today = local_day(leave.clinic, at)
    links = CaseTherapist.objects.filter(on_day(today), therapist=leave.staff)
    watched = Case.objects.filter(watched_on(today), pk__in=links.values("case"))
    return watched.exclude(state=RecordState.ERASED)
