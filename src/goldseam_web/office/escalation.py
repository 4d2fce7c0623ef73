"""Who hears of a finding that nobody opens, in which order, after how long and at which hours; and who leads."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.opening_times import (
    FEWEST_HOURS,
    MOST_HOURS,
    WEEKDAYS,
    opening_times,
    set_opening_times,
)
from goldseam_web.accounts.queries import staff_as
from goldseam_web.accounts.services import name_lead
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, asked_before_changes, office_page

NOBODY_YET = ("", "Nobody yet")


class EscalationForm(PlainForm):
    """How long each has before the next one hears, who leads, and the hours of each weekday."""

    hours = forms.IntegerField(
        label="Hours until the next one hears of it",
        min_value=FEWEST_HOURS,
        max_value=MOST_HOURS,
    )
    lead = forms.ChoiceField(label="Who leads the clinic?", required=False)

    def __init__(self, *args: Any, supervisors: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in supervisors}
        choices = [(key, one.full_name) for key, one in self.known.items()]
        # A lead is followed by another, and never by nobody.
        self.fields["lead"].required = leads = (
            self.get_initial_for_field(self.fields["lead"], "lead") in self.known
        )
        self.fields["lead"].error_messages["required"] = "Choose who leads the clinic."
        self.fields["lead"].choices = choices if leads else [NOBODY_YET, *choices]  # type: ignore[attr-defined]
        for weekday, name in enumerate(WEEKDAYS):
            for edge, word in (("opens", "from"), ("closes", "to")):
                self.fields[f"{edge}_{weekday}"] = forms.TimeField(
                    label=f"{name} {word}",
                    required=False,
                    widget=forms.TimeInput(
                        attrs={"type": "time", "class": "input input-inline"}, format="%H:%M"
                    ),
                )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for weekday, name in enumerate(WEEKDAYS):
            if (given.get(f"opens_{weekday}") is None) != (given.get(f"closes_{weekday}") is None):
                raise ValidationError(f"{name}: give both times, or neither.")
        return given

    @property
    def times(self) -> dict[int, tuple[time, time]]:
        data = self.cleaned_data
        both = {day: (data[f"opens_{day}"], data[f"closes_{day}"]) for day in range(len(WEEKDAYS))}
        return {day: (opens, closes) for day, (opens, closes) in both.items() if opens is not None}

    @property
    def days(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The weekdays by name, each with its two fields."""
        return [(name, self[f"opens_{day}"], self[f"closes_{day}"]) for day, name in enumerate(WEEKDAYS)]


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def escalation(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Show the order and keep what is changed; where nothing is looked for there is nothing to pass on."""
    if settings.GOLDSEAM_RECORD_ONLY:
        raise Http404
    clinic, supervisors = visit.clinic, _supervisors(visit)
    form = EscalationForm(request.POST or None, supervisors=supervisors, initial=_as_it_is(visit))
    if request.method == "POST" and form.is_valid() and _kept_as_given(request, visit, form):
        return redirect("office:escalation")
    lead = clinic.lead if any(one.pk == clinic.lead_id for one in supervisors) else None
    context = {"visit": visit, "form": form, "lead": lead, "has_hours": bool(opening_times(clinic))}
    return render(request, "office/escalation.html", context, status=400 if form.errors else 200)


def _supervisors(visit: OfficeVisit) -> list[Staff]:
    working = staff_as(Role.SUPERVISOR, visit.viewer.today).filter(clinic_id=visit.viewer.clinic_id)
    return list(working.select_related("clinic").order_by("full_name"))


def _as_it_is(visit: OfficeVisit) -> dict[str, Any]:
    clinic = visit.clinic
    shown: dict[str, Any] = {"hours": clinic.escalate_after_hours, "lead": str(clinic.lead_id or "")}
    for weekday, (opens, closes) in opening_times(clinic).items():
        shown |= {f"opens_{weekday}": opens, f"closes_{weekday}": closes}
    return shown


def _kept_as_given(request: HttpRequest, visit: OfficeVisit, form: EscalationForm) -> bool:
    """Whether it was kept; what is not allowed the form then says."""
    at, actor, lead = visit.at, visit.viewer.actor, form.known.get(form.cleaned_data["lead"])
    try:
        if lead is not None and lead.pk != visit.clinic.lead_id:
            name_lead(lead=lead, at=at, actor=actor)
        set_opening_times(
            clinic=visit.clinic, times=form.times, hours=form.cleaned_data["hours"], at=at, actor=actor
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    messages.success(request, "Kept.")
    return True
