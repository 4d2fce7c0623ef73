"""Building the list a supervisor reads."""

import uuid
from collections.abc import Sequence

from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.cases.access import supervised_by
from goldseam_web.cases.models import Case, CaseKind, RecordState
from goldseam_web.cases.queries import MEMBERS, case_title
from goldseam_web.dashboard.caseload.page import (
    CaseRow,
    SupervisedPage,
    TherapistGroup,
)
from goldseam_web.dashboard.staff_visit import StaffVisit


def supervised_page(visit: StaffVisit) -> SupervisedPage:
    """The open cases of each supervised therapist, by name: to read with them, not to compare them."""
    links = (
        supervised_by(visit.viewer)
        .filter(case__ended_on=None)
        .exclude(case__state=RecordState.ERASED)
        .select_related("therapist", "case")
        .prefetch_related("case__" + MEMBERS.prefetch_to, "case__members__person__identity")
        .order_by("therapist__full_name")
    )
    by_therapist: dict[uuid.UUID, tuple[Staff, list[Case]]] = {}
    for link in links:
        by_therapist.setdefault(link.therapist_id, (link.therapist, []))[1].append(link.case)
    return SupervisedPage(
        tuple(TherapistGroup(staff.full_name, _plain_rows(cases)) for staff, cases in by_therapist.values())
    )


def _plain_rows(cases: Sequence[Case]) -> tuple[CaseRow, ...]:
    rows = [
        CaseRow(
            key=f"case-{case.id.hex}",
            url=reverse("dashboard:case", args=[case.id]),
            title=case_title(case),
            about=CaseKind(case.kind).label,
            badge=None,
            sentence="",
            spark=None,
            meeting="",
            answered="",
        )
        for case in cases
    ]
    return tuple(sorted(rows, key=lambda row: row.title.casefold()))
