"""The administrator's own page, and the charter that everybody agrees to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, suspend_request
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from goldseam_web.accounts.adapters import has_just_signed_in, is_enrolling
from goldseam_web.accounts.charters import accept_charter, charter_in_force
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.queries import Viewer, staff_behind, viewer_of
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.readiness import is_ready, readiness
from goldseam_web.concerns.queries import is_named
from goldseam_web.office.set_up_steps import goes_on_with, shown_steps

P = ParamSpec("P")
# As many as there are needs.
NUMBERS = (
    "No",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
)


@dataclass(frozen=True)
class OfficeVisit:
    """One request of somebody who works at the clinic. The office shows no case, so nothing closes in the room."""

    viewer: Viewer
    staff: Staff
    at: datetime
    in_room: bool = False

    @property
    def clinic(self) -> Clinic:
        return self.staff.clinic

    @property
    def is_named(self) -> bool:
        """Whether clients may ask to be called by whoever looks."""
        return is_named(self.viewer)

    @property
    def may_send_away(self) -> bool:
        """Whether there is somebody, perhaps themselves, of whom they may say that they are away."""
        runs_or_treats = {Role.THERAPIST, Role.ADMINISTRATOR} & self.viewer.roles
        return bool(runs_or_treats or self.viewer.supervised or self.viewer.is_lead)


OfficeView = Callable[Concatenate[HttpRequest, OfficeVisit, P], HttpResponse]
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


def office_page(*, role: Role | None) -> Callable[[OfficeView[P]], Page[P]]:
    """Let in whoever holds the role (None: everybody who works here); to others the page is not there."""

    def wrapped(view: OfficeView[P]) -> Page[P]:
        @login_required
        @wraps(view)
        def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            at = timezone.now()
            viewer = viewer_of(request.user, at=at)  # type: ignore[arg-type]  # login_required let only users in
            if viewer is None or (role is not None and role not in viewer.roles):
                raise Http404
            return view(request, OfficeVisit(viewer, staff_behind(viewer), at), *args, **kwargs)

        return page

    return wrapped


def asked_again(view: OfficeView[P]) -> OfficeView[P]:
    """Ask whoever sits at the page for password or code: what it changes could send every mail elsewhere.

    Not in the minutes after they signed in, nor after the first authenticator app was set up: that was the password.
    """

    @wraps(view)
    def page(request: HttpRequest, visit: OfficeVisit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (did_recently_reauthenticate(request) or is_enrolling(request) or has_just_signed_in(request)):
            response: HttpResponse = suspend_request(request, reverse("account_reauthenticate"))
            return response
        return view(request, visit, *args, **kwargs)

    return page


def asked_before_changes(view: OfficeView[P]) -> OfficeView[P]:
    """Let whoever sits there look, and ask for password or code before what they send: it lets people in and out."""
    guarded = asked_again(view)

    @wraps(view)
    def page(request: HttpRequest, visit: OfficeVisit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return (guarded if request.method == "POST" else view)(request, visit, *args, **kwargs)

    return page


@require_GET
@office_page(role=Role.ADMINISTRATOR)
def office_home(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """What still stops the first client from being asked, and what must be put right since."""
    needs = readiness(visit.clinic, at=visit.at)
    steps = shown_steps(needs)
    stopping = sum(need.is_in_the_way for need in needs)
    context = {
        "visit": visit,
        "steps": steps,
        "goes_on": goes_on_with(steps),
        "stopping": stopping,
        "how_many": NUMBERS[stopping],
        "faults": [f"{subject.capitalize()}: {says}." for subject, says in _faults(visit)],
    }
    return render(request, "office/home.html", context)


def _faults(visit: OfficeVisit) -> list[tuple[str, str]]:
    return list(message_report(at=visit.at, clinic=visit.clinic, viewer=visit.viewer).faults)


def _first_thing_to_do(visit: OfficeVisit) -> str:
    """To the set-up whoever runs a clinic that asks nobody yet, also who treats clients there; else to the work."""
    runs_it = Role.ADMINISTRATOR in visit.viewer.roles
    return "office:home" if runs_it and not is_ready(visit.clinic, at=visit.at) else "dashboard:caseload"


@require_http_methods(["GET", "POST"])
@office_page(role=None)
def charter(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The charter in force, and the one button that agrees to it: what was shown, not what came since."""
    shown, owes = charter_in_force(visit.clinic), visit.viewer.owes_charter
    if request.method == "POST":
        if shown is None or request.POST.get("charter") != str(shown.pk):
            return redirect("office:charter")
        accept_charter(charter=shown, staff=visit.staff, at=visit.at)
        return redirect(_first_thing_to_do(visit))
    return render(request, "office/charter.html", {"visit": visit, "charter": shown, "owes": owes})
