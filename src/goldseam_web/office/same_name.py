"""The page on which a clinic chooses by what two people of one name are told apart."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Role, SecondLine
from goldseam_web.accounts.second_lines import set_second_line
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page

LABELS = {
    SecondLine.BEGAN: "By the day on which their case began; nothing has to be typed",
    SecondLine.BIRTH_YEAR: "By the year of birth beside it, typed where it is needed",
    SecondLine.OWN_NUMBER: "By a number of our own beside it, typed where it is needed",
}


class SecondLineForm(PlainForm):
    """The one choice."""

    second_line = forms.ChoiceField(
        label="How two people of one name are told apart",
        choices=list(LABELS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of the three."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def same_name(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Show what is chosen and keep another choice; what was typed before stays with the people."""
    form = SecondLineForm(request.POST or None, initial={"second_line": visit.clinic.second_line})
    if request.method == "POST" and form.is_valid():
        chosen = SecondLine(form.cleaned_data["second_line"])
        set_second_line(clinic=visit.clinic, second_line=chosen, at=visit.at, actor=visit.viewer.actor)
        messages.success(request, "Kept.")
        return redirect("office:same_name")
    context = {"visit": visit, "form": form}
    return render(request, "office/same_name.html", context, status=400 if form.errors else 200)
