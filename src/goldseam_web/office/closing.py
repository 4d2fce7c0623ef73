"""Days on which the clinic is closed, and the page that lists them."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.closed_days import close_days, closed_days, open_day
from goldseam_web.accounts.models import Role
from goldseam_web.cases.queries import planned_on
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page


class ClosingForm(PlainForm):
    """One day, or several in a row."""

    first = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label="Last day",
        required=False,
        help_text="Left empty, it is one day.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    name = forms.CharField(label="What for", max_length=80, help_text="For example: New Year.")


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def closing(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The days ahead on which the clinic is closed, with how many appointments lie on each; never whose."""
    form = ClosingForm(None if "open" in request.POST else request.POST or None)
    if request.method == "POST" and _done(request, visit, form):
        return redirect("office:closing")
    days = closed_days(visit.clinic, since=visit.viewer.today)
    planned = planned_on(visit.viewer, list(days))
    rows = [(day, name, planned.get(day, 0)) for day, name in days.items()]
    context = {"visit": visit, "rows": rows, "form": form}
    return render(request, "office/closing.html", context, status=400 if form.errors else 200)


def _done(request: HttpRequest, visit: OfficeVisit, form: ClosingForm) -> bool:
    """Close days or open one again; False where what was given is not allowed, which the form then says."""
    at, actor = visit.at, visit.viewer.actor
    if "open" in request.POST:
        try:
            day = date.fromisoformat(request.POST["open"])
        except ValueError:
            return False
        open_day(clinic=visit.clinic, day=day, at=at, actor=actor)
        return True
    if not form.is_valid():
        return False
    given = form.cleaned_data
    first, last = given["first"], given["last"] or given["first"]
    try:
        closed = close_days(
            clinic=visit.clinic, first=first, last=last, name=given["name"], at=at, actor=actor
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(
        request, f"Closed on {len(closed)} day{'s' if len(closed) > 1 else ''}. New series leave them out."
    )
    return True
