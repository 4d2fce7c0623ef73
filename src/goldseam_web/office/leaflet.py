"""One page to print for a client: who reads, how long it takes, whom else to speak with, numbers, safe ways."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.leaflet_words import LONGEST_LEAFLET, set_leaflet_words
from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import crisis_lines
from goldseam_web.cases.consents import limits_of
from goldseam_web.concerns.queries import named_persons, route_of
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page


class LeafletForm(PlainForm):
    """What the clinic adds."""

    words = forms.CharField(
        label="In your own words",
        required=False,
        help_text="For example how to reach you. When something has to be told further: Consent and contact.",
        widget=forms.Textarea({"rows": 5, "maxlength": LONGEST_LEAFLET}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=None)
def leaflet(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """For everybody who works here to print; whoever runs the clinic adds its own words. No client is on it."""
    may_write = Role.ADMINISTRATOR in visit.viewer.roles
    if request.method == "POST" and not may_write:
        raise Http404
    form = LeafletForm(request.POST or None, initial={"words": visit.clinic.leaflet_words})
    if request.method == "POST" and form.is_valid() and _kept(visit, form):
        messages.success(request, "Kept. It stands on the leaflet from now on.")
        return redirect("office:leaflet")
    named = [one.staff.full_name for one in named_persons(visit.clinic) if one.staff.active]
    context = {
        "visit": visit,
        "form": form if may_write else None,
        "clinic": visit.clinic,
        "limits": limits_of(visit.clinic),
        "named": named,
        "several": len(named) > 1,
        "route": route_of(visit.clinic),
        "lines": list(crisis_lines(visit.clinic)),
    }
    return render(request, "office/leaflet.html", context, status=400 if form.errors else 200)


def _kept(visit: OfficeVisit, form: LeafletForm) -> bool:
    try:
        set_leaflet_words(
            clinic=visit.clinic, words=form.cleaned_data["words"], at=visit.at, actor=visit.viewer.actor
        )
    except ValidationError as refused:
        form.add_error("words", refused)
        return False
    return True
