"""Looking back in a real browser, on a phone and on a desk, with axe: each alone, then the page of all of them."""

import pytest
from playwright.sync_api import expect

from tests.browser_pages import assert_clean, follow
from tests.web import people
from tests.web.at_the_end import WORDS, announced, does, link, mended, offered, tapped
from tests.web.kept_rows import kept

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
@kept
def scene(cast, now):
    return mended(cast, now)


def clean_on_both(page):
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 780})
        assert_clean(page)


def button(page, name):
    return page.get_by_role("button", name=name)


def test_offered_asked_for_changed_and_opened_by_all(chromium, live_server, scene, now):
    lea, tomas = (people.member(scene.couple, name) for name in WORDS)
    announced(scene.couple, now)
    hers, his = offered(lea, now), offered(tomas, now)
    tapped(lea, now)
    does(his, WORDS["Tomas"], "yes")
    phone = chromium.new_context(color_scheme="dark")
    page = phone.new_page()

    page.goto(f"{live_server.url}{link(hers)}")
    clean_on_both(page)
    follow(button(page, "Look at it"))
    page.get_by_label("Your word").fill(WORDS["Lea"])
    follow(button(page, "Show what is mine"))
    expect(page.get_by_role("heading", name="What was mended")).to_be_visible()
    clean_on_both(page)

    page.get_by_label("we understand each other better").check()
    page.get_by_label("Something is left for later").check()
    follow(button(page, "Keep these words"))
    told = page.get_by_role("region", name="What was mended")
    expect(told).to_contain_text("we understand each other better")
    expect(told).to_contain_text("Something is left for later")

    follow(button(page, "Yes, with my words as they are now"))
    follow(button(page, "Open the page of all of you"))
    expect(page.get_by_role("region", name="Lea")).to_contain_text("we understand each other better")
    expect(page.get_by_role("region", name="Tomas")).to_contain_text("mended by")
    clean_on_both(page)
    page.emulate_media(media="print")
    expect(button(page, "Leave quickly")).to_have_count(0)
    expect(page.get_by_text("Each of you chose these words")).to_be_hidden()
    page.emulate_media(media="screen")

    follow(page.get_by_role("link", name="Back"))
    expect(page.get_by_role("heading", name="Would you like to look back?")).to_be_visible()
    phone.close()
