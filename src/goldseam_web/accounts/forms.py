"""The sign-in library's forms, with fields that password managers and screen readers understand."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms


def _plain(field: forms.Field, **attributes: str) -> None:
    """Drop the placeholder, which vanishes while one types, and set what browsers need."""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update({"class": "input", **attributes})


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["login"], autocomplete="username")
        _plain(self.fields["password"], autocomplete="current-password")

    def user_credentials(self) -> dict[str, Any]:
        """Name the sign-in a second time, under the key by which axes counts failures."""
        credentials: dict[str, Any] = super().user_credentials()
        credentials["login"] = credentials.get("email")
        return credentials


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["email"], autocomplete="username")


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A six-digit code from the app, or one of the recovery codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"], autocomplete="one-time-code", autofocus="autofocus")


class ActivateTotpForm(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"], autocomplete="one-time-code", inputmode="numeric")
