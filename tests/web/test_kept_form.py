"""A typed form outlives the sign-in it was typed under: sealed in a page, for its writer to send; stored nowhere.

What becomes of one that is typed when the sign-in is locked stands in test_idle_lock.py.
"""

import re
import time
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.sessions import SessionStore
from goldseam_web.lib.page_owner import page_owner
from tests.web import people
from tests.web.staff_pages import words
from tests.web.test_dashboard_forms import COUPLE

pytestmark = pytest.mark.django_db
NEW_CASE = "/cases/new/"


class Browser:
    """A browser with its cookies, which says where a form comes from and sends the token of the page it shows."""

    def __init__(self, site="same-origin"):
        self.client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": site})

    def sign_in(self, staff):
        fields = fields_of(self.client.get(reverse("account_login")))
        fields |= {"login": staff.user.email, "password": people.PASSWORD}
        assert self.client.post(reverse("account_login"), fields).status_code == 302

    def typed(self):
        """The form for a new case, filled in."""
        return {**fields_of(self.client.get(NEW_CASE, {"kind": "couple"})), **COUPLE}

    def sign_in_anew(self, staff):
        self.client.post(reverse("account_logout"), fields_of(self.client.get(reverse("account_logout"))))
        self.sign_in(staff)

    def outlast(self):
        """Twelve hours are over."""
        session = self.client.session
        session["signed_in"] = time.time() - 12.1 * 3600
        session.save()

    def send_what_was_kept(self, page):
        """Press the one button of the page that keeps it sealed."""
        return self.client.post(reverse("give_back"), fields_of(page))


def fields_of(page):
    """The hidden fields of the page's last form."""
    html = page.content.decode()
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    found += re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', html, re.DOTALL)
    return {name: unescape(value) for name, value in found}


def mara():
    return people.cases_of("Mara")


@pytest.fixture
def browser(cast):
    found = Browser()
    found.sign_in(cast.ines)
    return found


FRAME = {"csrfmiddlewaretoken", "typed_by"}


def typed_of(fields):
    """What somebody typed, without what the frame of the form says."""
    return {name: value for name, value in fields.items() if name not in FRAME}


def sent_again(browser, page):
    return browser.client.post(NEW_CASE, fields_of(page))


def test_signed_out_it_is_kept_sealed_and_sent_after_signing_in(browser, cast):
    form = browser.typed()
    browser.outlast()
    page = browser.client.post(NEW_CASE, form)
    assert page.status_code == 403
    assert "You were signed out." in words(page)
    assert "Mara" not in page.content.decode()
    assert set(fields_of(page)) == {"kept_form"}
    assert not mara().exists()

    browser.sign_in(cast.ines)  # in a second tab
    page = browser.send_what_was_kept(page)
    assert "You are signed in as ines.okafor@larkfield.example" in words(page)
    assert typed_of(fields_of(page)) == typed_of(form)
    assert not mara().exists()
    assert sent_again(browser, page).url == reverse("dashboard:case", args=[mara().get().id])


def test_pressed_before_signing_in_it_stays_kept(browser, cast):
    form = browser.typed()
    browser.outlast()
    page = browser.send_what_was_kept(browser.client.post(NEW_CASE, form))
    assert "You were signed out." in words(page)
    browser.sign_in(cast.ines)
    assert typed_of(fields_of(browser.send_what_was_kept(page))) == typed_of(form)


def test_nothing_of_it_is_stored(browser):
    browser.outlast()
    browser.client.post(NEW_CASE, browser.typed())
    assert "Mara" not in str([SessionStore().decode(row.session_data) for row in Session.objects.all()])


def test_a_new_sign_in_in_another_tab_loses_nothing(browser, cast):
    form = browser.typed()
    browser.sign_in_anew(cast.ines)
    page = browser.client.post(NEW_CASE, form)
    assert page.status_code == 403
    assert "One more press." in words(page)
    assert sent_again(browser, page).status_code == 302
    assert mara().exists()


def test_a_session_that_ended_elsewhere_loses_nothing(browser):
    form = browser.typed()
    Session.objects.all().delete()
    assert "You were signed out." in words(browser.client.post(NEW_CASE, form))


def test_whoever_signs_in_instead_can_neither_read_nor_send_it(browser, cast):
    form = browser.typed()
    browser.outlast()
    page = browser.client.post(NEW_CASE, form)
    browser.sign_in(cast.colleague)
    page = browser.send_what_was_kept(page)
    assert "Somebody else typed this." in words(page)
    assert "Mara" not in page.content.decode()
    assert not mara().exists()
    browser.sign_in_anew(cast.ines)  # it is still there for its writer
    assert typed_of(fields_of(browser.send_what_was_kept(page))) == typed_of(form)


