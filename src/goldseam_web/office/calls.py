"""Calls: what clients asked of a named person, for that person alone. To everybody else the pages are not there."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from goldseam_web.accounts.models import Role
from goldseam_web.alerts.page_news import page_news
from goldseam_web.concerns.models import Concern, ConcernState
from goldseam_web.concerns.queries import concern_for, concerns_for, is_named
from goldseam_web.concerns.services import move_concern, record_reading
from goldseam_web.office.views import OfficeVisit, office_page

LONGEST_NOTE = 4000
HEADINGS = {
    ConcernState.RECEIVED: "Waiting for you",
    ConcernState.ANSWERED: "Answered",
    ConcernState.CLOSED: "Closed",
}
# What may be said of one in each state.
STEPS = {
    ConcernState.RECEIVED: (ConcernState.ANSWERED, "I reached them"),
    ConcernState.ANSWERED: (ConcernState.CLOSED, "Close it"),
    ConcernState.CLOSED: (ConcernState.ANSWERED, "Open it again"),
}


@dataclass(frozen=True)
class ListedCall:
    """One wish without its words: when it came, and by when it is due."""

    id: uuid.UUID
    received: date
    due: date
    overdue: bool


@dataclass(frozen=True)
class CallGroup:
    heading: str
    rows: tuple[ListedCall, ...]


@require_GET
@office_page(role=None)
def call_list(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """What waits, by the day it is due; what is answered and closed below."""
    if not is_named(visit.viewer):
        raise Http404
    if _in_room(visit):
        return _closed(request, visit)
    found = list(concerns_for(visit.viewer))
    for concern in found:
        record_reading(concern, at=visit.at, actor=visit.viewer.actor)
    groups = tuple(
        CallGroup(heading, tuple(sorted((_listed(c, visit) for c in found if c.state == state), key=_due)))
        for state, heading in HEADINGS.items()
    )
    return render(request, "office/calls.html", {"visit": visit, "groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=None)
def one_call(request: HttpRequest, visit: OfficeVisit, concern_id: uuid.UUID) -> HttpResponse:
    """What the client gave, what was done, and the one next step."""
    concern = concern_for(visit.viewer, concern_id)
    if concern is None:
        raise Http404
    if _in_room(visit):
        return _closed(request, visit)
    if request.method == "POST":
        return _stepped(request, visit, concern)
    record_reading(concern, at=visit.at, actor=visit.viewer.actor)
    to, label = STEPS[ConcernState(concern.state)]
    context = {
        "visit": visit,
        "concern": concern,
        "listed": _listed(concern, visit),
        "state": HEADINGS[ConcernState(concern.state)],
        "words": [(words.at.astimezone(visit.viewer.time_zone), words.wish) for words in concern.words.all()],
        "notes": [(note.at.astimezone(visit.viewer.time_zone), note) for note in concern.notes.all()],
        "to": to,
        "label": label,
        "asks_for_note": concern.state != ConcernState.CLOSED,
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "office/one_call.html", context)


def _in_room(visit: OfficeVisit) -> bool:
    """Whether a client may be looking at this screen; who meets no clients is in no room."""
    if not visit.viewer.roles & {Role.THERAPIST, Role.SUPERVISOR}:
        return False
    news = page_news(visit.staff.user.pk, at=visit.at)
    return news is not None and bool(news.room)


def _closed(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    return render(request, "office/calls_closed.html", {"visit": visit})


def _stepped(request: HttpRequest, visit: OfficeVisit, concern: Concern) -> HttpResponse:
    try:
        to = ConcernState(request.POST.get("to", ""))
    except ValueError:
        raise Http404 from None
    note = request.POST.get("note", "")[:LONGEST_NOTE]
    try:
        move_concern(concern=concern, to=to, note=note, at=visit.at, staff=visit.staff)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("office:one_call", concern.pk)


def _listed(concern: Concern, visit: OfficeVisit) -> ListedCall:
    waits = concern.state == ConcernState.RECEIVED
    return ListedCall(
        id=concern.pk,
        received=concern.received_at.astimezone(visit.viewer.time_zone).date(),
        due=concern.due_on,
        overdue=waits and concern.due_on < visit.viewer.today,
    )


def _due(call: ListedCall) -> date:
    return call.due
