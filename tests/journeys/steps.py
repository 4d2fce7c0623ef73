"""What people do on the pages, so that a journey reads as a story."""

from playwright.sync_api import Page, expect

from tests.journeys.servers import Served

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
