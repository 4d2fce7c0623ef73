"""Who hears of a finding: decided here alone, for the first message and for escalation.

Only those count who can open the case and still work here: their link, role and supervision run on that day.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from goldseam_web.accounts.models import Clinic, Role, Staff, StaffRole, Supervision
from goldseam_web.accounts.queries import on_day
from goldseam_web.cases.models import Case, CaseTherapist, RecordState


def recipients(case: Case, day: date, *, escalated: bool = False) -> "list[Staff]":
    """Whoever treats the case that day, cover included, else their supervisors; once escalated, the supervisors.

    A cover is told beside the therapist it stands in for: who is on leave keeps the case and may not look. They come
    in one order, so that two who write to the same people do not wait for each other.
    """
    if not escalated and (treating := list(_treating(case, day))):
        return treating
    return list(_supervising(case, day))


def cases_without_recipient(clinic: Clinic, day: date, *, escalated: bool = False) -> "QuerySet[Case]":
    """The clinic's open cases for which there is no recipient that day."""
    links = CaseTherapist.objects.filter(on_day(day), case=OuterRef("pk"))
    supervised = _supervisions(day).values("therapist")
    somebody = Q(Exists(links.filter(therapist__in=supervised)))
    if not escalated:
        somebody |= Q(Exists(links.filter(therapist__in=_staff_as(Role.THERAPIST, day))))
    open_cases = Case.objects.filter(clinic=clinic, ended_on=None).exclude(state=RecordState.ERASED)
    return open_cases.exclude(somebody)


def _treating(case: Case, day: date) -> "QuerySet[Staff]":
    links = case.therapists.filter(on_day(day))
    return _staff_as(Role.THERAPIST, day).filter(pk__in=links.values("therapist")).order_by("pk")


def _supervising(case: Case, day: date) -> "QuerySet[Staff]":
    """A therapist who has left is still supervised: as long as the link runs the supervisor can open the case."""
    links = case.therapists.filter(on_day(day))
    supervisions = _supervisions(day).filter(therapist__in=links.values("therapist"))
    return Staff.objects.filter(pk__in=supervisions.values("supervisor")).order_by("pk")


def _supervisions(day: date) -> "QuerySet[Supervision]":
    return Supervision.objects.filter(on_day(day), supervisor__in=_staff_as(Role.SUPERVISOR, day))


def _staff_as(role: Role, day: date) -> "QuerySet[Staff]":
    """Who works at a clinic and holds the role that day."""
    held = StaffRole.objects.filter(on_day(day), role=role)
    return Staff.objects.filter(active=True, pk__in=held.values("staff"))
