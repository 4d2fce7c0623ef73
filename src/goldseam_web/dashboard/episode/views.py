"""The page of an episode, its taps, and opening one by hand."""

import re
import uuid
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.queries import episode_of
from goldseam_web.alerts.repair_tables import WORK_WORDS, WorkKind
from goldseam_web.alerts.services.episodes import ENDED_OTHERWISE
from goldseam_web.alerts.services.repair_work import (
    end_by_hand,
    let_read,
    note_work,
    open_by_hand,
    take_back_work,
    write_note,
)
from goldseam_web.audit.services import record
from goldseam_web.cases.access import own_case
from goldseam_web.cases.models import Encounter
from goldseam_web.cases.queries import encounters_of, members_of
from goldseam_web.dashboard.episode.build import by_hand_page, episode_page
from goldseam_web.dashboard.form_key import form_key, key_sent
from goldseam_web.dashboard.language import episode_page as say
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page

GROUP = re.compile(r"[a-z]+(?:-\d+)?")


def _visible(visit: StaffVisit, episode_id: uuid.UUID) -> Episode:
    episode = episode_of(visit.viewer, episode_id) if visit.judging else None
    if episode is None:
        raise Http404
    return episode


def _changes_own(
    view: Callable[[HttpRequest, StaffVisit, Episode], HttpResponse],
) -> Callable[..., HttpResponse]:
    """To change something one must treat the case, and nobody else may see the screen."""

    @require_POST
    @staff_page
    @wraps(view)
    def page(request: HttpRequest, visit: StaffVisit, episode_id: uuid.UUID) -> HttpResponse:
        found = _visible(visit, episode_id)
        if own_case(visit.viewer, found.case_id) is None:
            raise Http404
        return closed_page(request, visit) if visit.in_room else view(request, visit, found)

    return page


@require_GET
@staff_page
def episode(request: HttpRequest, visit: StaffVisit, episode_id: uuid.UUID) -> HttpResponse:
    found = _visible(visit, episode_id)
    if visit.in_room:
        return closed_page(request, visit)
    page = episode_page(visit, found)
    if page is None:  # kept back until the guess is made, which the page of the case asks for
        return redirect("dashboard:case", found.case_id)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="episode.view",
        object_kind="episode",
        object_id=episode_id,
    )
    key = form_key(request, visit)
    context = {"visit": visit, "page": page, "episode_id": episode_id, "form_key": key, "nav": "case"}
    return render(request, "dashboard/episode.html", context)


@_changes_own
def note(request: HttpRequest, visit: StaffVisit, found: Episode) -> HttpResponse:
    """One tap: noted, or taken back where it was noted."""
    kind, what = request.POST.get("kind", ""), request.POST.get("what", "")
    if kind not in WorkKind.values or what not in WORK_WORDS[WorkKind(kind)]:
        raise Http404
    act = take_back_work if request.POST.get("pressed") == "yes" else note_work
    text = say.WORK_TEXTS[kind][what]
    try:
        act(
            viewer=visit.viewer,
            episode=found,
            kind=WorkKind(kind),
            what=what,
            encounter=_encounter(found, request.POST.get("encounter", "")),
            at=visit.at,
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        said = say.TAKEN_BACK if act is take_back_work else say.SAVED
        messages.success(request, said.format(what=text))
    return redirect(_at(found, request.POST.get("group", "")))


def _at(found: Episode, group: str) -> str:
    """The page at the place that was tapped."""
    address = reverse("dashboard:episode", args=[found.pk])
    return f"{address}#{group}" if GROUP.fullmatch(group) else address


def _encounter(found: Episode, given: str) -> Encounter | None:
    try:
        return Encounter.objects.filter(pk=uuid.UUID(given), case_id=found.case_id).first()
    except ValueError:
        return None


@_changes_own
def own_note(request: HttpRequest, visit: StaffVisit, found: Episode) -> HttpResponse:
    try:
        write_note(
            viewer=visit.viewer,
            episode=found,
            text=request.POST.get("text", ""),
            at=visit.at,
            note_id=key_sent(request, visit),
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, say.NOTE_KEPT)
    return redirect(_at(found, "notes"))


@_changes_own
def readers(request: HttpRequest, visit: StaffVisit, found: Episode) -> HttpResponse:
    """Who may read what one notes here by tap."""
    try:
        wanted = [uuid.UUID(given) for given in request.POST.getlist("reader")]
        let_read(viewer=visit.viewer, episode=found, readers=wanted, at=visit.at)
    except ValueError as impossible:
        raise Http404 from impossible
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, say.READERS_KEPT)
    return redirect(_at(found, "readers"))


@_changes_own
def how_it_stands(request: HttpRequest, visit: StaffVisit, found: Episode) -> HttpResponse:
    """How an episode that was opened by hand stands."""
    status = request.POST.get("status", "")
    if (
        status not in say.ENDED
        or found.opened_by_id != visit.viewer.staff_id
        or found.status in ENDED_OTHERWISE
    ):
        raise Http404
    end_by_hand(viewer=visit.viewer, episode=found, status=EpisodeStatus(status), at=visit.at)
    messages.success(request, say.ENDED[status])
    if status == EpisodeStatus.WITHDRAWN:
        return redirect("dashboard:case", found.case_id)
    return redirect("dashboard:episode", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new_episode(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    """Strain that was seen in the room and that no rating shows."""
    page = by_hand_page(visit, case_id) if visit.judging else None
    case = own_case(visit.viewer, case_id)
    if page is None or case is None:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    error = ""
    if request.method == "POST":
        key = key_sent(request, visit)
        member = next((m for m in members_of(case) if str(m.id) == request.POST.get("member")), None)
        about = next(
            (e for e in encounters_of(visit.viewer, [case]) if str(e.id) == request.POST.get("encounter")),
            None,
        )
        if member is not None and about is not None:
            try:
                made = open_by_hand(
                    viewer=visit.viewer,
                    case=case,
                    member=member,
                    encounter=about,
                    at=visit.at,
                    episode_id=key,
                )
            except ValidationError as refused:
                error = " ".join(refused.messages)
            else:
                messages.success(
                    request, say.NOTED_BY_HAND if made.opened_at == visit.at else say.STANDS_ALREADY
                )
                return redirect("dashboard:episode", made.id)
        else:
            error = say.CHOOSE_BOTH
    context = {
        "visit": visit,
        "page": page,
        "error": error,
        "form_key": form_key(request, visit),
        "nav": "case",
    }
    return render(request, "dashboard/new_episode.html", context, status=400 if error else 200)
