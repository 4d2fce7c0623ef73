"""Writing down what happened beside the scores, and taking it back."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from goldseam_web.cases.models import Case
from goldseam_web.cases.services.event_notes import event_notes, take_back_event, write_event
from goldseam_web.dashboard.case.views import case_shown
from goldseam_web.dashboard.form_key import key_sent
from goldseam_web.dashboard.language import event_words as say
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit

ALONE, ALL_WHO_TREAT = "private", "shared"


class EventForm(forms.Form):
    """A day, a few words, and who reads them: chosen each time, for nothing is right for every note."""

    day = forms.DateField(error_messages={"required": say.DAY_NEEDED, "invalid": say.DAY_NEEDED})
    text = forms.CharField(required=False)
    who_reads = forms.ChoiceField(
        choices=((ALONE, ALONE), (ALL_WHO_TREAT, ALL_WHO_TREAT)),
        error_messages={"required": say.CHOOSE_WHO_READS, "invalid_choice": say.CHOOSE_WHO_READS},
    )


@own_case_page
def event_note(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """The form stands on the page of the case. What was refused is shown there again as it was typed."""
    if request.method != "POST":
        return redirect("dashboard:case", case.pk)
    if taken_back := request.POST.get("take_back"):
        _take_back(request, visit, case, taken_back)
        return redirect("dashboard:case", case.pk)
    form = EventForm(request.POST)
    if not form.is_valid() or not _is_written(request, visit, case, form):
        return case_shown(request, visit, case.pk, event=form)
    messages.success(request, say.WRITTEN)
    return redirect("dashboard:case", case.pk)


def _take_back(request: HttpRequest, visit: StaffVisit, case: Case, key: str) -> None:
    readable = event_notes(visit.viewer, case, treats=True)
    note = next((one for one in readable if str(one.pk) == key), None)
    if note is None:
        raise Http404
    try:
        take_back_event(viewer=visit.viewer, note=note, at=visit.at)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.TAKEN_BACK)


def _is_written(request: HttpRequest, visit: StaffVisit, case: Case, form: EventForm) -> bool:
    """Whether it was; why not the form then says."""
    given = form.cleaned_data
    try:
        write_event(
            viewer=visit.viewer,
            case=case,
            day=given["day"],
            text=given["text"],
            shared=given["who_reads"] == ALL_WHO_TREAT,
            at=visit.at,
            key=key_sent(request, visit),
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True
