"""Saying yes, as the second person, to a colleague's setting up the second step anew."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.second_step_resets import confirm_reset, resets_for
from goldseam_web.office.views import OfficeVisit, asked_again, office_page


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=None)
def second_step_resets(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """What was asked within a day by somebody else, for somebody else."""
    if not visit.viewer.roles & {Role.ADMINISTRATOR, Role.SUPERVISOR}:
        raise Http404
    if request.method == "POST":
        return _confirmed(request, visit)
    found = resets_for(visit.viewer, visit.clinic, visit.at)
    return render(request, "office/second_step.html", {"visit": visit, "resets": found})


@asked_again
def _confirmed(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    found = {str(one.pk): one for one in resets_for(visit.viewer, visit.clinic, visit.at)}
    reset = found.get(request.POST.get("reset", ""))
    try:
        if reset is None:
            raise ValidationError("This was done already, or asked more than a day ago.")
        confirm_reset(reset=reset, by=visit.staff, at=visit.at)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        name = reset.staff.full_name
        messages.success(request, f"{name} signs in with the password and sets up a second step anew.")
    return redirect("office:second_step_resets")
