"""The question by lot in a real browser with axe: asked, answered, put right, and what the answers say together."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from goldseam_web.alerts.lot_tables import SessionLot
from tests.browser_pages import assert_clean, follow
from tests.web import histories, people
from tests.web.staff_pages import signed_in
from tests.web.test_session_lots import with_answers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def window(chromium, width, scheme):
    return chromium.new_context(viewport={"width": width, "height": 780}, color_scheme=scheme)


@pytest.mark.parametrize("look", [(360, "dark"), (1280, "light")])
def test_one_tap_answers_and_another_puts_it_right(chromium, live_server, cast, now, look):
    ruth = people.member(cast.individual, "Ruth")
    histories.history(cast.individual, cast.ines, ruth, [8.0] * 5, now)
    last = cast.individual.encounters.latest("starts_at")
    last.occasions.filter(respondent=None).update(state="answered")
    lot = people.asked_by_lot(last, now)
    desk = window(chromium, *look)
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = desk.new_page()

    page.goto(f"{live_server.url}/own-figures/")
    assert_clean(page)
    follow(page.get_by_role("link", name="Ruth Osei"))
    card = page.get_by_role("region", name="A question by lot")
    expect(card.get_by_text("Session 5 was picked by lot")).to_be_visible()
    assert_clean(page)
    follow(card.get_by_role("button", name="I cannot say"))
    follow(card.get_by_role("button", name="There was none"))
    expect(card.get_by_role("button", name="There was none")).to_have_attribute("aria-pressed", "true")
    expect(card.get_by_text("You can change it until")).to_be_visible()
    assert_clean(page)
    lot.refresh_from_db()
    assert lot.answer == "no"
    desk.close()


@pytest.mark.parametrize("look", [(360, "light"), (1280, "dark")])
def test_figures_of_one_and_of_all(chromium, live_server, cast, now, look):
    for therapist in (cast.ines, cast.colleague):
        for number in range(13):
            with_answers(cast, therapist, now, strained=number < 5, agrees=True)
    SessionLot.objects.filter(answer="", outcome="not_asked", case__encounters__lot__answer="yes").update(
        outcome="asked", answer="no", answered_at=now
    )
    desk = window(chromium, *look)
    page = desk.new_page()
    for staff, address in ((cast.ines, "/own-figures/"), (cast.administrator, "/office/rules/")):
        cookie = signed_in(staff).cookies[settings.SESSION_COOKIE_NAME]
        desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page.goto(live_server.url + address)
        row = page.get_by_role("row", name="Sessions with a finding in which there was strain")
        expect(row).to_contain_text("50% (")
        assert_clean(page)
    desk.close()
