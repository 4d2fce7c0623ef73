"""The joint view: switched on and looked at alone, then shown to all of them, in the room too, until it is closed."""

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.alerts.services.joint_showing import joint_view_of, show_joint_view, switch_joint_view
from goldseam_web.cases.joint_tables import JointView
from goldseam_web.cases.models import Case
from goldseam_web.cases.single_time import sees_several
from goldseam_web.dashboard.joint.build import joint_page, shown_together
from goldseam_web.dashboard.joint.page import ShownPage
from goldseam_web.dashboard.language import joint_words as say
from goldseam_web.dashboard.participation.own_pages import own_case_of, record_view_of_case
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page

# Kept with the sign-in: which showing this browser, and no other, has on its screen.
ON_SCREEN = "joint_view"
SHOW, CLOSE = "show", "close"
SWITCH = {"on": True, "off": False}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def joint_view(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    """To whoever treats the case, and to nobody else. In the room it is closed, unless it is on this very screen."""
    case = own_case_of(visit, case_id)
    if visit.closed_in_room(case.pk):
        return closed_page(request, visit)
    shown = _on_this_screen(request, visit, case)
    if visit.in_room and shown is None:
        return closed_page(request, visit)
    if not sees_several(case):
        raise Http404
    if request.method == "POST":
        return _act(request, visit, case)
    if shown is not None:
        return render(request, "dashboard/joint_shown.html", {"visit": visit, "page": shown})
    return _alone(request, visit, case)


def _alone(request: HttpRequest, visit: StaffVisit, case: Case, refused: str = "") -> HttpResponse:
    """What is said of it stands on this page and on no other: the next one may be one that others see."""
    record_view_of_case(visit, case, action="case.joint_view")
    page = joint_page(visit, case, joint_view_of(case), refused=refused)
    context = {"visit": visit, "page": page, "say": say}
    return render(request, "dashboard/joint_view.html", context, status=409 if refused else 200)


def _on_this_screen(request: HttpRequest, visit: StaffVisit, case: Case) -> ShownPage | None:
    """What is shown here. A browser that shows nothing asks nothing, whatever there is."""
    if ON_SCREEN not in request.session:
        return None
    view = joint_view_of(case)
    return shown_together(visit, case, view) if request.session[ON_SCREEN] == _mark(view) else None


def _mark(view: JointView) -> str:
    return f"{view.pk} {view.shown_at.isoformat() if view.shown_at else ''}"


def _act(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    act = request.POST.get("act", "")
    try:
        if act == CLOSE:
            switch_joint_view(viewer=visit.viewer, case=case, on=False, at=visit.at)
            request.session.pop(ON_SCREEN, None)
            return redirect("dashboard:case", case.pk)
        if visit.in_room:
            return closed_page(request, visit)
        if act == SHOW:
            _show(request, visit, case)
        elif act in SWITCH:
            switch_joint_view(viewer=visit.viewer, case=case, on=SWITCH[act], at=visit.at)
    except ValidationError as refused:
        return _alone(request, visit, case, refused.messages[0])
    return redirect("dashboard:joint_view", case.pk)


def _show(request: HttpRequest, visit: StaffVisit, case: Case) -> None:
    mark = request.POST.get("mark", "")
    view = show_joint_view(viewer=visit.viewer, case=case, mark=mark, at=visit.at)
    request.session[ON_SCREEN] = _mark(view)
