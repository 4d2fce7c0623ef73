"""The page of who rates whom."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from goldseam_web.audit.services import record
from goldseam_web.dashboard.map_of_relations.build import relations_page
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page


@require_GET
@staff_page
def relations(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    """Closed while a client may see the screen: it sets the members' answers beside each other."""
    page = relations_page(visit, case_id)
    if page is None:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="case.relations",
        object_kind="case",
        object_id=case_id,
    )
    context = {"visit": visit, "page": page, "case_id": case_id, "nav": "case"}
    return render(request, "dashboard/relations.html", context)
