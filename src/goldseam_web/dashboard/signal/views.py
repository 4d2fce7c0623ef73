"""The page of an alert, what the therapist says back, and the list of alerts."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldseam_web.alerts.queries import alert_of
from goldseam_web.alerts.services import acknowledge_findings, open_alert
from goldseam_web.alerts.services.help_requests import ask_for_help, take_back_help
from goldseam_web.audit.services import record
from goldseam_web.cases.access import own_case
from goldseam_web.dashboard.forms import AcknowledgeForm
from goldseam_web.dashboard.language.supervision_page import HELP_KEPT, HELP_TAKEN_BACK
from goldseam_web.dashboard.signal.alert_list import alerts_page
from goldseam_web.dashboard.signal.build import FoundAlert, alert_page
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def signal(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """Opening it is stored as seen: the one GET that writes, because looking is the fact that counts."""
    if settings.GOLDSEAM_RECORD_ONLY:
        raise Http404
    if request.method == "POST":
        return _acknowledge(request, visit, signal_id)
    return _show(request, visit, signal_id)


def _show(
    request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID, refused: AcknowledgeForm | None = None
) -> HttpResponse:
    if visit.in_room:
        return _closed_in_the_room(request, visit, signal_id)
    found = alert_page(visit, signal_id)
    if found is None:
        raise Http404
    _store_view(visit, found)
    form = refused or AcknowledgeForm(found.signals)
    context = {"visit": visit, "page": found.page, "form": form, "nav": "signal"}
    return render(request, "dashboard/signal.html", context, status=400 if refused else 200)


def _closed_in_the_room(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """A client may see the screen: nothing of the alert, not even that there is one, and it does not count as seen."""
    if not alert_of(visit.viewer, signal_id):
        raise Http404
    return closed_page(request, visit)


def _store_view(visit: StaffVisit, found: FoundAlert) -> None:
    """A therapist of the case has seen it; a supervisor's look is audited and answers nobody's alert."""
    if found.mine:
        open_alert(viewer=visit.viewer, findings=found.signals, at=visit.at)
        return
    for shown in found.signals:
        record(
            clinic_id=shown.clinic_id,
            at=visit.at,
            actor=visit.viewer.actor,
            action="signal.view",
            object_kind="signal",
            object_id=shown.id,
        )


def _acknowledge(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """Answer the findings that were shown, and no other that may have come since."""
    signals = alert_of(visit.viewer, signal_id)
    if not signals or own_case(visit.viewer, signals[0].case_id) is None:
        raise Http404
    form = AcknowledgeForm(signals, request.POST)
    if not form.is_valid():
        return _show(request, visit, signal_id, form)
    acknowledge_findings(viewer=visit.viewer, choices=form.chosen, at=visit.at)
    return redirect("dashboard:signal", signal_id)


@require_POST
@staff_page
def ask_to_look(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """Ask whoever supervises the case to look at this alert, or take that back."""
    found = alert_of(visit.viewer, signal_id)
    if settings.GOLDSEAM_RECORD_ONLY or not found or own_case(visit.viewer, found[0].case_id) is None:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    shown = found[0]
    try:
        if request.POST.get("act") == "take_back":
            take_back_help(viewer=visit.viewer, signal=shown, at=visit.at)
            messages.success(request, HELP_TAKEN_BACK)
        else:
            ask_for_help(viewer=visit.viewer, signal=shown, at=visit.at)
            messages.success(request, HELP_KEPT)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("dashboard:signal", signal_id)


@require_GET
@staff_page
def alerts(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    if settings.GOLDSEAM_RECORD_ONLY or not visit.viewer.is_therapist:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    page = alerts_page(visit)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="alerts.view",
        object_kind="staff",
        object_id=visit.viewer.staff_id,
    )
    context = {"visit": visit, "page": page, "nav": "alerts", "poll_page": "alerts"}
    return render(request, "dashboard/alerts.html", context)
