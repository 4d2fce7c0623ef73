"""Who is on the page, when, and whether somebody may be looking over their shoulder."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import Viewer, viewer_of
from goldseam_web.alerts.queries import unopened_signals
from goldseam_web.cases.models import Encounter, EncounterState

ALONE_UNTIL = "alone_until"
P = ParamSpec("P")


@dataclass(frozen=True)
class Shell:
    """What every page's frame shows. ``room_until``: the end of the booked hour, while released data only is shown."""

    pulse: int
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
    """The frame's facts in one query: the change counter, unopened signals, and the booked hour, if it is one now."""
    now = (
        Encounter.objects.filter(therapist_id=OuterRef("pk"), starts_at__lte=at, ends_at__gt=at)
        .exclude(state=EncounterState.CANCELLED)
        .order_by("ends_at")
    )
    unopened = (
        unopened_signals(viewer).order_by().values("clinic").annotate(count=Count("pk")).values("count")
    )
    row = (
        Staff.objects.filter(pk=viewer.staff_id)
        .annotate(
            counter=Coalesce(F("clinic__pulse__counter"), 0),
            room_until=Subquery(now.values("ends_at")[:1]),
            unopened=Coalesce(Subquery(unopened), 0),
        )
        .values_list("counter", "unopened", "room_until")
        .get()
    )
    counter, count, room_until = row
    alone = room_until is not None and alone_until is not None and alone_until >= room_until
    return Shell(counter, 0 if settings.GOLDSEAM_RECORD_ONLY else count, room_until, alone)


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
