"""Who works at the clinic: a list, invitations, and what may be changed of each."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from goldseam_web.accounts.colleagues import (
    end_sessions_of,
    invitation_link,
    invite_colleague,
    may_be_invited_again,
    set_duties,
    set_working,
)
from goldseam_web.accounts.departures import departure_of, take_departure_back
from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import member_of_staff, staff_as, staff_of_clinic
from goldseam_web.accounts.second_step_resets import ask_for_reset
from goldseam_web.alerts.services.leaving_for_good import note_departure
from goldseam_web.measures.services.handovers import hand_over_all, open_cases_of
from goldseam_web.office.colleague_form import DutiesForm, InvitationForm
from goldseam_web.office.views import OfficeVisit, asked_before_changes, office_page

LEAVES = "{name} leaves on {day}. Until then nothing changes; it can be taken back before."
HAS_LEFT = "{name} has left: signed out everywhere, and what is open is told to whoever hears of it now."


@dataclass(frozen=True)
class ListedColleague:
    """One member of staff with what they do today; nothing is counted and nobody compared."""

    staff: Staff
    roles: str
    supervised_by: str
    invited: bool
    leaves_on: date | None
    cases_go_to: str
    has_left: bool


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def staff_list(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Everybody who works here or did, and a form for the next."""
    form = InvitationForm(
        request.POST or None,
        supervisors=_supervisors(visit),
        initial={"by_mail": settings.GOLDSEAM_MAIL_CONFIGURED, "roles": [Role.THERAPIST]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _invited(visit, form)
        except ValidationError as error:
            form.add_error(None, error)
    rows = [_listed(one) for one in staff_of_clinic(visit.viewer)]
    context = {"visit": visit, "rows": rows, "form": form, "mails": settings.GOLDSEAM_MAIL_CONFIGURED}
    return render(request, "office/staff_list.html", context, status=400 if form.errors else 200)


def _invited(visit: OfficeVisit, form: InvitationForm) -> HttpResponse:
    data = form.cleaned_data
    staff = invite_colleague(
        clinic=visit.clinic,
        email=data["email"],
        full_name=data["full_name"],
        called=form.called_given,
        roles=form.roles_given,
        supervisors=form.supervisors_given,
        by_mail=data["by_mail"] and settings.GOLDSEAM_MAIL_CONFIGURED,
        at=visit.at,
        actor=visit.viewer.actor,
    )
    return redirect("office:colleague", staff.pk)


def _listed(staff: Staff) -> ListedColleague:
    return ListedColleague(
        staff=staff,
        roles=", ".join(Role(row.role).label for row in staff.held_today),  # type: ignore[attr-defined]
        supervised_by=", ".join(row.supervisor.full_name for row in staff.linked_today),  # type: ignore[attr-defined]
        invited=may_be_invited_again(staff),
        leaves_on=staff.leaves_on,  # type: ignore[attr-defined]
        cases_go_to=staff.cases_go_to or "",  # type: ignore[attr-defined]
        has_left=staff.leaves_on is not None and not staff.active,  # type: ignore[attr-defined]
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def one_colleague(request: HttpRequest, visit: OfficeVisit, staff_id: uuid.UUID) -> HttpResponse:
    """What one of them does here and who supervises them."""
    staff = _colleague(visit, staff_id)
    supervisors = [one for one in _supervisors(visit) if one.pk != staff.pk]
    form = DutiesForm(
        request.POST or None,
        supervisors=supervisors,
        initial={
            "roles": [row.role for row in staff.held_today],  # type: ignore[attr-defined]
            "supervisors": [str(row.supervisor_id) for row in staff.linked_today],  # type: ignore[attr-defined]
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_duties(
                staff=staff,
                roles=form.roles_given,
                supervisors=form.supervisors_given,
                at=visit.at,
                actor=visit.viewer.actor,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Kept for {staff.full_name}. It holds from today.")
            return redirect("office:colleague", staff_id)
    context = {
        "visit": visit,
        "shown": _listed(staff),
        "form": form,
        "open_cases": open_cases_of(staff, visit.at).count(),
        "therapists": _therapists_beside(visit, staff),
        "is_me": staff.pk == visit.staff.pk,
        "mails": settings.GOLDSEAM_MAIL_CONFIGURED,
    }
    return render(request, "office/colleague.html", context, status=400 if form.errors else 200)


@require_POST
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def change_colleague(request: HttpRequest, visit: OfficeVisit, staff_id: uuid.UUID) -> HttpResponse:
    """Suspend, take back, sign out everywhere, or show an invitation once more."""
    staff = _colleague(visit, staff_id)
    act = request.POST.get("act", "")
    at, actor = visit.at, visit.viewer.actor
    try:
        if act == "invitation":
            return _shown_invitation(request, visit, staff)
        if act == "suspend" and staff.pk != visit.staff.pk:
            set_working(staff=staff, works=False, at=at, actor=actor)
            messages.success(request, f"{staff.full_name} is suspended and signed out everywhere.")
        elif act == "return":
            set_working(staff=staff, works=True, at=at, actor=actor)
            messages.success(request, f"{staff.full_name} can sign in again.")
        elif act == "hand_over":
            _handed_over(request, visit, staff)
        elif act == "depart" and staff.pk != visit.staff.pk:
            _departs(request, visit, staff)
        elif act == "stays":
            _stays(request, visit, staff)
        elif act == "reset_second_step":
            return _reset_asked(request, visit, staff_id)
        elif act == "sign_out":
            ended = end_sessions_of(staff=staff, at=at, actor=actor)
            messages.success(request, f"{ended} sign-ins of {staff.full_name} ended.")
        else:
            raise Http404
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("office:colleague", staff_id)


def _reset_asked(request: HttpRequest, visit: OfficeVisit, staff_id: uuid.UUID) -> HttpResponse:
    """Ask for the second person who lets somebody set up the second step anew."""
    staff = _colleague(visit, staff_id)
    try:
        seconds = ask_for_reset(staff=staff, by=visit.staff, at=visit.at)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        names = " or ".join(one.full_name for one in seconds)
        where = f"{settings.GOLDSEAM_BASE_URL}{reverse('office:second_step_resets')}"
        messages.success(request, f"{names} can say yes within a day, at {where}")
    return redirect("office:colleague", staff_id)


def _handed_over(request: HttpRequest, visit: OfficeVisit, staff: Staff) -> None:
    """Give every open case of somebody who leaves to a colleague; how many is all that is said."""
    taker = next(
        (one for one in _therapists_beside(visit, staff) if str(one.pk) == request.POST.get("to")), None
    )
    if taker is None:
        raise ValidationError("Choose one of the therapists.")
    number = hand_over_all(giver=staff, taker=taker, at=visit.at, actor=visit.viewer.actor)
    messages.success(
        request, f"{number} open cases are {taker.full_name}’s from tomorrow; today both treat them."
    )


def _departs(request: HttpRequest, visit: OfficeVisit, staff: Staff) -> None:
    """Somebody works here no more from a day on; today, at once."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise ValidationError("Give the first day on which they do not work here any more.") from None
    given = request.POST.get("to", "")
    taker = next((one for one in _therapists_beside(visit, staff) if str(one.pk) == given), None)
    if given and taker is None:
        raise ValidationError("Choose one of the therapists.")
    note_departure(staff=staff, day=day, taker=taker, at=visit.at, actor=visit.viewer.actor)
    says = HAS_LEFT if day <= visit.viewer.today else LEAVES
    messages.success(request, says.format(name=staff.full_name, day=date_format(day, "j F Y")))


def _stays(request: HttpRequest, visit: OfficeVisit, staff: Staff) -> None:
    departure = departure_of(staff)
    if departure is not None:
        take_departure_back(departure=departure, at=visit.at, actor=visit.viewer.actor)
    messages.success(request, f"{staff.full_name} stays, with everything they do here.")


def _therapists_beside(visit: OfficeVisit, staff: Staff) -> list[Staff]:
    working = staff_as(Role.THERAPIST, visit.viewer.today).filter(clinic_id=visit.viewer.clinic_id)
    return list(working.exclude(pk=staff.pk).order_by("full_name"))


def _shown_invitation(request: HttpRequest, visit: OfficeVisit, staff: Staff) -> HttpResponse:
    link = invitation_link(staff=staff, at=visit.at, actor=visit.viewer.actor)
    response = render(request, "office/invitation.html", {"visit": visit, "staff": staff, "link": link})
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _supervisors(visit: OfficeVisit) -> list[Staff]:
    of_clinic = staff_as(Role.SUPERVISOR, visit.viewer.today).filter(clinic_id=visit.viewer.clinic_id)
    return list(of_clinic.order_by("full_name"))


def _colleague(visit: OfficeVisit, staff_id: uuid.UUID) -> Staff:
    staff = member_of_staff(visit.viewer, staff_id)
    if staff is None:
        raise Http404
    return staff
