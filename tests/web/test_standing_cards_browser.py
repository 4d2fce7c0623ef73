"""A card on a phone and on a desk, in a real browser with axe: making it, using it, and after it was withdrawn."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.alerts.models import AlertSignal
from tests.browser_pages import assert_clean, follow
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_made_used_read_and_withdrawn(chromium, live_server, cast, width, scheme):
    Clinic.objects.update(contact_hours="Mon to Fri, 9:00 to 17:00", contact_phone="+1 312 555 0100")
    Staff.objects.filter(pk=cast.ines.pk).update(cover=cast.colleague)
    options = {"viewport": {"width": width, "height": 780}, "color_scheme": scheme}
    desk, phone = chromium.new_context(**options), chromium.new_context(**options)
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    desk.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    hers, his = desk.new_page(), phone.new_page()

    hers.goto(f"{live_server.url}/cases/{cast.couple.pk}/members/")
    follow(hers.get_by_role("link", name="A card for each of them"))
    assert_clean(hers)
    follow(hers.get_by_role("button", name="Make a card for Lea"))
    assert_clean(hers)
    link = "/c/card/" + hers.get_by_label("The same as a link").input_value().split("/c/card/")[1]

    his.goto(live_server.url + link)
    assert_clean(his)
    follow(his.get_by_role("link", name="What happens then?"))
    expect(his.get_by_role("heading", level=1)).to_have_text("What happens then")
    assert_clean(his)
    offered = his.locator("main").inner_text()
    follow(his.get_by_role("link", name="Back"))
    his.get_by_role("button", name="Send").click()
    expect(his.get_by_text("Choose one of these, or close the page.")).to_be_visible()
    assert_clean(his)
    his.get_by_label("I would like a word alone").check(force=True)
    his.get_by_role("button", name="Send").click()
    his.wait_for_url("**/then/")
    assert his.locator("main").inner_text() == offered, "the page that everybody is offered"
    follow(his.get_by_role("link", name="Back"))
    assert his.locator("input:checked").count() == 0, "nothing of what was chosen stays"

    hers.goto(f"{live_server.url}/signals/{AlertSignal.objects.get().pk}/")
    expect(hers.get_by_role("heading", level=1)).to_have_text("Lea asked by card for a word alone.")
    assert_clean(hers)
    hers.goto(f"{live_server.url}/cases/{cast.couple.pk}/cards/")
    hers.get_by_role("button", name="Withdraw the card").click()
    expect(hers.get_by_text("The card of Lea is withdrawn")).to_be_visible()
    his.reload()
    expect(his.get_by_role("heading", level=1)).to_have_text("Nothing is read here any more.")
    assert_clean(his)
    follow(his.get_by_role("link", name="Need help now?"))
    assert_clean(his)
    for context in (desk, phone):
        context.close()
