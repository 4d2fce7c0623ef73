"""Passkeys in a real browser with a made-up authenticator: added, used, refused elsewhere, removed."""

import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from goldseam_web.accounts.adapters import SecondFactorAdapter
from goldseam_web.accounts.models import AccountMail, AccountMailKind
from goldseam_web.accounts.sessions import SessionStore
from goldseam_web.audit.models import AuditEntry
from tests.browser_pages import assert_clean, follow
from tests.web import people

DESKTOP = {"width": 1280, "height": 900}
pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium, live_server, settings):
    """A browser whose device has a fingerprint reader that knows its owner."""
    settings.GOLDSEAM_BASE_URL = live_server.url
    context = chromium.new_context(viewport=DESKTOP)
    context.set_default_timeout(15_000)
    tab = context.new_page()
    device = context.new_cdp_session(tab)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield tab
    context.close()


@pytest.fixture
def ines(cast):
    TOTP.activate(cast.ines.user, generate_totp_secret())
    return cast.ines


def code_of(staff):
    """What the app on the phone shows now."""
    app = Authenticator.objects.get(user=staff.user, type=Authenticator.Type.TOTP)
    secret = get_adapter().decrypt(app.data["secret"])
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def give_password(page, staff):
    page.get_by_label("E-mail").fill(staff.user.email)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page, live_server, staff):
    page.goto(live_server.url + reverse("account_login"))
    give_password(page, staff)
    page.get_by_label("Code").fill(code_of(staff))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(live_server.url + "/")


def add(page, live_server, *, by_itself=True):
    page.goto(live_server.url + reverse("mfa_index"))
    follow(page.get_by_role("link", name="Add a passkey"))
    confirm(page)
    assert_clean(page)
    page.get_by_label("What you call it").fill("This laptop")
    if not by_itself:
        page.get_by_label("It signs me in by itself").uncheck()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(lambda url: "passkeys" not in url)


def confirm(page):
    """Whoever sits there gives the password once more."""
    if "confirm" in page.url:
        page.get_by_label("Password").fill(people.PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(lambda url: "confirm" not in url)


def sign_out(page, live_server):
    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))


@pytest.mark.browser
def test_it_signs_in_without_password_and_code(page, live_server, ines):
    sign_in(page, live_server, ines)
    add(page, live_server)
    sign_out(page, live_server)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(live_server.url + "/")
    assert AuditEntry.objects.filter(action="staff.passkey_added").count() == 1
    assert AuditEntry.objects.filter(action="staff.sign_in").count() == 2
    assert AccountMail.objects.filter(kind=AccountMailKind.PASSKEY_ADDED).count() == 1


@pytest.mark.browser
def test_it_stands_for_the_code_and_for_being_asked_again(page, live_server, ines):
    sign_in(page, live_server, ines)
    add(page, live_server, by_itself=False)
    sign_out(page, live_server)
    give_password(page, ines)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(live_server.url + "/")


@pytest.mark.browser
def test_it_opens_a_locked_sign_in_and_a_page_that_is_being_typed_into(page, live_server, ines):
    sign_in(page, live_server, ines)
    add(page, live_server)

    def idle():
        for cookie in page.context.cookies():
            if cookie["name"] == settings.SESSION_COOKIE_NAME:
                session = SessionStore(cookie["value"])
                session["last_active"] = time.time() - 61 * 60
                session.save()
        page.context.clear_cookies(name=settings.GOLDSEAM_POLL_COOKIE)

    idle()
    page.goto(live_server.url + "/cases/new/")
    page.wait_for_url("**/account/locked/**")
    page.get_by_role("button", name="Open with a passkey").click()
    page.wait_for_url(live_server.url + "/cases/new/")
    page.get_by_label("First name").first.fill("Mara")
    idle()
    page.wait_for_selector("#lock")
    page.get_by_role("button", name="Open with a passkey").click()
    expect(page.get_by_label("First name").first).to_have_value("Mara")
    assert AuditEntry.objects.filter(action="staff.unlock").count() == 2


@pytest.mark.browser
def test_removed_it_opens_nothing_more(page, live_server, ines):
    sign_in(page, live_server, ines)
    add(page, live_server)
    page.goto(live_server.url + reverse("mfa_index"))
    expect(page.get_by_text("This laptop").first).to_be_visible()
    follow(page.get_by_role("link", name="Remove This laptop"))
    confirm(page)
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_url(live_server.url + reverse("mfa_index"))
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
    sign_out(page, live_server)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_load_state()
    expect(page.get_by_label("Password")).to_be_visible()
    assert AccountMail.objects.filter(kind=AccountMailKind.PASSKEY_REMOVED).count() == 1


@pytest.mark.browser
def test_somebody_who_left_is_not_let_in_by_it(page, live_server, ines):
    sign_in(page, live_server, ines)
    add(page, live_server)
    sign_out(page, live_server)
    ines.active = False
    ines.save()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(live_server.url + reverse("account_inactive"))


def test_it_is_bound_to_the_configured_address_whatever_a_request_calls_itself(settings):
    settings.GOLDSEAM_BASE_URL = "https://goldseam.example.org:8443"
    assert SecondFactorAdapter().get_public_key_credential_rp_entity()["id"] == "goldseam.example.org"


NO_ANSWERS = ["", "{", "[]", "null", "7", '{"response": {}}', '{"id": 1, "response": {"userHandle": "MQ"}}']


@pytest.mark.parametrize("credential", NO_ANSWERS)
def test_what_is_no_answer_of_a_passkey_is_refused_without_an_error(client, credential):
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert answer.status_code == 302
    assert answer.url == reverse("account_login")
