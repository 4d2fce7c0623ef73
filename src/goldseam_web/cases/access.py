"""May X see Y: the one place that answers it. Clinic scope is the default; a stranger gets nothing.

Therapists see the cases they treat on that day (co-therapists and cover included). Supervisors see the cases of
therapists they supervise that day; where nobody treats a case any more, it is still that of who treated it last.
Whom nobody supervises the clinic's lead does. Administrators run the clinic and see no answers; researchers see nothing
identified. Clients never have a viewer: their only door is the signed link of one occasion.
"""

import uuid
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import Viewer, on_day
from goldseam_web.cases.models import Case, CaseTherapist, Encounter, RecordState

# What clients say about their last sessions still arrives after a case has ended, and somebody has to hear of it.
WATCHED_AFTER_END = timedelta(days=30)


def treated_by(viewer: Viewer) -> "QuerySet[CaseTherapist]":
    """The dated links that make a case this viewer's own."""
    if Role.THERAPIST not in viewer.roles:
        return CaseTherapist.objects.none()
    return CaseTherapist.objects.filter(
        on_day(viewer.today), clinic_id=viewer.clinic_id, therapist_id=viewer.staff_id
    )


def answering_on(day: date) -> "QuerySet[CaseTherapist]":
    """The links through which supervisors answer for a case: those that run, else those that ended last."""
    of_case = CaseTherapist.objects.filter(case=OuterRef("case"), starts_on__lte=day).order_by()
    last_day = of_case.values("case").annotate(last=Max("ends_on")).values("last")
    ended_last = ~Exists(of_case.filter(on_day(day))) & Q(ends_on=Subquery(last_day))
    return CaseTherapist.objects.filter(on_day(day) | ended_last)


def supervised_by(viewer: Viewer) -> "QuerySet[CaseTherapist]":
    """The links by which this viewer supervises a case."""
    return answering_on(viewer.today).filter(clinic_id=viewer.clinic_id, therapist_id__in=viewer.supervised)


def watched_on(day: date) -> Q:
    """Cases in which somebody has to hear of what comes: open ones, and ended ones for a while."""
    return Q(ended_on=None) | Q(ended_on__gte=day - WATCHED_AFTER_END)


def own_cases(viewer: Viewer) -> "QuerySet[Case]":
    """Cases the viewer treats: the caseload, and the only cases the viewer may change."""
    treated = treated_by(viewer).values(
        "case"
    )  # read once, where a question for each case would read it for each
    return Case.objects.filter(pk__in=treated, clinic_id=viewer.clinic_id).exclude(state=RecordState.ERASED)


def visible_cases(viewer: Viewer) -> "QuerySet[Case]":
    """Cases whose pages the viewer may open: own ones and those supervised."""
    links = (treated_by(viewer) | supervised_by(viewer)).filter(case=OuterRef("pk"))
    return Case.objects.filter(Exists(links), clinic_id=viewer.clinic_id).exclude(state=RecordState.ERASED)


def visible_encounters(viewer: Viewer) -> "QuerySet[Encounter]":
    return Encounter.objects.filter(clinic_id=viewer.clinic_id, case__in=visible_cases(viewer))


def own_case(viewer: Viewer, case_id: uuid.UUID) -> Case | None:
    return own_cases(viewer).filter(pk=case_id).first()


def visible_case(viewer: Viewer, case_id: uuid.UUID) -> Case | None:
    return visible_cases(viewer).filter(pk=case_id).first()
