"""The page of a locked sign-in: a passkey or a code opens it, the password where there is no second step."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.forms import ConfirmCodeForm, ConfirmPasskeyForm, UnlockPasswordForm
from goldseam_web.accounts.idle_lock import LOCKED_HEADER, is_locked, unlock
from goldseam_web.accounts.kept_form import KEPT, SealedForm, kept_page, typed_form
from goldseam_web.accounts.models import User
from goldseam_web.lib.page_owner import page_owner
from goldseam_web.lib.polling import asked_by_the_browser, page_will_poll

# Asked by a page that stays open, with what was typed in it put away: the forms alone, or 204 once it is unlocked.
PART = "Goldseam-Part"
_CODES = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}
# What may be opened while locked: the way in, and the way out.
OPEN_WHILE_LOCKED = ("account_logout", "healthz", "idle_lock")


def locked_answer(request: HttpRequest) -> HttpResponse:
    """Instead of any page of a locked sign-in; what this request sent is kept."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Refresh": "true", LOCKED_HEADER: "1"})
    form = typed_form(request)
    if form is not None and isinstance(request.user, User):
        return _page(request, request.user, kept=form.sealed(), where="/", status=403)
    return redirect(f"{reverse('idle_lock')}?{urlencode({'next': _where(request)})}")


def _where(request: HttpRequest) -> str:
    """The page somebody was on: what they asked for, or the one whose button they pressed."""
    if request.method == "GET":
        return request.get_full_path()
    return urlsplit(request.headers.get("Referer", "")).path or "/"


@require_http_methods(["GET", "POST"])
@asked_by_the_browser
def idle_lock(request: HttpRequest) -> HttpResponse:
    """Open what is locked, and lead back to where it stood."""
    user = request.user
    if not isinstance(user, User):
        return redirect(settings.LOGIN_URL)
    if PART in request.headers and request.GET.get("who", page_owner(user.pk)) != page_owner(user.pk):
        return redirect("/")  # somebody else has signed in since that page was made
    kept, where = request.POST.get(KEPT, ""), _next(request)
    if not is_locked(request):
        return _opened(request, kept=kept, where=where)
    if request.method == "GET":
        return _page(request, user, kept=kept, where=where)
    form = _filled(request, user)
    if not form.is_valid():
        return _page(request, user, kept=kept, where=where, filled=form)
    if hasattr(form, "save"):
        form.save()
    unlock(request)
    return _opened(request, kept=kept, where=where)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"


def _opened(request: HttpRequest, *, kept: str, where: str) -> HttpResponse:
    if PART in request.headers:
        if request.method == "POST":
            page_will_poll(request)  # until when it lasts is another time now
        return HttpResponse(status=204)
    form = SealedForm.opened(kept)
    return redirect(where) if form is None else kept_page(request, form)


def _ways(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def _filled(request: HttpRequest, user: User) -> Form:
    """The form that was sent: a password is looked at only where there is no second step."""
    ways = _ways(user)
    if "credential" in request.POST and Authenticator.Type.WEBAUTHN in ways:
        return ConfirmPasskeyForm(user=user, data=request.POST)  # type: ignore[call-arg]  # the library's
    form = ConfirmCodeForm if ways & _CODES else UnlockPasswordForm
    return form(user=user, data=request.POST)


def _page(
    request: HttpRequest, user: User, *, kept: str, where: str, filled: Form | None = None, status: int = 200
) -> HttpResponse:
    ways = _ways(user)
    has_passkey = Authenticator.Type.WEBAUTHN in ways
    empty = ConfirmCodeForm(user=user) if ways & _CODES else UnlockPasswordForm(user=user)
    typed = filled if filled is not None and not isinstance(filled, ConfirmPasskeyForm) else empty
    context: dict[str, Any] = {
        "form": typed,
        "passkey_form": ConfirmPasskeyForm(user=user) if has_passkey else None,  # type: ignore[call-arg]
        "passkey_failed": isinstance(filled, ConfirmPasskeyForm),
        "js_data": {"request_options": begin_authentication(user)} if has_passkey else None,
        "kept": kept,
        "next": where,
        "idle_minutes": settings.GOLDSEAM_IDLE_MINUTES,
    }
    if PART in request.headers:
        panel = render(request, "account/parts/unlock_panel.html", context)
        panel.headers[PART] = "1"
        return panel
    return render(request, "account/idle_lock.html", context, status=status)
