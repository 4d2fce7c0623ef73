"""A word chosen at a desk and used on a phone, in a real browser with axe; and what going back shows then."""

import pytest
from django.conf import settings
from playwright.sync_api import Error, expect

from goldseam_web.measures.models import Occasion
from tests.browser_pages import assert_clean, follow
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("screen", [(360, "dark"), (1280, "light")])
def test_chosen_used_and_gone_when_somebody_goes_back(chromium, live_server, cast, now, screen):
    width, scheme = screen
    lea = people.member(cast.couple, "Lea")
    people.answer(people.asked(people.meet(cast.couple, cast.ines, now), lea), now, level=7)
    link = people.link(Occasion.objects.filter(respondent=lea).latest("opens_at"))
    options = {"viewport": {"width": width, "height": 780}, "color_scheme": scheme}
    desk, phone = chromium.new_context(**options), chromium.new_context(**options)
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    hers, his = desk.new_page(), phone.new_page()

    hers.goto(f"{live_server.url}/cases/{cast.couple.pk}/members/")
    follow(hers.get_by_role("link", name="A word for their own answers"))
    assert_clean(hers)
    hers.get_by_label("A word that Lea chooses").fill("copper kettle")
    hers.locator("form", has=hers.get_by_role("heading", name="Lea")).get_by_role(
        "button", name="Keep the word"
    ).click()
    expect(hers.get_by_text("The word of Lea is shown nowhere")).to_be_visible()
    assert_clean(hers)

    his.goto(f"{live_server.url}{link}privacy/")
    follow(his.get_by_role("link", name="Your own answers"))
    assert_clean(his)
    his.get_by_label("Your word").fill("Copper kettle")
    his.get_by_role("button", name="Show what is mine").click()
    expect(his.get_by_role("heading", name="You and Ines", exact=True)).to_be_visible()
    assert_clean(his)
    his.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert "You and Ines" not in his.locator("main").inner_text(), (
        "a page kept for a way back has nothing in it"
    )

    his.get_by_role("link", name="Back").click()
    his.wait_for_url(f"**{link}")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):  # The browser kept nothing of it.
        his.go_back()
    expect(his.get_by_text("You and Ines")).to_have_count(0)
    desk.close()
    phone.close()
