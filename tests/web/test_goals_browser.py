"""Goals that pull apart in a real browser with axe: the finding, the goal written down, and the mark set and ended."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from goldseam_web.alerts.models import AlertSignal
from tests.browser_pages import assert_clean, follow
from tests.web.staff_pages import signed_in
from tests.web.test_goals_apart import OPPOSED, answers, family

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("look", [(360, "dark"), (1280, "light")])
def test_it_is_read_and_the_goal_is_written_down(chromium, live_server, cast, now, look):
    width, scheme = look
    made = family(cast.ines, now)
    answers(made, cast.ines, now, OPPOSED)
    desk = chromium.new_context(viewport={"width": width, "height": 780}, color_scheme=scheme)
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = desk.new_page()
    finding = AlertSignal.objects.filter(case=made).order_by("member__position").last()
    page.goto(live_server.url + reverse("dashboard:signal", args=[finding.pk]))
    expect(page.locator("main")).to_contain_text("as each of them rates it")
    assert_clean(page)

    page.goto(live_server.url + reverse("dashboard:case", args=[made.pk]))
    card = page.get_by_role("region", name="What they come for", exact=True)
    expect(card).to_contain_text("No words have been agreed on yet.")
    card.get_by_text("Write down what all agreed on").click()
    card.get_by_label("In the words all agreed on").fill("Eat together once a week")
    follow(card.get_by_role("button", name="Keep these words"))
    expect(card).to_contain_text("Eat together once a week")
    card.get_by_text("Mark as hard to reconcile").click()
    follow(card.get_by_role("button", name="Mark it"))
    expect(card).to_contain_text("Marked as hard to reconcile")
    assert_clean(page)
    card.get_by_text("No longer hard to reconcile").click()
    follow(card.get_by_role("button", name="It is over"))
    expect(card).not_to_contain_text("Marked as hard to reconcile")
    desk.close()
