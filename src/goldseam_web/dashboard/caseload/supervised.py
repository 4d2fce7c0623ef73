"""Building the list a supervisor reads."""

from collections.abc import Sequence

from django.urls import reverse

from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import case_title, supervised_cases
from goldseam_web.dashboard.caseload.page import (
    CaseRow,
    SupervisedPage,
    TherapistGroup,
)
from goldseam_web.dashboard.staff_visit import StaffVisit


def supervised_page(visit: StaffVisit) -> SupervisedPage:
    """The open cases of each supervised therapist, by name: to read with them, not to compare them."""
    return SupervisedPage(
        tuple(
            TherapistGroup(staff.full_name, _plain_rows(cases))
            for staff, cases in supervised_cases(visit.viewer)
        )
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
