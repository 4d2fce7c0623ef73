"""An hour without a click locks a sign-in: nothing can be read; its owner opens it where it was, as it was typed."""

import time
from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.models import WrongCodes
from goldseam_web.accounts.sessions import SessionStore
from goldseam_web.audit.models import AuditEntry
from goldseam_web.lib.page_owner import page_owner
from tests.browser_pages import assert_clean
from tests.web import people
from tests.web.staff_pages import words
from tests.web.test_kept_form import NEW_CASE, Browser, fields_of, mara, sent_again, typed_of
from tests.web.test_passkeys import code_of

pytestmark = pytest.mark.django_db
LOCK = "/account/locked/"
AN_HOUR = 60 * 60


@pytest.fixture(autouse=True)
def _calm_rate_limits():
    """The library counts requests in the cache."""
    cache.clear()


@pytest.fixture
def browser(cast):
    found = Browser()
    found.sign_in(cast.ines)
    found.client.get("/")
    return found


def idle(browser, *, minutes=61):
    session = browser.client.session
    session["last_active"] = time.time() - minutes * 60
    session.save()


def opened_with(browser, page, **given):
    """Fill in the page's first form that opens, as a browser does."""
    return browser.client.post(LOCK, fields_of_first(page) | given)


def fields_of_first(page):
    first = page.content.decode().partition("</form>")[0]
    return fields_of(type("Page", (), {"content": first.encode()}))


def acts(action):
    return AuditEntry.objects.filter(action=action).count()


def test_an_hour_without_a_click_locks_and_is_recorded_once(browser, cast):
    case = reverse("dashboard:case", args=[cast.couple.id])
    idle(browser, minutes=59)
    assert browser.client.get(case).status_code == 200
    idle(browser)
    for _ in range(2):
        assert unquote(browser.client.get(case).url) == f"{LOCK}?next={case}"
    page = browser.client.get(f"{LOCK}?next={case}")
    assert "Locked." in words(page)
    assert "Brandt" not in page.content.decode()
    assert (acts("staff.lock"), acts("staff.sign_out")) == (1, 0)


def test_the_password_opens_it_where_it_was_when_there_is_no_second_step(browser, cast):
    case = reverse("dashboard:case", args=[cast.couple.id])
    idle(browser)
    page = browser.client.get(browser.client.get(case).url)
    assert "Code" not in words(page)
    assert opened_with(browser, page, password=people.PASSWORD).url == case
    assert browser.client.get(case).status_code == 200
    assert acts("staff.unlock") == 1


def test_a_click_elsewhere_does_not_open_it(browser, cast):
    """Once locked it stays so until its owner comes, whatever the clock says."""
    idle(browser)
    browser.client.get("/")
    idle(browser, minutes=0)
    assert browser.client.get("/").url.startswith(LOCK)


@pytest.mark.parametrize(
    "address",
    ["/", "/alerts/", "/cases/new/", "/account/", "/account/password/", "/office/away/", "/account/sign-in/"],
)
def test_nothing_else_opens(browser, address):
    idle(browser)
    assert browser.client.get(address).url.startswith(LOCK)


def test_the_way_out_and_the_pages_of_clients_stay_open(browser):
    idle(browser)
    browser.client.get("/")
    assert browser.client.get("/c/help/").status_code == 200
    assert browser.client.get("/healthz").status_code == 200
    browser.client.post(reverse("account_logout"), fields_of(browser.client.get(LOCK)))
    assert browser.client.get("/").url.startswith(reverse("account_login"))


