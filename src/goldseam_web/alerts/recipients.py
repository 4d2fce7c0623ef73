"""Who hears of a finding: decided here alone, for the first message and for escalation.

Only those count who can open the case and still work here: their link, role and supervision run on that day. Who
treats and is away is told as well, but counts for nobody else's silence.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from goldseam_web.accounts.leaves import leaves_on
from goldseam_web.accounts.models import Clinic, Role, Staff, Supervision
from goldseam_web.accounts.queries import on_day, staff_as, supervised_through, supervisions_on
from goldseam_web.cases.access import answering_on, watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.cases.readers import supervising_on, supervising_training_on, treating_on


def recipients(case: Case, day: date, *, escalated: bool = False) -> "list[Staff]":
    """Whoever treats the case that day, cover included, else their supervisors; once escalated, the supervisors.

    Who is in training is told together with whoever supervises them.

    A cover is told beside the therapist it stands in for: who is on leave keeps the case and may not look. Where
    everybody who treats is away, the supervisors are told at once. The clinic's lead is the supervisor of whom nobody
    supervises. They come in one order, so that two who write to the same people do not wait for each other.
    """
    if escalated:
        return supervising_on(case, day)
    treating = treating_on(case, day)
    above = supervising_training_on(case, day) if here(treating, day) else supervising_on(case, day)
    return sorted({*treating, *above}, key=lambda staff: staff.pk)


def last_to_hear(clinic: Clinic, day: date) -> Staff | None:
    """The clinic's lead, to whom what no supervisor opened comes last; None where nobody leads, or the lead is away."""
    if clinic.lead is None or not staff_as(Role.SUPERVISOR, day).filter(pk=clinic.lead.pk).exists():
        return None
    return next(iter(here([clinic.lead], day)), None)


def here(staff: Iterable[Staff], day: date) -> list[Staff]:
    """Those of them who are not away that day."""
    away = set(leaves_on(day).filter(staff__in=staff).values_list("staff", flat=True))
    return [one for one in staff if one.pk not in away]


def cases_without_recipient(clinic: Clinic, day: date, *, escalated: bool = False) -> "QuerySet[Case]":
    """The clinic's watched cases for which there is no recipient that day who is not away."""
    away = leaves_on(day).values("staff")
    lead = clinic.lead if clinic.lead and here([clinic.lead], day) else None
    somebody = _is_answered_for(supervisions_on(day).exclude(supervisor__in=away), lead, day)
    if not escalated:
        running = CaseTherapist.objects.filter(on_day(day), case=OuterRef("pk"))
        working = staff_as(Role.THERAPIST, day).exclude(pk__in=away)
        somebody |= Q(Exists(running.filter(therapist__in=working)))
    watched = Case.objects.filter(watched_on(day), clinic=clinic).exclude(state=RecordState.ERASED)
    return watched.exclude(somebody)


def cases_without_supervisor(clinic: Clinic, day: date) -> "QuerySet[Case]":
    """The clinic's cases for which nobody is told once a finding is escalated, away or not."""
    return Case.objects.filter(~_is_answered_for(supervisions_on(day), clinic.lead, day), clinic=clinic)


def _is_answered_for(supervisions: "QuerySet[Supervision]", lead: Staff | None, day: date) -> Q:
    """Whether one of these supervisions, or the lead where there is one, answers for the case of the query around."""
    supervised = Q(therapist__in=supervisions.values("therapist"))
    if lead is not None:
        supervised |= Q(therapist__in=supervised_through(lead, day))
    return Q(Exists(answering_on(day).filter(supervised, case=OuterRef("pk"))))
