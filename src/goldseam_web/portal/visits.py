"""Opening a link: which request to answer it stands for, whether it can be used now, and from which device."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.queries import (
    LinkState,
    Questionnaire,
    current_response,
    link_state,
    questionnaire,
)
from goldseam_web.measures.services import occasion_behind
from goldseam_web.portal import notices

DEVICE_COOKIE = "goldseam_device"
_SALT = "goldseam.portal.device"
P = ParamSpec("P")


@dataclass(frozen=True)
class Visit:
    """One request to a working link."""

    token: str
    occasion: Occasion
    member: Member
    response: Response | None
    state: LinkState
    device: str
    at: datetime

    @cached_property
    def form(self) -> Questionnaire:
        return questionnaire(self.occasion, self.response)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.occasion.clinic.time_zone)

    @property
    def on_first_device(self) -> bool:
        """Whether earlier answers may be shown: only where they were given (or if there are none yet)."""
        if self.response is None:
            return True
        return bool(self.device) and secrets.compare_digest(self.device, self.response.device)

    @property
    def may_see_own_answers(self) -> bool:
        """In couples and families never: a partner may hold the phone."""
        alone = self.occasion.case.kind == CaseKind.INDIVIDUAL
        return alone and self.response is not None and self.on_first_device

    def url(self, name: str, **parts: int) -> str:
        return reverse(f"portal:{name}", kwargs={"token": self.token, **parts})

    def afresh(self) -> "Visit":
        """The same visit after something was written."""
        return replace(self, response=current_response(self.occasion))


PageView = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]
PlainView = Callable[..., HttpResponseBase]


def client_page(view: PageView[P]) -> PlainView:
    """Open the link before the view, and answer kindly where it cannot be opened.

    Django's CSRF check is off here, because it needs a cookie and many phones refuse them on a first visit: the
    answer would be lost. What protects instead is the link itself: a forged form would have to know it, and it is
    unguessable and never sent as a referrer. A form that a browser says came from another site is refused anyway.
    """

    @csrf_exempt
    @gzip_page
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = _open(request, token)
        if visit is None:
            return guarded(notices.unknown(request))
        refusal = _refusal(request, visit)
        return guarded(_for_script(request, refusal or view(request, visit, *args, **kwargs)))

    return page


def guarded(response: HttpResponse) -> HttpResponse:
    """The address is the key: it goes to nobody, not to other sites and not into a search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _open(request: HttpRequest, token: str) -> Visit | None:
    at = timezone.now()
    occasion = occasion_behind(token=token)
    if occasion is None or occasion.respondent is None:
        return None
    response = current_response(occasion)
    state = link_state(occasion, response, at=at)
    return Visit(token, occasion, occasion.respondent, response, state, _device(request), at)


def _refusal(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    """The page for a form that cannot be read, or None."""
    if request.method != "POST":
        return None
    if not _from_here(request):
        return notices.elsewhere(request, visit)
    try:
        request.POST  # noqa: B018 - reading it is what may fail
    except RequestDataTooBig:
        return notices.too_big(request, visit)
    except (SuspiciousOperation, MultiPartParserError):
        return notices.unreadable(request, visit)
    return None


def _from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form is ours. Old browsers say nothing; "null" comes with no-referrer."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    return site in ("same-origin", "none") and origin in (
        "null",
        f"{request.scheme}://{request.get_host()}",
    )


def _for_script(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Our script sends a form by itself so that a lost connection loses no answer; it is told where to go next."""
    if isinstance(response, HttpResponseRedirect) and request.headers.get("X-Goldseam-Next"):
        told = JsonResponse({"next": response.url})
        told.cookies = response.cookies
        return told
    return response


def _device(request: HttpRequest) -> str:
    """The hash of this device's random cookie, or "" without one."""
    value = request.get_signed_cookie(DEVICE_COOKIE, default="", salt=_SALT)
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def remember_device(response: HttpResponse, visit: Visit) -> None:
    """Give this device a random word of its own: for this link alone, gone when the browser is closed."""
    if visit.device:
        return
    response.set_signed_cookie(
        DEVICE_COOKIE,
        secrets.token_urlsafe(16),
        salt=_SALT,
        path=visit.url("start"),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
