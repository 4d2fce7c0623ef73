"""The page of a therapist's own figures: of whoever looks, and for nobody else unless they share a part of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.queries import staff_behind
from goldseam_web.accounts.services import share_own_ratings
from goldseam_web.audit.services import record
from goldseam_web.dashboard.language import lot_words as say
from goldseam_web.dashboard.own_figures.build import own_figures_page
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def own_figures(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    """No address leads to anybody else's: whose they are is who signed in, and who may share them."""
    if not visit.viewer.is_therapist or not visit.judging:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    viewer = visit.viewer
    if request.method == "POST":
        shared = request.POST.get("share") == "yes"
        share_own_ratings(staff=staff_behind(viewer), shared=shared, at=visit.at, actor=viewer.actor)
        messages.success(request, say.SHARED if shared else say.TAKEN_BACK)
        return redirect("dashboard:own_figures")
    page = own_figures_page(visit)
    record(
        clinic_id=viewer.clinic_id,
        at=visit.at,
        actor=viewer.actor,
        action="own_figures.view",
        object_kind="staff",
        object_id=viewer.staff_id,
    )
    return render(request, "dashboard/own_figures.html", {"visit": visit, "page": page, "nav": ""})
