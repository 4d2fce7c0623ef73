"""The sign-in library's forms in our words, with fields that password managers and screen readers understand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkeys
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goldseam_web.accounts.lockout import GrowingPause
from goldseam_web.accounts.mails import queue_account_mail
from goldseam_web.accounts.models import AccountMailKind, User
from goldseam_web.accounts.second_factor import codes_rest, forgive_wrong_codes, record_wrong_code

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Wording:
    """How one field is shown: no placeholder, because it vanishes while one types."""

    label: "StrOrPromise"
    autocomplete: str
    help_text: "StrOrPromise" = ""
    inputmode: str = "text"
    autofocus: bool = False


class Worded(forms.Form):
    """Give the fields their wording after the library has made them."""

    wording: ClassVar[dict[str, Wording]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, wording in self.wording.items():
            _word(self.fields[name], wording)


def _word(field: forms.Field, wording: Wording) -> None:
    field.label, field.help_text = wording.label, wording.help_text
    attributes = field.widget.attrs
    attributes.pop("placeholder", None)
    attributes.update({"class": "input", "autocomplete": wording.autocomplete})
    if wording.inputmode != "text":
        attributes["inputmode"] = wording.inputmode
    if wording.autofocus:
        attributes["autofocus"] = True


_PASSWORD = Wording(_("Password"), "current-password", _("A sentence is fine. Pasting works."))
_OLD = Wording(_("Your password now"), "current-password")
_NEW = Wording(
    _("New password"), "new-password", _("15 characters or more; a sentence is fine. Pasting works.")
)
_AGAIN = Wording(_("The new password again"), "new-password")
_CODE = Wording(
    _("Code"),
    "one-time-code",
    _("Six digits from your authenticator app, or a recovery code."),
    autofocus=True,
)


class SignInForm(Worded, account.LoginForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {
        "login": Wording(_("E-mail"), "username", autofocus=True),
        "password": _PASSWORD,
    }

    def user_credentials(self) -> dict[str, Any]:
        """Name the sign-in a second time, under the key by which axes counts failures."""
        credentials: dict[str, Any] = super().user_credentials()
        credentials["login"] = credentials.get("email")
        return credentials


class ForgottenPasswordForm(Worded, account.ResetPasswordForm):  # type: ignore[misc]
    """Takes every address alike; the worker looks whether somebody signs in with it."""

    wording: ClassVar[dict[str, Wording]] = {"email": Wording(_("E-mail"), "username", autofocus=True)}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **_facts: Any) -> str:  # noqa: ARG002  the library's signature
        address = str(self.cleaned_data["email"])
        queue_account_mail(kind=AccountMailKind.NEW_PASSWORD, address=address, at=timezone.now())
        return address


class NewPasswordForm(Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {"password1": _NEW, "password2": _AGAIN}


class ChangePasswordForm(Worded, account.ChangePasswordForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {"oldpassword": _OLD, "password1": _NEW, "password2": _AGAIN}


class ConfirmPasswordForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {"password": _PASSWORD}


class CountedCode(forms.Form):
    """Count wrong codes in the database, whatever process or page they come to."""

    user: User

    def clean_code(self) -> str:
        at = timezone.now()
        if codes_rest(self.user, at=at):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            code = str(super().clean_code())  # type: ignore[misc]
        except forms.ValidationError:
            record_wrong_code(user=self.user, at=at)
            raise
        forgive_wrong_codes(self.user)
        return code


class CodeForm(Worded, CountedCode, mfa.AuthenticateForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {"code": _CODE}


class ConfirmCodeForm(Worded, CountedCode, mfa.ReauthenticateForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {"code": _CODE}


class UnlockPasswordForm(Worded, forms.Form):
    """For a locked sign-in without a second step. Wrong ones are counted as those at the door are."""

    wording: ClassVar[dict[str, Wording]] = {
        "password": Wording(_PASSWORD.label, "current-password", autofocus=True)
    }
    password = forms.CharField(widget=forms.PasswordInput, strip=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password, request = str(self.cleaned_data["password"]), context.request
        name = {"login": self.user.email}
        if not AxesProxyHandler.is_allowed(request, name):
            raise get_adapter().validation_error("too_many_login_attempts")
        found = get_adapter().authenticate(request, email=self.user.email, password=password, **name)
        # The page says so itself, and keeps what it holds.
        request.axes_locked_out = False
        if found is None or found.pk != self.user.pk:
            raise get_adapter().validation_error("incorrect_password")
        for tries in GrowingPause().filter_user_attempts(request, name):
            tries.delete()  # the right one forgives, as at the door
        return password


class ActivateTotpForm(Worded, ActivateTOTPForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {
        "code": Wording(
            _("Code"), "one-time-code", _("The six digits the app shows now."), inputmode="numeric"
        )
    }


class ReadCredential(forms.Form):
    """What a browser sends for a passkey is read by the library in trust; whatever else is sent does not fit."""

    def _clean_fields(self) -> None:
        try:
            super()._clean_fields()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError):
            self.add_error("credential", mfa_adapter().validation_error("incorrect_code"))

    def _clean_form(self) -> None:
        try:
            super()._clean_form()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError):
            self.add_error("credential", mfa_adapter().validation_error("incorrect_code"))


class PasskeySignInForm(ReadCredential, passkeys.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyForm(ReadCredential, passkeys.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(ReadCredential, passkeys.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(Worded, ReadCredential, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    wording: ClassVar[dict[str, Wording]] = {
        "name": Wording(
            label=_("What you call it"),
            autocomplete="off",
            help_text=_("For example: this laptop, or the key on my ring."),
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _(
            "It signs me in by itself, with fingerprint, face or PIN; else it stands for the code after the password"
        )
