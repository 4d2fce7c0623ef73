"""Opening a client's link before each page of it, and guarding what goes back."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.links import LinkState, facts_of_link, link_state
from goldseam_web.portal import link_notices
from goldseam_web.portal.opened_link import OpenedLink, UnopenedLink
from goldseam_web.portal.showing import ANSWER_NAME, carried

DEVICE_COOKIE = settings.GOLDSEAM_PHONE_COOKIE
SENT_COOKIE = f"{DEVICE_COOKIE}_sent"
_SALT = "goldseam.portal.device"
_SENT_SALT = "goldseam.portal.sent"
P = ParamSpec("P")


PageView = Callable[Concatenate[HttpRequest, OpenedLink, P], HttpResponse]
AnswerView = Callable[Concatenate[HttpRequest, UnopenedLink, P], HttpResponse]
PlainView = Callable[..., HttpResponseBase]


def client_page(view: PageView[P]) -> PlainView:
    """Open the link before the view, and answer kindly where it cannot be opened.

    Django's CSRF check is off here, because it needs a cookie and many phones refuse them on a first visit: the
    answer would be lost. What protects instead is the link itself: a forged form would have to know it, and it is
    unguessable and never sent as a referrer. A form that a browser says came from another site is refused anyway.
    """

    def page(request: HttpRequest, token: str, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if unreadable := _unreadable(request):
            return _opened(unreadable, request, token)
        return _opened(view, request, token, *args, **kwargs)

    return _guarding(page, named_as=view)


def answered_by(takes: AnswerView[P]) -> Callable[[PageView[P]], PlainView]:
    """A page whose form is read behind the lock: ``takes`` opens the link itself. The view gives the page."""

    def both(view: PageView[P]) -> PlainView:
        def page(request: HttpRequest, token: str, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if unreadable := _unreadable(request):
                return _opened(unreadable, request, token)
            if request.method != "POST":
                return _opened(view, request, token, *args, **kwargs)
            return takes(request, UnopenedLink(token, _device(request), timezone.now()), *args, **kwargs)

        return _guarding(page, named_as=view)

    return both


def _opened(
    view: PageView[P], request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
) -> HttpResponse:
    link = _open(request, token)
    return link_notices.unknown_link(request) if link is None else view(request, link, *args, **kwargs)


def _guarding(
    page: Callable[Concatenate[HttpRequest, str, P], HttpResponse], *, named_as: PageView[P]
) -> PlainView:
    @csrf_exempt
    @gzip_page
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(named_as)
    def guarded_page(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return guarded(_for_script(request, page(request, token, *args, **kwargs)))
        except DATABASE_AWAY:
            return guarded(link_notices.not_stored(request))

    return guarded_page


def guarded(response: HttpResponse) -> HttpResponse:
    """The address is the key: it goes to nobody, not to other sites and not into a search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _open(request: HttpRequest, token: str) -> OpenedLink | None:
    at = timezone.now()
    facts = facts_of_link(token=token)
    if facts is None:
        return None
    state = link_state(facts.occasion, facts.response, at=at, facts=facts)
    if state == LinkState.ENDED:
        return None
    return UnopenedLink(token, _device(request), at).opened(facts, state)


def _unreadable(request: HttpRequest) -> Callable[[HttpRequest, OpenedLink], HttpResponse] | None:
    """The page for a form that cannot be read, or None."""
    if request.method != "POST":
        return None
    if not is_from_here(request):
        return link_notices.elsewhere
    try:
        request.POST  # noqa: B018 - reading it is what may fail
    except RequestDataTooBig:
        return link_notices.too_big
    except (SuspiciousOperation, MultiPartParserError):
        return link_notices.unreadable
    return None


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form is ours. Old browsers say nothing; "null" comes with no-referrer."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    return site in ("same-origin", "none") and origin in (
        "null",
        f"{request.scheme}://{request.get_host()}",
    )


def _for_script(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Our script sends a form by itself so that a lost connection loses no answer; it is told where to go next.

    It gives each answer a name, and takes a reply that bears this name, and no other, for our word on that answer.
    """
    name = request.headers.get(ANSWER_NAME)
    if not name:
        return response
    if isinstance(response, HttpResponseRedirect):
        told = JsonResponse({"next": response.url} | ({"page": page} if (page := carried(response)) else {}))
        told.cookies = response.cookies
        response = told
    response.headers[ANSWER_NAME] = name
    return response


def _device(request: HttpRequest) -> str:
    """The hash of this device's random cookie, or "" without one."""
    value = request.get_signed_cookie(DEVICE_COOKIE, default="", salt=_SALT)
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def remember_device(response: HttpResponse, link: OpenedLink) -> None:
    """Give this device a random word of its own: for this link alone, gone when the browser is closed."""
    if link.device:
        return
    _keep(response, link, DEVICE_COOKIE, secrets.token_urlsafe(16), salt=_SALT)


def forget_device(response: HttpResponse, token: str) -> None:
    """Take the word back: from now on this device is shown none of the answers given on it."""
    _drop(response, token, DEVICE_COOKIE)


def remember_sending(response: HttpResponse, link: OpenedLink) -> None:
    """Let this browser come back to the page of thanks for some minutes: its word is taken back with that page."""
    _keep(response, link, SENT_COOKIE, link.occasion.id.hex, salt=_SENT_SALT, max_age=JUST_NOW)


def was_sent_here(request: HttpRequest, link: OpenedLink) -> bool:
    said = request.get_signed_cookie(SENT_COOKIE, default="", salt=_SENT_SALT, max_age=JUST_NOW)
    return link.state == LinkState.DONE and said == link.occasion.id.hex


def forget_sending(response: HttpResponse, token: str) -> None:
    """Whoever has this browser next does not come to the page of thanks."""
    _drop(response, token, SENT_COOKIE)


def _keep(
    response: HttpResponse,
    link: OpenedLink,
    name: str,
    value: str,
    *,
    salt: str,
    max_age: timedelta | None = None,
) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=salt,
        max_age=max_age,
        path=link.url("start"),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _drop(response: HttpResponse, token: str, name: str) -> None:
    response.delete_cookie(name, path=reverse("portal:start", kwargs={"token": token}), samesite="Lax")
