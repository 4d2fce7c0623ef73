"""Sign-in pages: the library's views with the lockout, our second-factor rule and the record built in."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from axes.decorators import axes_dispatch, axes_form_invalid
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.csrf import csrf_failure as django_csrf_failure

from goldseam_web.accounts.kept_form import kept_form
from goldseam_web.accounts.sign_in import record_own_act

HAS_SECOND_FACTOR = "has_second_factor"


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class SignIn(LoginView):  # type: ignore[misc]
    """Password first; after too many wrong ones a kind page says when to try again."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: of a page from before the last sign-in, or not ours at all."""
    return kept_form(request) or django_csrf_failure(request, reason)


class ActivateTotp(ActivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_own_act(user=self.request.user, action="staff.second_factor_on", at=timezone.now())
        return response


class DeactivateTotp(DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session.pop(HAS_SECOND_FACTOR, None)
        record_own_act(user=self.request.user, action="staff.second_factor_off", at=timezone.now())
        return response


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_own_act(user=self.request.user, action="staff.recovery_codes_new", at=timezone.now())
        return response
