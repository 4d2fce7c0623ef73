"""Whose idea it was to come, and the one paper for whoever sent somebody: on which days they came, nothing else."""

import uuid
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.audit.services import record
from goldseam_web.cases.attended_days import days_attended
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import display_name
from goldseam_web.cases.services.membership import set_idea
from goldseam_web.dashboard.language import attendance_words as say
from goldseam_web.dashboard.language.phrases import counted
from goldseam_web.dashboard.member_forms import IDEAS, idea_given
from goldseam_web.dashboard.participation.own_pages import own_member_page
from goldseam_web.dashboard.staff_visit import StaffVisit


class DaysForm(forms.Form):
    """From which day to which; both may stay empty."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def is_in_order(self) -> bool:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return first is None or last is None or first <= last


@dataclass(frozen=True)
class AttendanceLetter:
    """Nothing in it comes from an answer, a request or a finding: what was answered cannot change a byte of it."""

    case_id: uuid.UUID
    position: int
    name: str
    clinic: str
    contact: tuple[str, ...]
    sentence: str
    days: tuple[str, ...]
    written: str
    first: str
    last: str


@own_member_page
def attendance_letter(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """A page by itself, without the frame of staff pages, which counts what is new."""
    if not hasattr(member.person, "identity"):  # erased: nobody is there to write of
        raise Http404
    form = DaysForm(request.GET or None)
    given: dict[str, date | None] = {}
    if form.is_bound:
        if not form.is_valid() or not form.is_in_order():
            messages.error(request, say.DAYS_INVALID)
            return redirect("dashboard:person", case.pk, member.position)
        given = {name: form.cleaned_data[name] for name in ("first", "last")}
    days = days_attended(member, **given)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="attendance.letter",
        object_kind="member",
        object_id=member.pk,
        details={"days": len(days)},
    )
    page = _letter(visit, case, member, days, given)
    return render(request, "dashboard/attendance_letter.html", {"page": page})


def _letter(
    visit: StaffVisit, case: Case, member: Member, days: list[date], given: dict[str, date | None]
) -> AttendanceLetter:
    clinic, first, last = case.clinic, given.get("first"), given.get("last")
    says = {
        (False, False): say.CAME,
        (True, False): say.CAME_FROM,
        (False, True): say.CAME_UNTIL,
        (True, True): say.CAME_IN_TIME,
    }[bool(first), bool(last)]
    return AttendanceLetter(
        case_id=case.pk,
        position=member.position,
        name=str(member.person.identity),
        clinic=clinic.name,
        contact=tuple(filter(None, (clinic.contact_phone, clinic.contact_email))),
        sentence=says.format(
            name=str(member.person.identity),
            clinic=clinic.name,
            days=counted(len(days), *say.DAYS) if days else say.NO_DAY,
            first=_written(first),
            last=_written(last),
        ),
        days=tuple(_written(day) for day in days),
        written=_written(visit.viewer.today),
        first=first.isoformat() if first else "",
        last=last.isoformat() if last else "",
    )


def _written(day: date | None) -> str:
    """With its year: a letter is read later."""
    return f"{day.day} {day:%B} {day.year}" if day else ""


@own_member_page
def whose_idea(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """Keep whose idea it was to come; the form stands on the page of the person."""
    chosen = request.POST.get("idea", "")
    if request.method != "POST" or chosen not in dict(IDEAS):
        raise Http404
    member = set_idea(member=member, **idea_given(chosen), at=visit.at, actor=visit.viewer.actor)
    kept = say.IDEA_KEPT_SENT if member.sent_by else say.IDEA_KEPT
    messages.success(request, kept.format(name=display_name(member)))
    return redirect("dashboard:person", case.pk, member.position)
