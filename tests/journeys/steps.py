"""What people do on the pages, so that a journey reads as a story."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from playwright.sync_api import Page, expect

from goldseam_web.accounts.models import Staff
from tests.journeys.servers import Served
from tests.web.staff_pages import signed_in

ABOUT_THE_THERAPIST = 4  # the first four questions; the others are about each other and stay as usual


def sign_in(page: Page, clinic: Served, who: str) -> None:
    email, password = clinic.password(who)
    page.goto(f"{clinic.address}/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def start(page: Page, clinic: Served, called: str) -> None:
    page.goto(clinic.link(called))
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")


def answer(page: Page, level: int) -> None:
    """Answer the rest of the questions: those about the therapist at the level, the others with 8, no tension."""
    number = int(page.url.rstrip("/").rsplit("/", 1)[1])
    while "/done/" not in page.url:
        choose(page, level if number <= ABOUT_THE_THERAPIST else 8)
        next_page(page)
        number += 1


def choose(page: Page, level: int) -> None:
    if page.locator(".scale-grid").count():
        page.get_by_role("radio", name=str(level), exact=True).check(force=True)
    else:
        page.get_by_role("radio", name="No", exact=True).check()


def next_page(page: Page) -> None:
    before = page.url
    page.get_by_role("button", name="Next").click()
    page.wait_for_url(lambda url: url != before)


def keep_open(page: Page) -> None:
    """Leave a mark in the page that a reload would wipe out."""
    page.evaluate("window.leftOpen = true")


def was_left_open(page: Page) -> bool:
    return bool(page.evaluate("window.leftOpen === true"))


def fill_in(page: Page, address: str, given: Mapping[str, Any]) -> None:
    """From the first page to the thanks, as the form asks."""
    page.goto(address)
    page.get_by_role("button", name="Yes, start").click()
    page.wait_for_url("**/1/")
    while "/done/" not in page.url:
        before = page.url
        if "/who/" in before:
            page.locator('input[name="audience"][value="therapist"]').check(force=True)
        else:
            item = page.locator('input[name="item"]').input_value()
            page.locator(f'input[name="answer"][value="{given[item]}"]').check(force=True)
        page.get_by_role("button", name="Next").click()
        page.wait_for_url(lambda url, before=before: url != before)


def sees(page: Page, address: str, *sentences: str) -> None:
    page.goto(address)
    for sentence in sentences:
        expect(page.locator("main")).to_contain_text(sentence)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def at_the_desk(page: Page, address: str, who: Staff) -> None:
    """A sign-in of this moment, on a clock of the test's own."""
    cookie = signed_in(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
