"""What progress is compared with: nothing, or what was fitted to the clinic's own finished courses and looked at.

As on the page *How strain is found*, nothing is taken into use before it was shown: the form bears the hash of what was
looked at, and is refused where a fit would give something else by now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam import TrackRate, TrackRule
from goldseam_web.accounts.models import Role
from goldseam_web.alerts.services.kept_tracks import stop_tracks, store_tracks
from goldseam_web.alerts.tracks import (
    FEWEST_FINISHED,
    FinishedCourses,
    Tracks,
    finished_courses,
    fit_tracks,
    tracks_in_use,
    tracks_of,
)
from goldseam_web.measures.own_measures import PROGRESS_SCALES
from goldseam_web.office.scale_names import SCALE_NAMES
from goldseam_web.office.telling_off_track import TellingPage, is_telling_kept, telling_page
from goldseam_web.office.views import OfficeVisit, asked_before_changes, office_page
from goldseam_web.office.weeks import ONE_THERAPIST

# A share of fewer courses that were called would be about somebody, and nearly anything.
FEWEST_CALLED = 10
MAY_NOT = "May not be said: {courses}, {fewest} needed."
REFUSED = "May not be said: {reason}."
ENOUGH = "{courses}."
FINISHED = ("{count} finished course", "{count} finished courses")
CALLED = (
    "Of the {called} courses called not on track before their last rating, {value:.0%} ended worse than they began; "
    "of all courses {poor:.0%} did."
)
FEW_CALLED = (
    "Too few courses were called not on track before their last rating ({called}, {fewest} needed) to say how many of "
    "them ended worse than they began; of all courses {poor:.0%} did."
)
NOT_KNOWN = "too few ran so long"
TAKEN = "From now on, progress is compared with these courses on the pages of cases."
STOPPED = "Progress is compared with nothing any more."


@dataclass(frozen=True)
class ScalePreview:
    """What one scale would say, or says: both rates by session, and where ratings lay of the band by start."""

    name: str
    courses: int
    limit: str
    rates: tuple[tuple[str, str, str], ...]
    value: str
    thirds: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class TracksShown:
    version: str
    scales: tuple[ScalePreview, ...]


@dataclass(frozen=True)
class ExpectedPage:
    """``counts``: of each scale how many courses are finished, and whether that is enough. ``looked_at``: a hash."""

    in_use: TracksShown | None
    other: TracksShown | None
    looked_at: str
    counts: tuple[tuple[str, str], ...]
    enough: bool
    hidden: str
    stale: bool
    telling: TellingPage | None
    fewest: int = FEWEST_FINISHED


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def expected_progress(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Show what is in use and, when asked, what a fit would say now; take that into use, or use nothing.

    And tell by what is in use, where it was looked at what that would have told; or tell of nothing.
    """
    if settings.GOLDSEAM_RECORD_ONLY:
        raise Http404
    actor, at = visit.viewer.actor, visit.at
    if request.method == "POST" and request.POST.get("do") == "stop":
        stop_tracks(clinic=visit.clinic, at=at, actor=actor)
        messages.success(request, STOPPED)
        return redirect("office:progress")
    tells = request.POST.get("do") in ("tell", "quiet")
    if request.method == "POST" and tells and is_telling_kept(request, visit):
        return redirect("office:progress")
    found = finished_courses(visit.viewer)
    hidden = ONE_THERAPIST if found.others == 1 else ""
    other, refused = _fitted(request, visit, found) if not hidden else (None, {})
    if request.method == "POST" and other is not None and other.content_hash == request.POST.get("looked_at"):
        store_tracks(clinic=visit.clinic, tracks=other, at=at, actor=actor)
        messages.success(request, TAKEN)
        return redirect("office:progress")
    stale = request.method == "POST"
    stored = tracks_in_use(visit.viewer.clinic_id)
    in_use = None if hidden or stored is None else tracks_of(stored)
    page = ExpectedPage(
        in_use=None if in_use is None else _shown(in_use),
        other=None if other is None else _shown(other),
        looked_at="" if other is None else other.content_hash,
        counts=tuple(_counts(found, refused)),
        enough=found.enough,
        hidden=hidden,
        stale=stale,
        telling=telling_page(request, visit, stored, may_look=not hidden),
    )
    context = {"visit": visit, "page": page}
    return render(request, "office/expected.html", context, status=409 if stale else 200)


def _fitted(
    request: HttpRequest, visit: OfficeVisit, found: FinishedCourses
) -> tuple[Tracks | None, Mapping[str, str]]:
    """Fitted when it is to be looked at, and once more as it is taken into use."""
    if "look" not in (request.POST or request.GET):
        return None, {}
    return fit_tracks(found, day=visit.viewer.today.isoformat())


def _counts(found: FinishedCourses, refused: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for scale in PROGRESS_SCALES:
        number = found.count(scale)
        courses = FINISHED[number != 1].format(count=number)
        if scale in refused:
            yield SCALE_NAMES[scale], REFUSED.format(reason=refused[scale])
        elif number < FEWEST_FINISHED:
            yield SCALE_NAMES[scale], MAY_NOT.format(courses=courses, fewest=FEWEST_FINISHED)
        else:
            yield SCALE_NAMES[scale], ENOUGH.format(courses=courses)


def _shown(tracks: Tracks) -> TracksShown:
    scales = tuple(_preview(scale, one.rule) for scale, one in tracks.scales.items())
    return TracksShown(tracks.version, scales)


def _preview(scale: str, rule: TrackRule) -> ScalePreview:
    said = FEW_CALLED if rule.predictive_value is None or rule.n_called < FEWEST_CALLED else CALLED
    return ScalePreview(
        name=SCALE_NAMES[scale],
        courses=rule.n_courses,
        limit=f"{-rule.limit:.1f}",
        rates=tuple(_rate(rate, is_known=rate in rule.known_rates) for rate in rule.rates),
        value=said.format(
            called=rule.n_called, value=rule.predictive_value or 0, poor=rule.poor_share, fewest=FEWEST_CALLED
        ),
        thirds=tuple(
            (third.start.capitalize(), _share(third.below), _share(third.inside), _share(third.above))
            for third in rule.calibration
        ),
    )


def _rate(rate: TrackRate, *, is_known: bool) -> tuple[str, str, str]:
    if not is_known:
        return str(rate.up_to), NOT_KNOWN, NOT_KNOWN
    return (
        str(rate.up_to),
        f"{rate.per_look:.1%} of {rate.n_looks}",
        f"{rate.per_case:.1%} of {rate.n_cases}",
    )


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
