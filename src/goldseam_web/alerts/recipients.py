"""Who hears of a finding: decided here alone, for the first message and for escalation.

Only those count who can open the case and still work here: their link, role and supervision run on that day.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.queries import on_day, staff_as, supervised_through, supervisions_on
from goldseam_web.cases.access import answering_on, watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.cases.readers import supervising_on, treating_on


def recipients(case: Case, day: date, *, escalated: bool = False) -> "list[Staff]":
    """Whoever treats the case that day, cover included, else their supervisors; once escalated, the supervisors.

    A cover is told beside the therapist it stands in for: who is on leave keeps the case and may not look. The
    clinic's lead is the supervisor of whom nobody supervises. They come in one order, so that two who write to the
    same people do not wait for each other.
    """
    if not escalated and (treating := list(treating_on(case, day))):
        return treating
    return list(supervising_on(case, day))


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
