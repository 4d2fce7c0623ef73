"""Pages for bad luck: kind, clear, and with the right status. None says whether anybody else answered."""

from dataclasses import replace
from datetime import datetime

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from goldseam_web.accounts.models import Phase
from goldseam_web.measures.links import LinkState
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import ActionLink, Notice, frame
from goldseam_web.portal.times_in_words import on_which_day, time_and_zone

KEPT = "Everything you answered is kept."
LAST_NOT_SAVED = "What you just sent was not saved; whatever was kept before stays."
GONE = 410
OVER = Notice(
    "This link has done its work.",
    ("Its time is over, and nothing is lost.", KEPT, "Next time there will be a new one."),
)
# The fields of a client's forms.
ALL_FIELDS = "answer-"  # of each question where all are on one page
FIELDS = (
    "item",
    "shown",
    "answer",
    "audience",
    "go",
    "to",
    "called",
    "by",
    "contact",
    "message",
    "when",
    "taken_up",
    "word",
)


def unknown_link(request: HttpRequest) -> HttpResponse:
    """Never existed, altered, taken back, or ended with its right: the page is the same, so that it tells nothing."""
    sentences = (
        "Perhaps a piece got lost when it was copied, or there is a newer one for you.",
        "If it came in a message, open it from there once more, or ask for a new one.",
        KEPT,
    )
    return _show(request, None, Notice("This link leads nowhere.", sentences), 404)


def not_usable(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """The page of a link that is there and cannot be answered now."""
    made = {
        LinkState.NOT_YET: _not_yet,
        LinkState.CANCELLED: _cancelled,
        LinkState.PAUSED: _paused,
    }
    notice, status = made.get(link.state, _over)(link)
    if request.method == "POST" and status == GONE:
        notice = replace(notice, sentences=("Its time is over.", LAST_NOT_SAVED))
    return _show(request, link, notice, status)


def too_big(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    return _show(request, link, _unread("That was more than this page can take.", link), 413)


def unreadable(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    return _show(request, link, _unread("That did not arrive in one piece.", link), 400)


def elsewhere(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    return _show(request, link, _unread("That did not come from this page.", link), 403)


def not_stored(request: HttpRequest) -> HttpResponse:
    """The database is away or locked: the form is offered again as it was filled in, and nothing is read for it."""
    response = _show(request, None, _again(request), 503)
    response.headers["Retry-After"] = "10"
    return response


def _again(request: HttpRequest) -> Notice:
    if request.method != "POST":
        sentences = ("It is not your doing, and nothing is lost.", KEPT, "Please try again in a moment.")
        return Notice("This page cannot be shown just now.", sentences, ActionLink("Try again", request.path))
    try:
        sent = request.POST
        fields = tuple(
            (name, str(sent[name])) for name in sent if name in FIELDS or name.startswith(ALL_FIELDS)
        )
    except (RequestDataTooBig, SuspiciousOperation, MultiPartParserError):
        fields = ()
    answer = request.POST.get("answer", "") if fields else ""
    chosen = (f"You chose {answer}. It is still on this page.",) if answer.isdecimal() else ()
    sentences = (
        "We cannot reach our records just now.",
        *chosen,
        "Leave this page open and try again in a moment.",
    )
    return Notice("Not saved yet.", sentences, again=fields)


def _show(request: HttpRequest, link: OpenedLink | None, notice: Notice, status: int) -> HttpResponse:
    context = {"frame": frame(link), "notice": notice}
    return render(request, "portal/notice.html", context, status=status)


def _not_yet(link: OpenedLink) -> tuple[Notice, int]:
    opens_at = link.occasion.opens_at
    moment = _moment(link, opens_at)
    after = "after your meeting, " if link.occasion.phase == Phase.POST else ""
    sentences = (f"This opens {after}{moment}.", "The same link will work then.")
    return Notice("A little too early.", sentences, tells_time=True), 200


def _moment(link: OpenedLink, at: datetime) -> str:
    day = on_which_day(at, now=link.at, zone=link.zone)
    return f"{day} at {time_and_zone(at, now=link.at, zone=link.zone)}"


def _cancelled(_visit: OpenedLink) -> tuple[Notice, int]:
    return Notice("Nothing to answer this time.", ("This link is no longer needed.", KEPT)), GONE


def _paused(link: OpenedLink) -> tuple[Notice, int]:
    """Paused and left read alike: the reason is between the client and the clinic."""
    clinic = link.occasion.clinic.name
    sentences = ("No check-ins are asked of you at present.", KEPT, f"If that is not right, ask {clinic}.")
    return Notice("Nothing to answer just now.", sentences), GONE


def _over(_visit: OpenedLink) -> tuple[Notice, int]:
    return OVER, GONE


def _unread(title: str, link: OpenedLink) -> Notice:
    sentences = (
        LAST_NOT_SAVED,
        "You can go on where you were.",
    )
    return Notice(title, sentences, ActionLink("Go on", link.url("start")))
