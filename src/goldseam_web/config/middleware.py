"""Rules that hold for every page."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.urls import resolve

from goldseam_web.accounts.idle_lock import is_locked, lock
from goldseam_web.accounts.kept_form import is_given_away, kept_form
from goldseam_web.accounts.own_sessions import SIGNED_IN
from goldseam_web.accounts.unlocking import OPEN_WHILE_LOCKED, locked_answer
from goldseam_web.accounts.views import HAS_SECOND_FACTOR
from goldseam_web.config.open_pages import POLL, has_no_news
from goldseam_web.lib.polling import LAST_ACTIVE

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]

CLIENTS = "/c/"
NOT_KEPT = "no-store, private"
_UTF_8 = ("utf-8", "utf8")
# Writing the session at every click would make every page a database write.
_WRITE_AFTER_SECONDS = 60

# What a member of staff without a second factor may open: the way to one, and the way out.
_BEFORE_ENROLMENT = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "give_back",
    "healthz",
    "idle_lock",
    "mfa_activate_totp",
    "mfa_reauthenticate",
}


class NoNews:
    """Answer polls that have nothing to tell before anything else looks at them: there is nothing in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == POLL and has_no_news(request):
            return HttpResponse(status=204, headers={"Cache-Control": NOT_KEPT})
        return self.get_response(request)


class WellFormed:
    """Refuse with 400, before anything looks inside, what no page of ours sends.

    Another encoding than UTF-8 is read differently by different eyes, and PostgreSQL can not hold a zero byte.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (request.content_params or {}).get("charset", "utf-8").lower() not in _UTF_8:
            raise BadRequest("A form in another encoding than UTF-8.")
        if not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
            raise BadRequest("A length that is no number.")
        # A client's page refuses such things itself, with the way out and the numbers for urgent help on it.
        if not request.path_info.startswith(CLIENTS) and _holds_zero_byte(request):
            raise BadRequest("A zero byte.")
        return self.get_response(request)


def _holds_zero_byte(request: HttpRequest) -> bool:
    return any("\0" in text for text in (request.path, *_texts(request.GET), *_texts(request.POST)))


def _texts(form: QueryDict) -> Iterator[str]:
    for name, values in form.lists():
        yield name
        yield from values


class PrivatePages:
    """Nothing personal stays in a browser's or a proxy's cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", NOT_KEPT)
        return response


class ClientsPages:
    """Answer clients' pages here: what comes after this one is for staff alone.

    No session, no sign-in, no message of theirs is looked for, whoever's browser it is.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # As Django does around each middleware: an error becomes its page.
        self.client_page: Any = convert_exception_to_response(_client_page)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(CLIENTS):
            page: HttpResponseBase = self.client_page(request)
            return page
        return self.get_response(request)


def _client_page(request: HttpRequest) -> HttpResponseBase:
    match = request.resolver_match = resolve(request.path_info)
    page: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return page


class HeadWritesNothing:
    """Refuse HEAD where a GET leaves a trace: a page that was seen, a click, the key of a new password.

    Nobody reads a page by it; programs that look whether an address is there use it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method != "HEAD":
            return None
        match = request.resolver_match
        keeps_a_key = match is not None and match.url_name == "account_reset_password_from_key"
        if keeps_a_key or request.user.is_authenticated:
            return HttpResponseNotAllowed(["GET", "POST"])
        return None


class AutomaticLogoff:
    """Lock staff pages after a time without a click; end the sign-in after twelve hours in any case.

    What pages poll by themselves is no click.

    What was typed meanwhile is given back, to be sent by who typed it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return kept_form(request)
        now = time.time()
        if now - request.session.setdefault(SIGNED_IN, now) > settings.SESSION_COOKIE_AGE:
            return _signed_out(request)
        if is_locked(request):
            lock(request)
            return None if _is_open_while_locked(request) else locked_answer(request)
        if is_given_away(request):  # nobody pressed a button: kept or not, nothing is done with it
            return kept_form(request) or redirect(settings.LOGIN_REDIRECT_URL)
        if not getattr(view, "asked_by_the_browser", False):
            _stay(request, now)
        return None


def _is_open_while_locked(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name in OPEN_WHILE_LOCKED or match.namespace == "demo")


def _stay(request: HttpRequest, now: float) -> None:
    if now - request.session.get(LAST_ACTIVE, 0) >= _WRITE_AFTER_SECONDS:
        request.session[LAST_ACTIVE] = now


def _signed_out(request: HttpRequest) -> HttpResponseBase:
    get_adapter(request).logout(request)
    if request.headers.get("HX-Request") == "true":
        # A fragment cannot redirect the page it belongs to; this header makes the page load anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return kept_form(request) or redirect(settings.LOGIN_URL)


class SecondFactor:
    """Lead staff who have no second factor yet to making one, before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not settings.GOLDSEAM_REQUIRE_TOTP or not request.user.is_authenticated:
            return None
        if _open_to_all(request) or _has_second_factor(request):
            return None
        return redirect("mfa_activate_totp")


def _open_to_all(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name in _BEFORE_ENROLMENT


def _has_second_factor(request: HttpRequest) -> bool:
    """Remembered in the session: a query saved on every page. Giving up the factor forgets it."""
    if not request.session.get(HAS_SECOND_FACTOR):
        if not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return False
        request.session[HAS_SECOND_FACTOR] = True
    return True
