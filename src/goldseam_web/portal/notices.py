"""Pages for bad luck: kind, clear, and with the right status. None says whether anybody else answered."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from goldseam_web.accounts.models import Phase
from goldseam_web.measures.queries import LinkState
from goldseam_web.portal.pages import Notice, Step, frame
from goldseam_web.portal.words import clock, on_day

if TYPE_CHECKING:
    from goldseam_web.portal.visits import Visit

KEPT = "Everything you answered is kept."


def unknown(request: HttpRequest) -> HttpResponse:
    """Never existed, altered, or taken back: the page is the same, so that it tells nothing."""
    sentences = (
        "Perhaps a piece got lost when it was copied, or there is a newer one for you.",
        "If it came in a message, open it from there once more, or ask for a new one.",
        KEPT,
    )
    return _show(request, None, Notice("This link leads nowhere.", sentences), 404)


def not_usable(request: HttpRequest, visit: "Visit") -> HttpResponse:
    """The page of a link that is there and cannot be answered now."""
    made = {LinkState.NOT_YET: _not_yet, LinkState.DONE: _answered, LinkState.CANCELLED: _cancelled}
    notice, status = made.get(visit.state, _over)(visit)
    return _show(request, visit, notice, status)


def too_big(request: HttpRequest, visit: "Visit") -> HttpResponse:
    return _show(request, visit, _unread("That was more than this page can take.", visit), 413)


def unreadable(request: HttpRequest, visit: "Visit") -> HttpResponse:
    return _show(request, visit, _unread("That did not arrive in one piece.", visit), 400)


def elsewhere(request: HttpRequest, visit: "Visit") -> HttpResponse:
    return _show(request, visit, _unread("That did not come from this page.", visit), 403)


def _show(request: HttpRequest, visit: "Visit | None", notice: Notice, status: int) -> HttpResponse:
    context = {"frame": frame(visit), "notice": notice}
    return render(request, "portal/notice.html", context, status=status)


def _not_yet(visit: "Visit") -> tuple[Notice, int]:
    opens_at = visit.occasion.opens_at
    moment = f"{on_day(opens_at, now=visit.at, zone=visit.zone)} at {clock(opens_at, zone=visit.zone)}"
    after = "after your meeting, " if visit.occasion.phase == Phase.POST else ""
    sentences = (f"This opens {after}{moment}.", "The same link will work then.")
    return Notice("A little too early.", sentences), 200


def _answered(visit: "Visit") -> tuple[Notice, int]:
    rated_at = (visit.response.rated_at if visit.response else None) or visit.at
    moment = f"{on_day(rated_at, now=visit.at, zone=visit.zone)} at {clock(rated_at, zone=visit.zone)}"
    own = Step("My own answers", visit.url("answers")) if visit.may_see_own_answers else None
    sentences = (f"You answered this {moment}. Thank you.", KEPT)
    return Notice("Already answered.", sentences, own, mended=True), 200


def _cancelled(_visit: "Visit") -> tuple[Notice, int]:
    return Notice("Nothing to answer this time.", ("This link is no longer needed.", KEPT)), 410


def _over(_visit: "Visit") -> tuple[Notice, int]:
    sentences = ("Its time is over, and nothing is lost.", KEPT, "Next time there will be a new one.")
    return Notice("This link has done its work.", sentences), 410


def _unread(title: str, visit: "Visit") -> Notice:
    sentences = (
        "Your last answer was not saved; everything before it is kept.",
        "You can go on where you were.",
    )
    return Notice(title, sentences, Step("Go on", visit.url("start")))
