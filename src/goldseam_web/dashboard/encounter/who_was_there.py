"""Staff say of a client's form that somebody was there when it was answered, or that this was a mistake."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from goldseam_web.dashboard.language import later_words as say
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.measures.queries import occasion_of
from goldseam_web.measures.services.company import set_in_company


@require_POST
@staff_page
def answered_in_company(request: HttpRequest, visit: StaffVisit, occasion_id: uuid.UUID) -> HttpResponse:
    occasion = occasion_of(visit.viewer, occasion_id)
    if occasion is None:
        raise Http404
    if visit.closed_in_room(occasion.case_id):
        return closed_page(request, visit)
    act = request.POST.get("act")
    if act not in ("yes", "no"):
        raise Http404
    try:
        set_in_company(occasion=occasion, in_company=act == "yes", at=visit.at, actor=visit.viewer.actor)
    except ValidationError:
        raise Http404 from None
    messages.success(request, say.SAID_IN_COMPANY if act == "yes" else say.TAKEN_BACK)
    return redirect("dashboard:encounter", occasion.encounter_id)
