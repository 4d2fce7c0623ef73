"""Whom of a couple or family somebody saw alone, and what they said there: for whoever treats the case, alone."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.alerts.speaking_openly import single_time_of
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_title, display_name
from goldseam_web.cases.safety_tables import SpokenTogether
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.cases.single_time import SaidAlone, sees_several
from goldseam_web.dashboard.case.single_time_card import single_time_card
from goldseam_web.dashboard.language import single_time_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.own_pages import own_case_page, record_view_of_case
from goldseam_web.dashboard.staff_visit import StaffVisit


class SafetyForm(forms.Form):
    """Who, on which day, and what they said. Nothing is chosen in advance."""

    member = forms.IntegerField()
    seen_on = forms.DateField(error_messages={"required": say.DAY_NEEDED, "invalid": say.DAY_NEEDED})
    spoken = forms.ChoiceField(
        choices=SpokenTogether.choices,
        error_messages={"required": say.ANSWER_NEEDED, "invalid_choice": say.ANSWER_NEEDED},
    )


@dataclass(frozen=True)
class SafetyLine:
    """One member, and what holds of them in words."""

    position: int
    name: str
    says: str


@own_case_page
def single_time(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """A form for each of them; in the room it stays closed like every page about people."""
    if not sees_several(case):
        raise Http404
    asked = single_time_of(visit.viewer, case)
    if request.method == "POST":
        try:
            _keep(request, visit, asked.members)
            messages.success(request, say.NOTED)
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
        return redirect("dashboard:single_time", case.pk)
    record_view_of_case(visit, case, action="case.single_time")
    today = visit.viewer.today
    context = {
        "visit": visit,
        "case_id": case.pk,
        "case_title": case_title(case),
        "card": single_time_card(visit, case, asked),
        "lines": [_line(member, asked.notes.get(member.pk), today) for member in asked.members],
        "choices": SpokenTogether.choices,
        "today": today.isoformat(),
    }
    return render(request, "dashboard/single_time.html", context)


def _line(member: Member, note: SaidAlone | None, today: date) -> SafetyLine:
    says = say.NOT_SEEN
    if note is not None:
        says = say.SPOKEN[note.spoken].format(day=long_day(note.seen_on, today=today))
    return SafetyLine(member.position, display_name(member), says)


def _keep(request: HttpRequest, visit: StaffVisit, members: tuple[Member, ...]) -> None:
    form = SafetyForm(request.POST)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    given = form.cleaned_data
    member = next((one for one in members if one.position == given["member"]), None)
    if member is None:
        raise Http404
    note_safety(
        viewer=visit.viewer,
        member=member,
        seen_on=given["seen_on"],
        spoken=SpokenTogether(given["spoken"]),
        at=visit.at,
    )
