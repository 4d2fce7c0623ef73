"""The page of a therapist's own figures: of whoever looks, and for nobody else."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goldseam_web.audit.services import record
from goldseam_web.dashboard.own_figures.build import own_figures_page
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page


@require_safe
@staff_page
def own_figures(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    """No address leads to anybody else's: whose they are is who signed in."""
    if not visit.viewer.is_therapist or not visit.judging:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    page = own_figures_page(visit)
    viewer = visit.viewer
    record(
        clinic_id=viewer.clinic_id,
        at=visit.at,
        actor=viewer.actor,
        action="own_figures.view",
        object_kind="staff",
        object_id=viewer.staff_id,
    )
    return render(request, "dashboard/own_figures.html", {"visit": visit, "page": page, "nav": ""})
