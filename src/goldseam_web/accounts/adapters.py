"""Where the sign-in library asks us: who may come in, how secrets are kept, what is put on record."""

import io
import time
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goldseam_web.accounts.idle_lock import begin_anew
from goldseam_web.accounts.lockout import remember_staff_device
from goldseam_web.accounts.models import AccountMailKind, User
from goldseam_web.accounts.own_sessions import DEVICE, SIGNED_IN, device_in_words
from goldseam_web.accounts.sign_in import may_enter, record_failed_sign_in, record_own_act
from goldseam_web.lib.addresses import host_of
from goldseam_web.lib.ciphers import SECOND_FACTOR, cipher

# Coming and going shows on the page itself.
_UNSAID = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
# So long after signing in nobody is asked for the same again; an unattended screen is another matter soon.
JUST_NOW_SECONDS = 5 * 60


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "Address and password do not fit together. Try again, or choose a new password."
        ),
        "enter_current_password": _("That is not your password now."),
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": _("That was very often. Wait a while, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  the library's signature
        """Nobody signs up: an administrator adds staff, and clients need no account."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Refuse someone who no longer works here as if the sign-in itself were closed."""
        if user.is_active and not may_enter(user):
            return self.respond_user_inactive(request, user)  # type: ignore[no-any-return]
        return super().pre_login(request, user, **facts)  # type: ignore[no-any-return]

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        record_own_act(user=user, action="staff.sign_in", at=timezone.now())
        begin_anew(request)
        request.session[SIGNED_IN] = time.time()
        request.session[DEVICE] = device_in_words(request.headers.get("User-Agent", ""))
        response: HttpResponse = super().post_login(request, user, **facts)
        remember_staff_device(request, response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        record_failed_sign_in(email=str(credentials.get("email") or ""), at=timezone.now())

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            record_own_act(user=request.user, action="staff.sign_out", at=timezone.now())
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        notice = AccountMailKind.PASSWORD_CHANGED
        record_own_act(user=user, action="staff.password_change", at=timezone.now(), notice=notice)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("mfa_index")

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Do not ask for the password again right after it was given to set up the first app and see its codes."""
        asked = super().is_reauthentication_required(app=app)
        return bool(asked) and not is_enrolling(context.request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *others: Any,
        **named: Any,
    ) -> None:
        if message_template not in _UNSAID:
            super().add_message(request, level, message_template, *others, **named)


def is_enrolling(request: HttpRequest) -> bool:
    """Whether whoever sits here signed in lately to set up their first authenticator app, and has nothing else yet."""
    steps = get_authentication_records(request, request.user)
    if not steps or time.time() - steps[-1]["at"] >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return False
    app = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).first()
    return app is None or app.created_at.timestamp() >= steps[-1]["at"]


def has_just_signed_in(request: HttpRequest) -> bool:
    """Whether whoever sits here gave password and second step within these minutes: asked again they learn nothing."""
    steps = get_authentication_records(request, request.user)
    return bool(steps) and time.time() - steps[-1]["at"] < JUST_NOW_SECONDS


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of authenticator apps and recovery codes encrypted in the database."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        # Also said of a passkey that does not fit.
        "incorrect_code": _("That code does not fit. Codes change every 30 seconds; take the one shown now."),
    }

    def build_totp_svg(self, url: str) -> str:
        """Draw the square on white, with its quiet zone: dark pages would make it unreadable for a camera."""
        drawn = io.BytesIO()
        segno.make(url, error="m").save(drawn, kind="svg", scale=5, light="#fff")
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002  the library's signature
        """What the field proposes; counted on, so that two are told apart."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(_("Passkey")) if number == 1 else f"{_('Passkey')} {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are bound to the host of the configured address, whatever a request calls itself."""
        return {"id": host_of(settings.GOLDSEAM_BASE_URL), "name": "Goldseam"}

    def encrypt(self, text: str) -> str:
        return cipher(SECOND_FACTOR).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher(SECOND_FACTOR).decrypt(encrypted_text.encode()).decode()