class TestSecondStep:
    @pytest.fixture(autouse=True)
    def _app(self, browser, cast):
        TOTP.activate(cast.ines.user, generate_totp_secret())
        idle(browser)

    def test_the_code_opens_it(self, browser, cast):
        page = browser.client.get(LOCK)
        assert "Password" not in words(page)
        assert opened_with(browser, page, code=code_of(cast.ines)).url == "/"
        assert browser.client.get("/").status_code == 200

    def test_a_recovery_code_opens_it(self, browser, cast):
        RecoveryCodes.activate(cast.ines.user)
        codes = Authenticator.objects.get(user=cast.ines.user, type="recovery_codes").wrap()
        code = codes.get_unused_codes()[0]
        assert opened_with(browser, browser.client.get(LOCK), code=code).url == "/"

    def test_the_password_does_not(self, browser, cast):
        page = opened_with(browser, browser.client.get(LOCK), password=people.PASSWORD)
        assert page.status_code == 200
        assert browser.client.get("/").url.startswith(LOCK)

    def test_wrong_codes_are_counted_as_at_the_door_and_rest(self, browser, cast):
        page = browser.client.get(LOCK)
        for n in range(5):
            page = opened_with(browser, page, code=f"{n:06d}")
        assert "That code does not fit." in words(page)
        assert WrongCodes.objects.get(user=cast.ines.user).failures == 5
        assert acts("staff.code_failed") == 5
        refused = opened_with(browser, page, code=code_of(cast.ines))
        assert "That was very often." in words(refused)
        WrongCodes.objects.update(last_at=timezone.now() - timedelta(seconds=61))
        cache.clear()
        assert opened_with(browser, refused, code=code_of(cast.ines)).url == "/"


def test_wrong_passwords_are_counted_as_at_the_door_and_rest(browser, cast):
    """Ten are free; then even the right one waits, and the page keeps what it holds."""
    form = browser.typed()
    idle(browser)
    page = browser.client.post(NEW_CASE, form)
    for n in range(10):
        page = opened_with(browser, page, password=f"a guess that is wrong {n}")
        assert page.status_code == 200
    assert sum(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == 10
    assert acts("staff.sign_in_failed") == 10
    refused = opened_with(browser, page, password=people.PASSWORD)
    assert "That was very often." in words(refused)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=61))
    assert typed_of(fields_of(opened_with(browser, refused, password=people.PASSWORD))) == typed_of(form)
    assert not AccessAttempt.objects.exists()


class TestTyped:
    def test_sent_while_locked_it_is_kept_sealed_and_given_back(self, browser, cast):
        form = browser.typed()
        idle(browser)
        page = browser.client.post(NEW_CASE, form)
        assert page.status_code == 403
        assert "What you typed is kept in this page" in words(page)
        assert "Mara" not in page.content.decode()
        assert not mara().exists()
        page = opened_with(browser, page, password=people.PASSWORD)
        assert "One more press." in words(page)
        assert typed_of(fields_of(page)) == typed_of(form)
        assert sent_again(browser, page).url == reverse("dashboard:case", args=[mara().get().id])

    def test_of_the_office_too_but_never_a_password(self, cast):
        browser = Browser()
        browser.sign_in(cast.administrator)
        owner = page_owner(cast.administrator.user_id)
        token = fields_of(browser.client.get("/office/same-name/"))["csrfmiddlewaretoken"]
        frame = {"csrfmiddlewaretoken": token, "typed_by": owner}
        idle(browser)
        kept = browser.client.post("/office/same-name/", frame | {"second_line": "birth_year"})
        assert "kept_form" in fields_of_first(kept)
        mail = browser.client.post("/office/mail/", frame | {"password": "a secret of the mail server"})
        assert mail.url.startswith(LOCK)

    def test_with_a_token_of_an_earlier_sign_in_it_is_not_shown_before_it_is_open(self, browser):
        """The check of tokens comes before the lock."""
        form = browser.typed() | {"csrfmiddlewaretoken": "a" * 64}
        idle(browser)
        page = browser.client.post(NEW_CASE, form)
        assert "Locked." in words(page)
        assert "Mara" not in page.content.decode()

    def test_somebody_else_who_signs_in_meanwhile_cannot_open_it(self, browser, cast):
        form = browser.typed()
        idle(browser)
        page = browser.client.post(NEW_CASE, form)
        browser.sign_in_anew(cast.colleague)
        page = opened_with(browser, page, password=people.PASSWORD)
        assert "Somebody else typed this." in words(page)
        assert "Mara" not in page.content.decode()

    def test_a_button_without_anything_typed_leads_back_to_its_page(self, browser):
        token = fields_of(browser.client.get(NEW_CASE))["csrfmiddlewaretoken"]
        idle(browser)
        back = browser.client.post(
            "/theme/", {"csrfmiddlewaretoken": token}, headers={"referer": "http://testserver/alerts/"}
        )
        assert unquote(back.url) == f"{LOCK}?next=/alerts/"