def test_a_page_of_the_one_before_sends_nothing_as_whoever_signed_in_since(browser, cast):
    """Its form is still open in another tab."""
    form = browser.typed()
    browser.sign_in_anew(cast.colleague)
    page = browser.client.post(NEW_CASE, form)
    assert "Somebody else typed this." in words(page)
    assert "Mara" not in page.content.decode()


@pytest.mark.parametrize("sealed", ["", "anything", "gAAAAABm"])
def test_what_was_not_sealed_here_is_nothing(browser, sealed):
    assert browser.client.post(reverse("give_back"), {"kept_form": sealed}).url == "/"


def test_several_lines_and_several_ticks_come_back_as_they_were(browser, cast, now):
    encounter = people.meet(cast.couple, cast.ines, now)
    url = reverse("dashboard:end_encounter", args=[encounter.id])
    away = [str(m.id) for m in cast.couple.members.all()]
    form = {**browser.typed(), "away": away, "note": '\nfirst <b> "line"\r\n\r\nsecond'}
    browser.outlast()
    page = browser.client.post(url, form)
    browser.sign_in(cast.ines)
    html = browser.send_what_was_kept(page).content.decode()
    assert all(f'<textarea name="away" hidden>\n{member}</textarea>' in html for member in away)
    assert "\n\nfirst &lt;b&gt; &quot;line&quot;\r\n\r\nsecond</textarea>" in html


def test_what_another_site_sends_is_not_offered(cast):
    """It would have a stranger's words sent by whoever presses the button."""
    browser = Browser(site="cross-site")
    browser.client.force_login(cast.ines.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.client.post(NEW_CASE, COUPLE | {"typed_by": page_owner(cast.ines.user_id)})
    assert page.status_code == 403
    assert "Mara" not in page.content.decode()
    bare = Client(enforce_csrf_checks=True).post(NEW_CASE, COUPLE)
    assert "Mara" not in bare.content.decode()


def test_a_password_is_never_given_back(cast):
    page = Browser().client.post(
        reverse("account_login"), {"login": "a@example.org", "password": "secret words"}
    )
    assert page.status_code == 403
    assert "secret words" not in page.content.decode()


def test_a_form_that_a_page_gave_away_by_itself_is_never_carried_out(browser):
    page = browser.client.post(NEW_CASE, browser.typed() | {"given_away": ""})
    assert page.status_code == 403
    assert not mara().exists()
    assert sent_again(browser, page).status_code == 302
    assert mara().exists()


@pytest.mark.parametrize("typed", [{"q": "Lea"}, {}])
def test_nor_is_one_of_which_nothing_is_kept(browser, cast, typed):
    """The mark is anybody's to send: with it, and no word of where it comes from, no clock was looked at."""
    token = {"csrfmiddlewaretoken": browser.typed()["csrfmiddlewaretoken"]}
    asked = token | typed | {"given_away": ""}
    bare = Client(enforce_csrf_checks=True)
    bare.cookies = browser.client.cookies
    assert bare.post("/", asked).url == "/"
    browser.outlast()
    assert bare.post("/", asked).url == reverse("account_login")
    assert bare.get("/").status_code == 302, "the sign-in has ended"


def test_a_page_without_anything_typed_leads_to_signing_in(browser):
    browser.outlast()
    assert browser.client.get(NEW_CASE).url == reverse("account_login")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_typed_into_when_the_sign_in_ends_keeps_it(chromium, live_server, cast):
    """The page asks by itself every few seconds, and would load anew."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)

    def sign_in():
        tab = context.new_page()
        tab.goto(live_server.url + reverse("account_login"))
        tab.fill("[name=login]", cast.ines.user.email)
        tab.fill("[name=password]", people.PASSWORD)
        tab.click("form button")
        tab.wait_for_url(live_server.url + "/")
        tab.close()

    sign_in()
    page = context.new_page()
    page.goto(live_server.url + NEW_CASE)
    page.fill("[name=member-0-called]", "Mara")
    Session.objects.all().delete()
    page.wait_for_selector("text=You were signed out.")
    assert "Mara" not in page.content()
    sign_in()
    page.click("text=I am signed in: send it")
    page.click("text=Send it now")
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    assert mara().exists()
    context.close()
