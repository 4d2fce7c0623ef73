"""Asking to be called on a phone, and what the named person sees: in a real browser, with axe."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from goldseam_web.audit.services import SYSTEM
from goldseam_web.concerns.models import Concern
from goldseam_web.concerns.services import set_route
from tests.browser_pages import assert_clean, follow
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_client_asks_and_the_named_person_answers(chromium, live_server, cast, width, scheme):
    now = timezone.now()
    body = {
        "body_name": "Ombudsperson of the city",
        "body_telephone": "+1 312 555 0111",
        "body_hours": "Mondays",
    }
    set_route(clinic=cast.clinic, working_days=3, **body, at=now, actor=SYSTEM)
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    options = {"viewport": {"width": width, "height": 780}, "color_scheme": scheme}
    phone = chromium.new_context(**options)
    page = phone.new_page()
    page.goto(live_server.url + people.link(people.asked(encounter, people.member(cast.couple, "Lea"))))
    follow(page.get_by_role("link", name="Speak with somebody else here"))
    assert_clean(page)
    page.get_by_label("What shall Piet Admin call you?").fill("L.")
    page.get_by_label("By telephone").check()
    page.get_by_label("The number or address").fill("+1 312 555 0190")
    page.get_by_role("button", name="Ask to be reached").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What happens now")
    assert_clean(page)
    page.go_back()
    expect(page.get_by_label("The number or address")).to_have_value("")
    page.get_by_role("button", name="Ask to be reached").click()
    expect(page.get_by_text("Write what to call you.")).to_be_visible()
    assert_clean(page)
    phone.close()

    office = chromium.new_context(**options)
    cookie = signed_in(cast.administrator).cookies[settings.SESSION_COOKIE_NAME]
    office.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = office.new_page()
    for path in ("/office/somebody-else/", "/office/calls/"):
        page.goto(live_server.url + path)
        assert_clean(page)
    follow(page.get_by_role("link", name="Open"))
    expect(page.get_by_text("+1 312 555 0190")).to_be_visible()
    page.get_by_label("What was done").fill("Spoke with her.")
    page.get_by_role("button", name="I reached them").click()
    expect(page.get_by_role("button", name="Close it")).to_be_visible()
    assert_clean(page)
    assert Concern.objects.get().state == "answered"
    office.close()
