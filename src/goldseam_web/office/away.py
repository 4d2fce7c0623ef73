"""Who is away and who stands in: in two clicks for whoever may, with dates for who knows them. No finding is shown."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.leaves import (
    leave_of,
    leaves_ahead,
    may_send_away,
    name_cover,
    set_forms_when_away,
    who_is_away_today,
)
from goldseam_web.accounts.models import FormsMeanwhile, Leave, Role, Staff
from goldseam_web.accounts.queries import staff_as
from goldseam_web.alerts.services.absences import come_back, go_away
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page

NOBODY = ("", "Nobody")
STANDS_IN = "{name} stands in."
NOBODY_STANDS_IN = "Nobody stands in: whoever supervises hears of what cannot wait."


@dataclass(frozen=True)
class TherapistAway:
    """One therapist, the leaves that run or are to come, and who stands in now, or would (None: nobody who is here)."""

    staff: Staff
    runs: Leave | None
    stands_in: Staff | None
    ahead: tuple[Leave, ...]
    others: tuple[Staff, ...]


class LeaveForm(PlainForm):
    """From when to when, who stands in, and what clients' forms do."""

    first = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label="Last day",
        required=False,
        help_text="Left empty, until they are back.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    cover = forms.ChoiceField(label="Who stands in?", required=False)
    meanwhile = forms.ChoiceField(
        label="What do forms do that nobody has begun?",
        choices=FormsMeanwhile.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, others: Sequence[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in others}
        choices = [NOBODY, *((key, one.full_name) for key, one in self.known.items())]
        self.fields["cover"].choices = choices  # type: ignore[attr-defined]

    @property
    def cover_given(self) -> Staff | None:
        return self.known.get(self.cleaned_data["cover"])


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=None)
def who_is_away(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The clinic's therapists whom the viewer may send away, by name; to anybody else the page is not there."""
    working = _therapists(visit)
    mine = [one for one in working if may_send_away(visit.viewer, one)]
    if not (mine or Role.ADMINISTRATOR in visit.viewer.roles):
        raise Http404
    if request.method == "POST":
        try:
            _act(request, visit, mine, working)
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
        return redirect("office:away")
    context = {
        "visit": visit,
        "rows": _rows(visit, mine, working),
        "chosen": visit.clinic.forms_when_away,
        "choices": FormsMeanwhile.choices,
        "runs_clinic": Role.ADMINISTRATOR in visit.viewer.roles,
    }
    return render(request, "office/away.html", context)


def _therapists(visit: OfficeVisit) -> list[Staff]:
    working = staff_as(Role.THERAPIST, visit.viewer.today).filter(clinic_id=visit.viewer.clinic_id)
    return list(working.select_related("cover", "clinic").order_by("full_name"))


def _rows(visit: OfficeVisit, mine: Sequence[Staff], working: Sequence[Staff]) -> list[TherapistAway]:
    leaves = leaves_ahead(visit.viewer, mine)
    away = {leave.staff_id: cover for leave, cover in who_is_away_today(visit.viewer)}
    rows = []
    for one in mine:
        own = [leave for leave in leaves if leave.staff_id == one.pk]
        runs = _runs(own, visit)
        ahead = tuple(leave for leave in own if leave is not runs)
        would = one.cover if one.cover in working and one.cover_id not in away else None
        others = tuple(w for w in working if w.pk != one.pk)
        rows.append(TherapistAway(one, runs, away.get(one.pk) if runs else would, ahead, others))
    return rows


def _act(request: HttpRequest, visit: OfficeVisit, mine: Sequence[Staff], working: Sequence[Staff]) -> None:
    act = request.POST.get("act", "")
    if act == "forms":
        return _choose_forms(request, visit)
    if act == "back":
        return _back(request, visit, mine)
    staff = next((one for one in mine if str(one.pk) == request.POST.get("staff")), None)
    if staff is None or act not in ("away", "cover"):
        raise Http404
    if act == "away":
        return _away_from_now(request, visit, staff)
    given = request.POST.get("cover", "")
    cover = next((one for one in working if str(one.pk) == given), None)
    if given and cover is None:
        raise ValidationError("Choose one of the colleagues who work here as therapists.")
    name_cover(staff=staff, cover=cover, at=visit.at, actor=visit.viewer.actor)
    messages.success(request, f"Kept for {staff.full_name}.")
    return None


def _away_from_now(request: HttpRequest, visit: OfficeVisit, staff: Staff) -> None:
    """Until they are back, with the cover they named if that one is here, and forms as the clinic chose."""
    working = any(one.pk == staff.cover_id for one in _therapists(visit))
    is_here = staff.cover and working and _runs(leaves_ahead(visit.viewer, [staff.cover]), visit) is None
    cover = staff.cover if is_here else None
    leave = go_away(
        staff=staff,
        first=visit.viewer.today,
        last=None,
        cover=cover,
        forms=FormsMeanwhile(visit.clinic.forms_when_away),
        at=visit.at,
        actor=visit.viewer.actor,
    )
    messages.success(request, f"{staff.full_name} is away from now. {_stands_in(leave)}")


def _runs(leaves: Sequence[Leave], visit: OfficeVisit) -> Leave | None:
    return next((leave for leave in leaves if leave.starts_on <= visit.viewer.today), None)


def _stands_in(leave: Leave) -> str:
    return STANDS_IN.format(name=leave.cover.full_name) if leave.cover else NOBODY_STANDS_IN


def _back(request: HttpRequest, visit: OfficeVisit, mine: Sequence[Staff]) -> None:
    """A second tap, or another tab, changes nothing."""
    leave = leave_of(visit.viewer, mine, _id_given(request))
    if leave is None:
        raise Http404
    if leave.back_at is not None:
        messages.info(request, "That has been noted already.")
        return
    come_back(leave=leave, at=visit.at, actor=visit.viewer.actor)
    said = "is back" if leave.starts_on <= visit.viewer.today else "is not away then after all"
    messages.success(request, f"{leave.staff.full_name} {said}.")


def _id_given(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("leave", ""))
    except ValueError:
        raise Http404 from None


def _choose_forms(request: HttpRequest, visit: OfficeVisit) -> None:
    given = request.POST.get("forms", "")
    if Role.ADMINISTRATOR not in visit.viewer.roles or given not in FormsMeanwhile.values:
        raise Http404
    set_forms_when_away(
        clinic=visit.clinic, forms=FormsMeanwhile(given), at=visit.at, actor=visit.viewer.actor
    )
    messages.success(request, "Kept. It holds from the next leave on.")


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=None)
def leave_with_dates(request: HttpRequest, visit: OfficeVisit, staff_id: uuid.UUID) -> HttpResponse:
    """A leave from a day to a day, with everything about it to choose."""
    working = _therapists(visit)
    staff = next((one for one in working if one.pk == staff_id and may_send_away(visit.viewer, one)), None)
    if staff is None:
        raise Http404
    form = LeaveForm(
        request.POST or None,
        others=[one for one in working if one.pk != staff.pk],
        initial={
            "first": visit.viewer.today,
            "cover": str(staff.cover_id or ""),
            "meanwhile": visit.clinic.forms_when_away,
        },
    )
    if request.method == "POST" and form.is_valid() and _noted(request, visit, staff, form):
        return redirect("office:away")
    context = {"visit": visit, "staff": staff, "form": form}
    return render(request, "office/leave.html", context, status=400 if form.errors else 200)


def _noted(request: HttpRequest, visit: OfficeVisit, staff: Staff, form: LeaveForm) -> bool:
    """Whether it was kept; what is not allowed the form then says."""
    given = form.cleaned_data
    try:
        leave = go_away(
            staff=staff,
            first=given["first"],
            last=given["last"],
            cover=form.cover_given,
            forms=FormsMeanwhile(given["meanwhile"]),
            at=visit.at,
            actor=visit.viewer.actor,
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    first = date_format(leave.starts_on, "j F")
    messages.success(request, f"{staff.full_name} is away from {first}. {_stands_in(leave)}")
    return True
