"""Sign-in pages: the library's views with the lockout, our second-factor rule and the record built in."""

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, suspend_request
from allauth.account.views import LoginView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from axes.decorators import axes_dispatch, axes_form_invalid
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.csrf import csrf_failure as django_csrf_failure

from goldseam_web.accounts.idle_lock import is_locked
from goldseam_web.accounts.kept_form import kept_form, typed_form
from goldseam_web.accounts.models import AccountMailKind, User
from goldseam_web.accounts.own_sessions import end_own_session, sign_ins_of
from goldseam_web.accounts.sessions import end_sessions
from goldseam_web.accounts.sign_in import record_own_act
from goldseam_web.accounts.unlocking import locked_answer

HAS_SECOND_FACTOR = "has_second_factor"


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class SignIn(LoginView):  # type: ignore[misc]
    """Password first; after too many wrong ones a kind page says when to try again."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: of a page from before the last sign-in, or not ours at all."""
    if is_locked(request) and typed_form(request):
        return locked_answer(request)
    return kept_form(request) or django_csrf_failure(request, reason)


class AskedAgain(View):
    """Whoever sits at an open page is asked for password or code again, however lately they signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not did_recently_reauthenticate(request):
            return suspend_request(request, reverse("account_reauthenticate"))  # type: ignore[no-any-return]
        return super().dispatch(request, *args, **kwargs)


class ActivateTotp(ActivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "staff.second_factor_on", AccountMailKind.SECOND_FACTOR_ON)
        return response


class DeactivateTotp(AskedAgain, DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session.pop(HAS_SECOND_FACTOR, None)
        _record(self.request, "staff.second_factor_off", AccountMailKind.SECOND_FACTOR_OFF)
        return response


class AddPasskey(AskedAgain, AddWebAuthnView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "staff.passkey_added", AccountMailKind.PASSKEY_ADDED)
        return response


class RemovePasskey(AskedAgain, RemoveWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "staff.passkey_removed", AccountMailKind.PASSKEY_REMOVED)
        return response


class NewRecoveryCodes(AskedAgain, GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "staff.recovery_codes_new", AccountMailKind.RECOVERY_CODES_NEW)
        return response


class OwnSessions(AskedAgain):
    """Where somebody is signed in, and how to end that."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.path)
        this = request.session.session_key
        found = sign_ins_of(request.user.pk, this=this, at=timezone.now())
        return render(request, "account/own_sessions.html", {"sessions": found})

    def post(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.path)
        key, this = request.POST.get("key", ""), request.session.session_key
        if key == "others":
            end_sessions(request.user.pk, but=this)
        elif not end_own_session(request.user.pk, key):
            raise Http404
        record_own_act(user=request.user, action="staff.session_end", at=timezone.now())
        return redirect("own_sessions")


def _record(request: HttpRequest, action: str, notice: AccountMailKind) -> None:
    """Put a change of the second factor on record; sessions on other devices, begun without it, end."""
    if isinstance(request.user, User):
        end_sessions(request.user.pk, but=request.session.session_key)
        record_own_act(user=request.user, action=action, at=timezone.now(), notice=notice)
