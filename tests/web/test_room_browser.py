"""An open screen when a session begins: it changes by itself, and what is being typed is put out of sight."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from goldseam_web.accounts.models import Staff
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON_MS = 15_000


@pytest.fixture
def screen(chromium, live_server, cast):
    """Ines's laptop."""
    context = chromium.new_context()
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def begins(cast):
    """The couple comes in: booked yesterday, begun now."""
    at = timezone.now()
    people.plan(cast.couple, cast.ines, at, at=at - timedelta(days=1))


def test_the_caseload_closes_and_opens_again_by_one_tap(screen, live_server, cast):
    screen.goto(live_server.url)
    expect(screen.get_by_role("link", name="Ruth Osei")).to_be_visible()
    begins(cast)
    expect(screen.get_by_role("heading", level=1)).to_contain_text("In session until", timeout=SOON_MS)
    expect(screen.get_by_text("Ruth Osei")).to_have_count(0)
    screen.get_by_role("button", name="I am alone now").click()
    expect(screen.get_by_role("link", name="Ruth Osei")).to_be_visible()


def test_what_is_being_typed_stays_on_the_page_out_of_sight(screen, live_server, cast):
    screen.goto(f"{live_server.url}/cases/new/")
    screen.get_by_label("First name").first.fill("Mara")
    begins(cast)
    expect(screen.get_by_text("A session has begun.")).to_be_visible(timeout=SOON_MS)
    expect(screen.get_by_label("First name").first).to_be_hidden()
    screen.get_by_role("button", name="I am alone now").click()
    expect(screen.get_by_label("First name").first).to_be_visible()
    expect(screen.get_by_label("First name").first).to_have_value("Mara")
    assert Staff.objects.get(pk=cast.ines.pk).alone_since is not None
