"""The list of a case's appointments; calling one off, and taking that back."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldseam_web.audit.services import record
from goldseam_web.cases.models import Encounter, EncounterState, NotHeld
from goldseam_web.cases.queries import case_and_right, case_title, own_encounter
from goldseam_web.cases.services import Reach, others_reached
from goldseam_web.dashboard.appointment_list.build import appointments_page
from goldseam_web.dashboard.appointment_list.page import CancelPage
from goldseam_web.dashboard.encounter.build import number_of, when_in_words
from goldseam_web.dashboard.encounter.views import enter_if_it_runs
from goldseam_web.dashboard.forms import CancelForm, errors_of
from goldseam_web.dashboard.language import appointments_page as say
from goldseam_web.dashboard.language.phrases import first_capital, session
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.measures.services.planned_sessions import cancel_sessions, restore_session


@require_GET
@staff_page
def appointments(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    found = case_and_right(visit.viewer, case_id)
    if found is None:
        raise Http404
    if visit.closed_in_room(case_id):
        return closed_page(request, visit)
    case, mine = found
    record(
        clinic_id=case.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="appointments.view",
        object_kind="case",
        object_id=case_id,
    )
    page = appointments_page(visit, case, mine=mine)
    return render(request, "dashboard/appointments.html", {"visit": visit, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def cancel(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """Say that a session does not take place, or did not, and why."""
    row = own_encounter(visit.viewer, encounter_id)
    if row is None or row.state == EncounterState.CANCELLED:
        raise Http404
    if visit.closed_in_room(row.case_id):
        return closed_page(request, visit)
    given = request.POST if request.method == "POST" else None
    form = CancelForm(given, begun=row.starts_at <= visit.at)
    errors = errors_of(form) if form.is_bound else []
    if form.is_bound and not errors:
        try:
            return _cancel(request, visit, row, form)
        except ValidationError as refused:
            errors = [("", message) for message in refused.messages]
    context = {"visit": visit, "page": _cancel_page(visit, row), "form": form, "errors": errors}
    return render(request, "dashboard/cancel_encounter.html", context, status=400 if errors else 200)


def _cancel(request: HttpRequest, visit: StaffVisit, row: Encounter, form: CancelForm) -> HttpResponse:
    cancelled = cancel_sessions(
        encounter=row,
        reach=Reach(form.cleaned_data["reach"] or Reach.ONE),
        because=NotHeld(form.cleaned_data["because"]),
        at=visit.at,
        actor=visit.viewer.actor,
    )
    done = say.NOT_HELD if len(cancelled) == 1 else say.SEVERAL_NOT_HELD.format(count=len(cancelled))
    messages.success(request, done)
    return redirect("dashboard:appointments", row.case_id)


def _cancel_page(visit: StaffVisit, row: Encounter) -> CancelPage:
    name = first_capital(session(number_of(visit, row)))
    over = row.ends_at <= visit.at
    return CancelPage(
        case_id=row.case_id,
        case_title=case_title(row.case),
        title=(say.CANCELLED if over else say.CANCEL).format(session=name),
        session_title=name,
        session_url=reverse("dashboard:encounter", args=[row.pk]),
        when=when_in_words(visit, row),
        of_series=others_reached(row, at=visit.at),
    )


@require_POST
@staff_page
def restore(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """The session takes place after all."""
    row = own_encounter(visit.viewer, encounter_id)
    if row is None:
        raise Http404
    if visit.closed_in_room(row.case_id):
        return closed_page(request, visit)
    try:
        enter_if_it_runs(visit, restore_session(encounter=row, at=visit.at, actor=visit.viewer.actor))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.TAKEN_BACK)
    return redirect("dashboard:encounter", encounter_id)
