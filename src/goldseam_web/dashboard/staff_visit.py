"""Who is on the page, when, and whether somebody may be looking over their shoulder."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import Viewer, viewer_of
from goldseam_web.alerts.queries import frame_facts
from goldseam_web.cases.room import Room
from goldseam_web.lib.polling import page_will_poll

P = ParamSpec("P")


@dataclass(frozen=True)
class Shell:
    """What every page's frame shows; in the ``room`` only what was released to everybody.

    ``by_hand``: whether anybody of the clinic has noted strain by hand.
    """

    change_counter: int
    unopened: int
    room: Room | None
    by_hand: bool = False


@dataclass(frozen=True)
class StaffVisit:
    """One request of one member of staff. The time is read once and passed on."""

    viewer: Viewer
    at: datetime
    shell: Shell

    @property
    def zone(self) -> ZoneInfo:
        return self.viewer.time_zone

    @property
    def in_room(self) -> bool:
        """Whether a client may be looking at this screen."""
        return self.shell.room is not None

    def closed_in_room(self, case_id: uuid.UUID) -> bool:
        """Whether this is the room of another case, where not even the name of this one may be read."""
        room = self.shell.room
        return room is not None and room.case_id not in (None, case_id)

    @property
    def judging(self) -> bool:
        """Whether this install looks for strain, or only records and displays."""
        return not settings.GOLDSEAM_RECORD_ONLY


def visit_of(request: HttpRequest, *, at: datetime) -> StaffVisit | None:
    """The visit of somebody who may see cases, or None."""
    viewer = viewer_of(request.user, at=at)  # type: ignore[arg-type]  # login_required let only users in
    if viewer is None or not viewer.roles & {Role.THERAPIST, Role.SUPERVISOR}:
        return None
    facts = frame_facts(viewer, at=at)
    page_will_poll(request)
    unopened = 0 if settings.GOLDSEAM_RECORD_ONLY else facts.unopened
    return StaffVisit(viewer, at, Shell(facts.change_counter, unopened, facts.room, facts.by_hand))


def closed_page(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    """Instead of a page that nobody but the viewer may see: nothing of it, and nothing counts as seen."""
    return render(request, "dashboard/room_closed.html", {"visit": visit})


def staff_page(
    view: Callable[Concatenate[HttpRequest, StaffVisit, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in therapists and supervisors; to anybody else who signed in, the page is not there.

    Before any case comes the clinic's charter of use, and again when it has changed.
    """

    @login_required
    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = visit_of(request, at=timezone.now())
        if visit is None:
            raise Http404
        if request.method == "GET" and visit.viewer.owes_charter:
            return redirect("office:charter")
        return view(request, visit, *args, **kwargs)

    return page
