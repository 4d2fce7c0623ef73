"""Somebody else to speak with: who is named, how soon they answer, and the outside body."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import staff_of_clinic
from goldseam_web.concerns.models import NamedPerson
from goldseam_web.concerns.queries import named_persons, number_with_nobody, route_of
from goldseam_web.concerns.services import LONGEST_WAIT, set_somebody_else
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page


class SomebodyElseForm(PlainForm):
    """Three places in order are enough: each client is offered the first who has no part in their case."""

    first = forms.ChoiceField(label="Who is asked first?", required=False)
    second = forms.ChoiceField(label="If that one has a part in the client’s case", required=False)
    third = forms.ChoiceField(label="And if that one has, too", required=False)
    working_days = forms.IntegerField(
        label="Within how many working days is a client reached?", min_value=1, max_value=LONGEST_WAIT
    )
    body_name = forms.CharField(
        label="An outside body",
        max_length=120,
        required=False,
        help_text="For example a complaints office or an ombudsperson. Clients call there themselves.",
    )
    body_telephone = forms.CharField(
        label="Its telephone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    body_hours = forms.CharField(label="When somebody answers", max_length=120, required=False)

    def __init__(self, *args: Any, staff: Sequence[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in staff}
        choices = [("", "Nobody"), *((key, one.full_name) for key, one in self.known.items())]
        for name in ("first", "second", "third"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def named(self) -> list[Staff]:
        """Each once, in order; places left empty close up."""
        keys = (self.cleaned_data[name] for name in ("first", "second", "third"))
        return [self.known[key] for key in dict.fromkeys(filter(None, keys))]


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def named_person_list(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Who is named and how soon they answer; never whether anybody asked."""
    named = list(named_persons(visit.clinic))
    form = SomebodyElseForm(request.POST or None, staff=_working(visit), initial=_initial(visit, named))
    if request.method == "POST" and form.is_valid() and _set(visit, form):
        messages.success(request, "Kept. Clients see it from now on.")
        return redirect("office:somebody_else")
    context = {
        "visit": visit,
        "form": form,
        "named": named,
        "alone": number_with_nobody(visit.clinic, day=visit.viewer.today) if named else 0,
    }
    return render(request, "office/somebody_else.html", context, status=400 if form.errors else 200)


def _working(visit: OfficeVisit) -> list[Staff]:
    return list(staff_of_clinic(visit.viewer).filter(active=True))


def _initial(visit: OfficeVisit, named: Sequence[NamedPerson]) -> dict[str, Any]:
    route = route_of(visit.clinic)
    places = dict(zip(("first", "second", "third"), (str(one.staff_id) for one in named), strict=False))
    columns = ("working_days", "body_name", "body_telephone", "body_hours")
    return {**places, **{name: getattr(route, name) for name in columns}}


def _set(visit: OfficeVisit, form: SomebodyElseForm) -> bool:
    """Keep all of it or nothing; False where something is not allowed, which the form then says."""
    data = form.cleaned_data
    try:
        set_somebody_else(
            clinic=visit.clinic,
            staff=form.named,
            working_days=data["working_days"],
            body_name=data["body_name"],
            body_telephone=data["body_telephone"],
            body_hours=data["body_hours"],
            at=visit.at,
            actor=visit.viewer.actor,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
