"""Whether courses that are not on track are told, and what that would have told: looked at before it is switched on."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from goldseam_web.alerts.off_track_budget import LOOKED_BACK, ScaleTelling, telling_budget
from goldseam_web.alerts.services.kept_tracks import set_telling
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.alerts.tracks import Tracks, tracks_in_use, tracks_of
from goldseam_web.office.detection_rules import why_not_counted
from goldseam_web.office.scale_names import SCALE_NAMES
from goldseam_web.office.views import OfficeVisit

WEEKS = LOOKED_BACK.days // 7
TOLD = "From now on, courses that are not on track are told to those who treat."
QUIET = "Courses that are not on track are told no more. What was told is over."
NOTHING_COMPARED = "Nobody whose ratings can be compared had a session in the last {weeks} weeks."


@dataclass(frozen=True)
class TellingShown:
    """What would have been told, a row a scale; ``hidden`` says why it may not be said, and then it is not offered."""

    rows: tuple[tuple[str, str, str, str, str], ...]
    a_week: str
    hidden: str
    reliabilities: tuple[str, ...]
    weeks: int = WEEKS


@dataclass(frozen=True)
class TellingPage:
    """``looked_at``: the hash of what is in use, which the form bears so that nothing else is switched on."""

    tells: bool
    shown: TellingShown | None
    looked_at: str


def telling_page(
    request: HttpRequest, visit: OfficeVisit, stored: TracksVersion | None, *, may_look: bool
) -> TellingPage | None:
    """None where nothing is in use, or what it would have told may not be said; to switch it off is always possible."""
    if stored is None or not (may_look or stored.tells):
        return None
    looks = "tell" in request.GET and not stored.tells
    return TellingPage(
        tells=stored.tells,
        shown=_shown(visit, tracks_of(stored)) if looks else None,
        looked_at=stored.content_hash,
    )


def is_telling_kept(request: HttpRequest, visit: OfficeVisit) -> bool:
    """Switch it on or off as was posted; False where it would be by other courses than those looked at."""
    stored = tracks_in_use(visit.viewer.clinic_id)
    if stored is None or stored.content_hash != request.POST.get("looked_at"):
        return False
    tells = request.POST.get("do") == "tell"
    if tells and _shown(visit, tracks_of(stored)).hidden:
        return False
    set_telling(stored=stored, tells=tells, at=visit.at, actor=visit.viewer.actor)
    messages.success(request, TOLD if tells else QUIET)
    return True


def _shown(visit: OfficeVisit, tracks: Tracks) -> TellingShown:
    budget = telling_budget(visit.viewer, tracks, at=visit.at)
    hidden = why_not_counted(visit, since=budget.since, cases=budget.cases)
    if not hidden and not budget.scales:
        hidden = NOTHING_COMPARED.format(weeks=WEEKS)
    return TellingShown(
        rows=() if hidden else tuple(_row(each) for each in budget.scales),
        a_week="" if hidden or budget.a_week is None else f"{budget.a_week:.2f}",
        hidden=hidden,
        reliabilities=tuple(_reliabilities(tracks)),
    )


def _row(scale: ScaleTelling) -> tuple[str, str, str, str, str]:
    middle, low, high = scale.by_chance
    return (
        SCALE_NAMES[scale.scale],
        str(scale.told),
        f"{scale.courses} of {scale.of_courses}",
        f"{middle:.0f} ({low:.0f} to {high:.0f})",
        str(scale.back),
    )


def _reliabilities(tracks: Tracks) -> Iterator[str]:
    for scale, one in tracks.scales.items():
        yield f"{SCALE_NAMES[scale]}: {one.rule.reliability:.2f}"
