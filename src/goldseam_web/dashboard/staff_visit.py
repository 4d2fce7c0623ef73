"""Who is on the page, when, and whether somebody may be looking over their shoulder."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import Viewer, viewer_of
from goldseam_web.alerts.queries import frame_facts

ALONE_UNTIL = "alone_until"
P = ParamSpec("P")


@dataclass(frozen=True)
class Shell:
    """What every page's frame shows. ``room_until``: the end of the booked hour, while released data only is shown."""

    change_counter: int
    unopened: int
    room_until: datetime | None
    alone: bool


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
        return self.shell.room_until is not None and not self.shell.alone

    @property
    def judging(self) -> bool:
        """Whether this install looks for strain, or only records and displays."""
        return not settings.GOLDSEAM_RECORD_ONLY


def shell_of(viewer: Viewer, *, at: datetime, alone_until: datetime | None) -> Shell:
    facts = frame_facts(viewer, at=at)
    alone = facts.hour_ends is not None and alone_until is not None and alone_until >= facts.hour_ends
    unopened = 0 if settings.GOLDSEAM_RECORD_ONLY else facts.unopened
    return Shell(facts.change_counter, unopened, facts.hour_ends, alone)


def visit_of(request: HttpRequest, *, at: datetime) -> StaffVisit | None:
    """The visit of somebody who may see cases, or None."""
    viewer = viewer_of(request.user, at=at)  # type: ignore[arg-type]  # login_required let only users in
    if viewer is None or not viewer.roles & {Role.THERAPIST, Role.SUPERVISOR}:
        return None
    alone_until = parse_datetime(request.session.get(ALONE_UNTIL, ""))
    return StaffVisit(viewer, at, shell_of(viewer, at=at, alone_until=alone_until))


def staff_page(
    view: Callable[Concatenate[HttpRequest, StaffVisit, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in therapists and supervisors; to anybody else who signed in, the page is not there."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = visit_of(request, at=timezone.now())
        if visit is None:
            raise Http404
        return view(request, visit, *args, **kwargs)

    return page