class TestPart:
    """What an open page asks for, and shows instead of what stood on it."""

    AS_PART = {"Goldseam-Part": "1"}

    def test_open_nothing_is_said_and_asking_is_no_click(self, browser):
        idle(browser, minutes=59)
        before = browser.client.session["last_active"]
        assert browser.client.get(LOCK, headers=self.AS_PART).status_code == 204
        assert browser.client.session["last_active"] == before

    def test_locked_it_gets_the_forms_alone(self, browser):
        idle(browser)
        panel = browser.client.get(LOCK, headers=self.AS_PART)
        assert panel.headers["Goldseam-Part"] == "1"
        assert "<html" not in panel.content.decode()
        done = browser.client.post(
            LOCK, fields_of_first(panel) | {"password": people.PASSWORD}, headers=self.AS_PART
        )
        assert done.status_code == 204
        assert settings.GOLDSEAM_POLL_COOKIE in done.cookies

    def test_a_page_made_for_somebody_else_is_not_opened_by_whoever_signed_in_since(self, browser, cast):
        browser.sign_in_anew(cast.colleague)
        asked = {"who": page_owner(cast.ines.user_id)}
        for ask in (browser.client.get, browser.client.post):
            reply = ask(f"{LOCK}?who={asked['who']}", headers=self.AS_PART)
            assert reply.status_code != 204


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    @pytest.fixture
    def context(self, chromium):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(30_000)
        yield context
        context.close()

    def sign_in(self, context, live_server, staff):
        tab = context.new_page()
        tab.goto(live_server.url + reverse("account_login"))
        tab.fill("[name=login]", staff.user.email)
        tab.fill("[name=password]", people.PASSWORD)
        tab.click("form button")
        tab.wait_for_selector("nav[aria-label=Main]")
        return tab

    def idle(self, context):
        for cookie in context.cookies():
            if cookie["name"] == settings.SESSION_COOKIE_NAME:
                session = SessionStore(cookie["value"])
                session["last_active"] = time.time() - 61 * 60
                session.save()
        # Until when it lasts stands in the cookie of open pages too, from the last click on.
        context.clear_cookies(name=settings.GOLDSEAM_POLL_COOKIE)

    def test_a_page_that_is_typed_into_is_put_away_and_comes_back_as_it_was(self, context, live_server, cast):
        page = self.sign_in(context, live_server, cast.ines)
        page.goto(live_server.url + NEW_CASE)
        page.fill("[name=member-0-called]", "Mara")
        self.idle(context)
        page.wait_for_selector("text=Locked.")
        assert "New case" not in page.content()
        assert page.title() == "Locked · Goldseam"
        assert_clean(page)
        page.fill("[name=password]", "not the one")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=That is not your password.")
        page.fill("[name=password]", people.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("[name=member-0-called]")
        assert page.input_value("[name=member-0-called]") == "Mara"

    def test_a_page_that_was_only_read_is_gone_also_by_going_back(self, context, live_server, cast):
        page = self.sign_in(context, live_server, cast.ines)
        page.goto(live_server.url + reverse("dashboard:case", args=[cast.couple.id]))
        page.goto(live_server.url + "/")
        self.idle(context)
        page.wait_for_url("**/account/locked/**")
        page.go_back()
        page.wait_for_selector("text=Locked.")
        assert "Brandt" not in page.content()
        page.fill("[name=password]", people.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('Brandt')")

    def test_a_page_of_the_office_is_locked_when_it_is_seen_again(self, context, live_server, cast):
        page = self.sign_in(context, live_server, cast.administrator)
        page.goto(live_server.url + "/office/same-name/")
        self.idle(context)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("text=Locked.")
        page.fill("[name=password]", people.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("h1")
        page.wait_for_selector("text=Locked.", state="detached")

    def test_what_one_typed_is_gone_for_whoever_signs_in_instead(self, context, live_server, cast):
        page = self.sign_in(context, live_server, cast.ines)
        page.goto(live_server.url + NEW_CASE)
        page.fill("[name=member-0-called]", "Mara")
        self.idle(context)
        page.wait_for_selector("text=Locked.")
        context.clear_cookies()
        self.sign_in(context, live_server, cast.colleague)
        page.fill("[name=password]", people.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Somebody else typed this.")
        assert "Mara" not in page.content()
