"""Writing down what all of them come for, that it still stands, and that goals are hard to reconcile."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from goldseam_web.cases.event_tables import GoalNoteKind
from goldseam_web.cases.models import Case
from goldseam_web.cases.services.goal_notes import goal_notes, note_goal, take_back_goal_note
from goldseam_web.cases.single_time import sees_several
from goldseam_web.dashboard.case.views import case_shown
from goldseam_web.dashboard.form_key import key_sent
from goldseam_web.dashboard.language import goals_words as say
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit

NOTED = {
    GoalNoteKind.AGREED: say.AGREED_NOTED,
    GoalNoteKind.STILL: say.STILL_NOTED,
    GoalNoteKind.APART: say.MARK_NOTED,
    GoalNoteKind.NO_LONGER: say.ENDED_NOTED,
}


class GoalForm(forms.Form):
    """What is noted, its day, and the agreed words where it is these."""

    note = forms.ChoiceField(choices=GoalNoteKind.choices)
    goal_day = forms.DateField(error_messages={"required": say.DAY_NEEDED, "invalid": say.DAY_NEEDED})
    goal = forms.CharField(required=False)


@own_case_page
def goals(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """The forms stand on the page of the case. What was refused is shown there again as it was typed."""
    if request.method != "POST":
        return redirect("dashboard:case", case.pk)
    if not sees_several(case):
        raise Http404
    if taken_back := request.POST.get("take_back"):
        _take_back(request, visit, case, taken_back)
        return redirect("dashboard:case", case.pk)
    form = GoalForm(request.POST)
    if not form.is_valid() or not _is_noted(request, visit, case, form):
        return case_shown(request, visit, case.pk, goal=form)
    messages.success(request, NOTED[GoalNoteKind(form.cleaned_data["note"])])
    return redirect("dashboard:case", case.pk)


def _take_back(request: HttpRequest, visit: StaffVisit, case: Case, key: str) -> None:
    readable = goal_notes(visit.viewer, case, treats=True)
    note = next((one for one in readable if str(one.pk) == key), None)
    if note is None:
        raise Http404
    try:
        take_back_goal_note(viewer=visit.viewer, note=note, at=visit.at)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.TAKEN_BACK)


def _is_noted(request: HttpRequest, visit: StaffVisit, case: Case, form: GoalForm) -> bool:
    """Whether it was; why not the form then says."""
    given = form.cleaned_data
    try:
        note_goal(
            viewer=visit.viewer,
            case=case,
            kind=GoalNoteKind(given["note"]),
            day=given["goal_day"],
            text=given["goal"],
            at=visit.at,
            key=key_sent(request, visit),
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True
