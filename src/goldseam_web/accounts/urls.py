"""Sign-in and the pages about one's own. Only what staff need: no sign-up, no change of address."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from goldseam_web.accounts import views
from goldseam_web.accounts.kept_form import give_back
from goldseam_web.accounts.unlocking import idle_lock

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/code/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("locked/", idle_lock, name="idle_lock"),
    path("typed/", give_back, name="give_back"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("", mfa.index, name="mfa_index"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("sessions/", views.OwnSessions.as_view(), name="own_sessions"),
    path("second-factor/", views.ActivateTotp.as_view(), name="mfa_activate_totp"),
    path("second-factor/remove/", views.DeactivateTotp.as_view(), name="mfa_deactivate_totp"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("confirm/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
