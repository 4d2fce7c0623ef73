"""Who may open the pages about the people of a case: whoever treats it, and never while a client may see the screen."""

import uuid
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from goldseam_web.audit.services import record
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_and_right, members_of
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page

CaseView = Callable[[HttpRequest, StaffVisit, Case], HttpResponse]
MemberView = Callable[[HttpRequest, StaffVisit, Case, Member], HttpResponse]


def own_case_page(view: CaseView) -> Callable[..., HttpResponse]:
    """Let in whoever treats the case; to anybody else the page is not there, and in the room it stays closed."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @staff_page
    @wraps(view)
    def page(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
        case = own_case_of(visit, case_id)
        return closed_page(request, visit) if visit.in_room else view(request, visit, case)

    return page


def own_member_page(view: MemberView) -> Callable[..., HttpResponse]:
    """The same of a page about one member, named by their place in the case."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @staff_page
    @wraps(view)
    def page(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID, position: int) -> HttpResponse:
        case = own_case_of(visit, case_id)
        if visit.in_room:
            return closed_page(request, visit)
        member = next((m for m in members_of(case) if m.position == position), None)
        if member is None:
            raise Http404
        return view(request, visit, case, member)

    return page


def own_case_of(visit: StaffVisit, case_id: uuid.UUID) -> Case:
    """The case, if the viewer treats it today; to anybody else the page is not there."""
    found = case_and_right(visit.viewer, case_id)
    if found is None or not found[1]:
        raise Http404
    return found[0]


def record_view(visit: StaffVisit, member: Member, *, action: str = "member.view") -> None:
    """Put on record who looked at a page about a member. Looking changes nothing of the case."""
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action=action,
        object_kind="member",
        object_id=member.pk,
    )


def record_view_of_case(visit: StaffVisit, case: Case, *, action: str) -> None:
    """The same of a page about all members of a case."""
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action=action,
        object_kind="case",
        object_id=case.pk,
    )
