"""Open pages that ask whether anything has changed are answered here, before sessions are opened and users are read.

Each page that polls leaves a signed cookie: whose sign-in it is, until when it lasts without a click, and under which
password it was begun. One statement says whether that sign-in is still running, whoever ended it and wherever. Only "no
news" is said here. Anything else, a cookie that does not fit among it, goes the whole way and is answered as before.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from goldseam_web.accounts.own_sessions import SIGNED_IN
from goldseam_web.accounts.sessions import stored_key
from goldseam_web.alerts.page_news import PageNews, page_news
from goldseam_web.lib.page_owner import page_owner
from goldseam_web.lib.polling import LAST_ACTIVE, polls

GetResponse = Callable[[HttpRequest], HttpResponseBase]

POLL = "/pulse/"
SALT = "goldseam.open_pages"


@dataclass(frozen=True)
class WatchedSignIn:
    """Who is signed in, until when without another click, in which session and since which password."""

    user_id: uuid.UUID
    until: float
    session: str
    password: str

    def text(self) -> str:
        return "|".join((self.user_id.hex, f"{self.until:.0f}", self.session, self.password))

    @classmethod
    def from_text(cls, text: str) -> "WatchedSignIn":
        user, until, session, password = text.split("|")
        return cls(uuid.UUID(user), float(until), session, password)


class OpenPages:
    """Leave pages that will poll what they need for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if polls(request) and request.path_info != POLL:  # what a page asks by itself is no click
            response.set_cookie(
                settings.GOLDSEAM_POLL_COOKIE,
                Signer(salt=SALT).sign(_sign_in(request).text()),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",
            )
        return response


def _sign_in(request: HttpRequest) -> WatchedSignIn:
    """It ends as the sign-in does: after a time without a click, and after twelve hours in any case."""
    now = time.time()
    idle = request.session.get(LAST_ACTIVE, now) + settings.GOLDSEAM_IDLE_MINUTES * 60
    whole = request.session.get(SIGNED_IN, now) + settings.SESSION_COOKIE_AGE
    user = request.user
    return WatchedSignIn(
        user_id=uuid.UUID(str(user.pk)),
        until=min(idle, whole),
        session=stored_key(request.session.session_key or ""),
        password=_digest(user.password),  # type: ignore[union-attr]  # somebody is signed in
    )


def has_no_news(request: HttpRequest) -> bool:
    """Whether a poll finds its page as it is shown, and its sign-in still running."""
    sign_in = _watched(request)
    if request.method != "GET" or sign_in is None or time.time() > sign_in.until:
        return False
    own_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not constant_time_compare(sign_in.session, stored_key(own_key)):
        return False  # the cookie of an earlier sign-in
    news = page_news(sign_in.user_id, session=sign_in.session, at=timezone.now())
    if news is None or request.GET.get("who", page_owner(sign_in.user_id)) != page_owner(sign_in.user_id):
        return False  # nobody who works here, or a page made for somebody else
    return _still_signed_in(sign_in, news) and _is_what_is_shown(request, news)


def _watched(request: HttpRequest) -> WatchedSignIn | None:
    try:
        return WatchedSignIn.from_text(
            Signer(salt=SALT).unsign(request.COOKIES[settings.GOLDSEAM_POLL_COOKIE])
        )
    except (KeyError, ValueError, BadSignature):
        return None


def _still_signed_in(sign_in: WatchedSignIn, news: PageNews) -> bool:
    return news.signed_in and constant_time_compare(sign_in.password, _digest(news.password))


def _is_what_is_shown(request: HttpRequest, news: PageNews) -> bool:
    return request.GET.get("since") == str(news.counter) and request.GET.get("room", "") == news.room


def _digest(password: str) -> str:
    """Of a password's hash, so that no cookie holds it."""
    return salted_hmac(SALT, password).hexdigest()
