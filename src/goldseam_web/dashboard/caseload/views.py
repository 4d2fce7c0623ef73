"""The first page after signing in."""

import uuid
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import Viewer, colleague_of, staff_behind, viewer_of
from goldseam_web.alerts.message_report import message_report
from goldseam_web.audit.services import record
from goldseam_web.dashboard.caseload.build import caseload_page
from goldseam_web.dashboard.caseload.not_reached import not_reached_lines
from goldseam_web.dashboard.caseload.supervised import supervised_page, supervisee_page
from goldseam_web.dashboard.language.phrases import first_capital
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page, visit_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The caseload of a therapist, the list of a supervisor, or what somebody with neither role can do here."""
    at = timezone.now()
    visit = visit_of(request, at=at)
    if visit is None:
        viewer = viewer_of(request.user, at=at)  # type: ignore[arg-type]  # login_required let only users in
        if viewer is not None and Role.ADMINISTRATOR in viewer.roles:
            first = "office:charter" if viewer.owes_charter else "office:home"
            return redirect(first)
        return render(request, "dashboard/no_cases.html", {"roles": viewer.roles if viewer else frozenset()})
    if visit.viewer.owes_charter and request.method == "GET":
        return redirect("office:charter")
    return _own(request, visit) if visit.viewer.is_therapist else _supervised(request, visit)


def _faults(viewer: Viewer, at: datetime) -> list[str]:
    """What an administrator must put right so that nobody stays unheard: how many, never whose."""
    if Role.ADMINISTRATOR not in viewer.roles:
        return []
    report = message_report(at=at, clinic=staff_behind(viewer).clinic, viewer=viewer)
    return [f"{first_capital(subject)}: {says}." for subject, says in report.faults]


@require_GET
@staff_page
def supervised(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    if Role.SUPERVISOR not in visit.viewer.roles:
        raise Http404
    return _supervised(request, visit)


@require_GET
@staff_page
def supervisee(request: HttpRequest, visit: StaffVisit, staff_id: uuid.UUID) -> HttpResponse:
    """What whoever supervises a therapist reads of them: to that therapist it opens word for word the same."""
    viewer = visit.viewer
    is_own = staff_id == viewer.staff_id and viewer.is_therapist
    therapist = colleague_of(viewer, staff_id) if is_own or staff_id in viewer.supervised else None
    if therapist is None:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    page = supervisee_page(visit, therapist)
    _audit(visit, "supervisee.view", about=staff_id)
    context = {"visit": visit, "page": page, "nav": "" if is_own else "supervised"}
    return render(request, "dashboard/supervisee.html", context)


def _own(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    # A client's name is sent in the body: addresses are kept in histories and logs.
    query = request.POST.get("q", "").strip()
    page = caseload_page(visit, query=query, group=request.GET.get("group", ""))
    _audit(visit, "caseload.view")
    return render(
        request,
        "dashboard/caseload.html",
        {
            "visit": visit,
            "page": page,
            "faults": () if visit.in_room else _faults(visit.viewer, visit.at),
            "not_reached": () if visit.in_room else not_reached_lines(visit),
            "nav": "caseload",
            "poll_page": "" if page.query else "caseload",
        },
    )


def _supervised(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    if visit.in_room:
        return closed_page(request, visit)
    page = supervised_page(visit)
    _audit(visit, "supervised.view")
    context = {"visit": visit, "page": page, "faults": _faults(visit.viewer, visit.at), "nav": "supervised"}
    return render(request, "dashboard/supervised.html", context)


def _audit(visit: StaffVisit, action: str, *, about: uuid.UUID | None = None) -> None:
    viewer = visit.viewer
    record(
        clinic_id=viewer.clinic_id,
        at=visit.at,
        actor=viewer.actor,
        action=action,
        object_kind="staff",
        object_id=about or viewer.staff_id,
    )
