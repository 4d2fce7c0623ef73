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

from goldseam_web.accounts.adapters import is_enrolling
from goldseam_web.accounts.charters import accept_charter, charter_in_force
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.queries import Viewer, staff_behind, viewer_of
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.readiness import readiness
from goldseam_web.concerns.queries import is_named

P = ParamSpec("P")
# As many as there are needs.
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven")


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
        return bool(runs_or_treats or self.viewer.supervised)


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

    Not in the minutes after the first authenticator app was set up: that was the password.
    """

    @wraps(view)
    def page(request: HttpRequest, visit: OfficeVisit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (did_recently_reauthenticate(request) or is_enrolling(request)):
            response: HttpResponse = suspend_request(request, reverse("account_reauthenticate"))
            return response
        return view(request, visit, *args, **kwargs)

    return page


# Where each thing of the list is put right; what is not here is no page's.
PAGES = {
    "numbers for urgent help": "office:urgent_help",
    "where clients reach it": "office:address",
    "charter of use": "office:charter",
    "messages": "office:mail_server",
    "what is asked": "office:what_is_asked",
    "therapist": "office:staff",
    "cover": "office:away",
    "somebody to turn to": "office:staff",
    "somebody else to speak with": "office:somebody_else",
    "contact clients see": "office:consent",
}


@require_GET
@office_page(role=Role.ADMINISTRATOR)
def office_home(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """What still stops the first client from being asked, and what must be put right since."""
    needs = readiness(visit.clinic, at=visit.at)
    stopping = sum(need.is_in_the_way for need in needs)
    context = {
        "visit": visit,
        "needs": [(need, reverse(PAGES[need.subject]) if need.subject in PAGES else "") for need in needs],
        "stopping": stopping,
        "how_many": NUMBERS[stopping],
        "faults": [f"{subject.capitalize()}: {says}." for subject, says in _faults(visit)],
    }
    return render(request, "office/home.html", context)


def _faults(visit: OfficeVisit) -> list[tuple[str, str]]:
    return list(message_report(at=visit.at, clinic=visit.clinic, viewer=visit.viewer).faults)


@require_http_methods(["GET", "POST"])
@office_page(role=None)
def charter(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The charter in force, and the one button that agrees to it: what was shown, not what came since."""
    shown, owes = charter_in_force(visit.clinic), visit.viewer.owes_charter
    if request.method == "POST":
        if shown is None or request.POST.get("charter") != str(shown.pk):
            return redirect("office:charter")
        accept_charter(charter=shown, staff=visit.staff, at=visit.at)
        return redirect("dashboard:caseload")
    return render(request, "office/charter.html", {"visit": visit, "charter": shown, "owes": owes})
