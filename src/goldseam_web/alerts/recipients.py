"""Who hears of a finding: decided here alone, for the first message and for escalation.

Only those count who can open the case and still work here: their link, role and supervision run on that day.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.queries import on_day, staff_as, supervised_through, supervisions_on
from goldseam_web.cases.access import answering_on, watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState


def recipients(case: Case, day: date, *, escalated: bool = False) -> "list[Staff]":
    """Whoever treats the case that day, cover included, else their supervisors; once escalated, the supervisors.

    A cover is told beside the therapist it stands in for: who is on leave keeps the case and may not look. The
    clinic's lead is the supervisor of whom nobody supervises. They come in one order, so that two who write to the
    same people do not wait for each other.
    """
    if not escalated and (treating := list(_treating(case, day))):
        return treating
    return list(_supervising(case, day))


def cases_without_recipient(clinic: Clinic, day: date, *, escalated: bool = False) -> "QuerySet[Case]":
    """The clinic's watched cases for which there is no recipient that day."""
    supervised = Q(therapist__in=supervisions_on(day).values("therapist"))
    if clinic.lead is not None:
        supervised |= Q(therapist__in=supervised_through(clinic.lead, day))
    somebody = Q(Exists(answering_on(day).filter(supervised, case=OuterRef("pk"))))
    if not escalated:
        running = CaseTherapist.objects.filter(on_day(day), case=OuterRef("pk"))
        somebody |= Q(Exists(running.filter(therapist__in=staff_as(Role.THERAPIST, day))))
    watched = Case.objects.filter(watched_on(day), clinic=clinic).exclude(state=RecordState.ERASED)
    return watched.exclude(somebody)


def _treating(case: Case, day: date) -> "QuerySet[Staff]":
    links = case.therapists.filter(on_day(day))
    return staff_as(Role.THERAPIST, day).filter(pk__in=links.values("therapist")).order_by("pk")


def _supervising(case: Case, day: date) -> "QuerySet[Staff]":
    """A therapist who has left is still supervised: their supervisor can open the case."""
    answering = answering_on(day).filter(case=case).values("therapist")
    linked = supervisions_on(day).filter(therapist__in=answering)
    found = Q(pk__in=linked.values("supervisor"))
    lead = case.clinic.lead
    if lead is not None and supervised_through(lead, day).filter(pk__in=answering).exists():
        found |= Q(pk=lead.pk)
    return Staff.objects.filter(found).order_by("pk")
