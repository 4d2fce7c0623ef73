"""The page of a case, and what the therapist says of an episode."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from goldseam_web.alerts.models import AcknowledgeChoice
from goldseam_web.alerts.queries import episode_of
from goldseam_web.alerts.services import acknowledge, say_strain
from goldseam_web.audit.services import record
from goldseam_web.cases.access import own_case
from goldseam_web.dashboard.case import case_page, room_case_page
from goldseam_web.dashboard.visit import Visit, staff_page


@require_GET
@staff_page
def case(request: HttpRequest, visit: Visit, case_id: uuid.UUID) -> HttpResponse:
    member = request.GET.get("member", "")
    page = room_case_page(visit, case_id) if visit.in_room else case_page(visit, case_id, member=member)
    if page is None:
        raise Http404
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="case.view",
        object_kind="case",
        object_id=case_id,
        details={"room": visit.in_room},
    )
    template = "dashboard/case_room.html" if visit.in_room else "dashboard/case.html"
    return render(request, template, {"visit": visit, "page": page, "nav": "case"})


@require_POST
@staff_page
def strain(request: HttpRequest, visit: Visit, episode_id: uuid.UUID) -> HttpResponse:
    """There was strain, or there was none: the second also settles the signal as "I see it differently"."""
    episode = episode_of(visit.viewer, episode_id)
    if episode is None or own_case(visit.viewer, episode.case_id) is None:
        raise Http404
    there_was = request.POST.get("there_was") == "yes"
    say_strain(viewer=visit.viewer, episode=episode, there_was=there_was, at=visit.at)
    signal = episode.signals.order_by("-raised_at").first()
    if not there_was and signal is not None:
        acknowledge(viewer=visit.viewer, signal=signal, choice=AcknowledgeChoice.DIFFERENT, at=visit.at)
    said = (
        "Noted: there was strain."
        if there_was
        else "Noted: you see it differently. Your view counts as data."
    )
    messages.success(request, said)
    return redirect("dashboard:case", episode.case_id)
