"""Released on a phone, looked at and shown on one screen, in a real browser with axe; and gone when it is left."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser_pages import assert_clean
from tests.web import people
from tests.web.staff_pages import signed_in
from tests.web.test_joint_view import WORDS, link_of, rated, says  # noqa: F401  the fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clean_on_both(page):
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 780})
        assert_clean(page)


def test_released_looked_at_shown_and_gone(chromium, live_server, rated):  # noqa: F811
    says(rated.couple, "Tomas", "yes")
    phone, desk = chromium.new_context(color_scheme="dark"), chromium.new_context(color_scheme="light")
    cookie = signed_in(rated.ines).cookies[settings.SESSION_COOKIE_NAME]
    desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    hers, of_all = phone.new_page(), desk.new_page()

    hers.goto(f"{live_server.url}{people.link(link_of(rated.couple, 'Lea'))}own/")
    hers.get_by_label("Your word").fill(WORDS["Lea"])
    hers.get_by_role("button", name="Show what is mine").click()
    hers.get_by_role("button", name="Yes, with everybody who comes").click()
    expect(hers.get_by_text("You have said yes, up to the session of")).to_be_visible()
    clean_on_both(hers)

    of_all.goto(f"{live_server.url}/cases/{rated.couple.pk}/")
    of_all.get_by_role("link", name="Joint view").click()
    of_all.get_by_role("button", name="Switch it on").click()
    expect(of_all.get_by_text("Only you see it now.")).to_be_visible()
    clean_on_both(of_all)
    of_all.get_by_role("button", name="Show it to all of them").click()
    expect(of_all.get_by_role("heading", name="Lea and Tomas, together")).to_be_visible()
    clean_on_both(of_all)

    of_all.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(of_all.get_by_role("heading", name="Each of you and Ines")).to_have_count(0)
    of_all.get_by_role("button", name="Close this view").click()
    expect(of_all.get_by_role("link", name="Joint view")).to_be_visible()
    of_all.go_back()
    expect(of_all.get_by_text("It is off.")).to_be_visible()
    assert "gave" not in of_all.locator("main").inner_text()
    phone.close()
    desk.close()
