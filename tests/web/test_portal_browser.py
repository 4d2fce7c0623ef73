"""The client's pages in a real browser, at phone width: what only a browser can show."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from goldseam_web.measures.models import Answer, Response, ResponseState
from goldseam_web.measures.services import save_answer
from tests.web import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 780}


@pytest.fixture
def occasion(now):
    ines = people.ines_okafor(people.larkfield(now), now)
    case = people.couple(ines, now)
    return people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Lea"))


@pytest.fixture
def visit(chromium, live_server):
    """Open a link in a browser of its own; nothing outside this machine is reached."""
    contexts = []

    def open_link(occasion, **options):
        context = chromium.new_context(viewport=PHONE, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
        page.goto(live_server.url + people.link(occasion))
        return page

    yield open_link
    for context in contexts:
        context.close()


def answer_all(page):
    """Press what a thumb would press until the last page."""
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")
    while "/done/" not in page.url:
        if page.locator(".scale-grid").count():
            page.get_by_role("radio", name="6", exact=True).check(force=True)
        elif "/who/" not in page.url:
            page.get_by_role("radio", name="A little").or_(page.get_by_role("radio", name="Partly")).check()
        before = page.url
        page.get_by_role("button", name="Next").click()
        page.wait_for_url(lambda url, before=before: url != before)


def test_no_page_scrolls_sideways_at_320_pixels(visit, occasion, now):
    """What 400% zoom leaves of a screen 1280 wide (WCAG 1.4.10)."""
    page = visit(occasion)
    page.set_viewport_size({"width": 320, "height": 640})
    base = page.url
    save_answer(occasion=occasion, item="tension", given="little", at=now)
    for path in ("", "later/", "help/", "1/", "9/", "who/"):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def assert_clean(page):
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_visit_works_with_and_without_script(visit, occasion, script):
    page = visit(occasion, java_script_enabled=script)
    answer_all(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Lea. That’s everything.")
    assert Response.objects.get().state == ResponseState.COMPLETED
    assert Answer.objects.count() == 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(visit, occasion, now, scheme):
    page = visit(occasion, color_scheme=scheme)
    base = page.url
    assert_clean(page)
    for path in ("later/", "help/", "1/", "9/"):
        page.goto(base + path)
        assert_clean(page)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#error")).to_have_text("Choose an answer, or skip.")
    assert_clean(page)
    save_answer(occasion=occasion, item="tension", given="clearly", at=now)
    for path in ("who/", "10/", "nonsense/", "9/"):
        page.goto(base + path)
        assert_clean(page)
    people.answer(occasion, now)
    for path in ("done/", ""):
        page.goto(base + path)
        assert_clean(page)


def test_an_answer_given_without_a_connection_waits_on_the_phone_and_is_sent(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")
    page.context.set_offline(True)
    page.get_by_role("radio", name="3", exact=True).check(force=True)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("[data-kept]")).to_be_visible()
    assert not Answer.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0
    assert page.evaluate("sessionStorage.length") == 0


def test_leaving_quickly_keeps_every_earlier_page_away_from_the_back_button(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)
    page.go_back()
    page.wait_for_url(occasion.clinic.exit_url)


def test_keys_alone_are_enough(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").press("Enter")
    page.wait_for_url("**/1/")
    page.get_by_role("radio", name="0", exact=True).press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 1.0


def test_the_browsers_own_back_button_shows_the_answer_again(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio", name="4", exact=True).check(force=True)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/2/")
    page.go_back()
    page.wait_for_url("**/1/")
    expect(page.get_by_role("radio", name="4", exact=True)).to_be_checked()
    assert Client().get(people.link(occasion)).status_code == 200
