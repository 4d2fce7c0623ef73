"""The page of a signal, what the therapist says back, and the list of signals."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.queries import signal_of
from goldseam_web.alerts.services import acknowledge, open_signal
from goldseam_web.audit.services import record
from goldseam_web.cases.access import own_case
from goldseam_web.dashboard.forms import AcknowledgeForm
from goldseam_web.dashboard.signal.alert_list import alerts_page
from goldseam_web.dashboard.signal.build import signal_page
from goldseam_web.dashboard.staff_visit import StaffVisit, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def signal(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """Opening it is stored as seen: the one GET that writes, because looking is the fact that counts."""
    if settings.GOLDSEAM_RECORD_ONLY:
        raise Http404
    if request.method == "POST":
        return _acknowledge(request, visit, signal_id)
    return _show(request, visit, signal_id, AcknowledgeForm())


def _show(
    request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID, form: AcknowledgeForm
) -> HttpResponse:
    if visit.in_room:
        return _closed_in_the_room(request, visit, signal_id)
    found = signal_page(visit, signal_id)
    if found is None:
        raise Http404
    page, row, mine = found
    _store_view(visit, row, mine=mine)
    context = {"visit": visit, "page": page, "form": form, "nav": "signal"}
    return render(request, "dashboard/signal.html", context, status=400 if form.is_bound else 200)


def _closed_in_the_room(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    """A client may see the screen: nothing of the signal, not even that there is one, and it does not count as seen."""
    if signal_of(visit.viewer, signal_id) is None:
        raise Http404
    return render(request, "dashboard/room_closed.html", {"visit": visit})


def _store_view(visit: StaffVisit, row: AlertSignal, *, mine: bool) -> None:
    """A therapist of the case has seen it; a supervisor's look is audited and answers nobody's alert."""
    if mine:
        open_signal(viewer=visit.viewer, signal=row, at=visit.at)
        return
    record(
        clinic_id=row.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="signal.view",
        object_kind="signal",
        object_id=row.id,
    )


def _acknowledge(request: HttpRequest, visit: StaffVisit, signal_id: uuid.UUID) -> HttpResponse:
    row = signal_of(visit.viewer, signal_id)
    if row is None or own_case(visit.viewer, row.case_id) is None:
        raise Http404
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _show(request, visit, signal_id, form)
    acknowledge(viewer=visit.viewer, signal=row, choice=form.chosen, at=visit.at)
    return redirect("dashboard:signal", signal_id)


@require_GET
@staff_page
def alerts(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    if settings.GOLDSEAM_RECORD_ONLY or not visit.viewer.is_therapist:
        raise Http404
    if visit.in_room:
        return render(request, "dashboard/room_closed.html", {"visit": visit})
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
