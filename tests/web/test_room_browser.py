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
SEEN = (
    "Object.defineProperty(document, 'hidden', {{get: () => {hidden}, configurable: true}});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)


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


def came(asked, number, screen):
    """Whether so many questions were asked and no more: what the browser tells of them comes a little later."""
    for _ in range(100):
        if len(asked) >= number:
            break
        screen.wait_for_timeout(50)
    screen.wait_for_timeout(300)
    return len(asked) == number


def test_a_page_asks_every_five_seconds_while_it_is_seen_and_every_minute_while_it_is_not(
    screen, live_server, cast
):
    """On a clock that is moved by hand; the page is told that it is hidden as a browser tells it."""
    asked = []
    screen.on("request", lambda request: asked.append(request.url) if "/pulse/" in request.url else None)
    screen.clock.install(time=0)
    screen.clock.pause_at(1_000)  # on a busy machine the seconds between would count
    screen.goto(live_server.url)
    expect(screen.get_by_role("link", name="Ruth Osei")).to_be_visible()
    screen.clock.run_for(5_500)
    assert came(asked, 1, screen)
    screen.evaluate(SEEN.format(hidden="true"))
    screen.clock.run_for(59_000)
    assert came(asked, 1, screen)
    screen.clock.run_for(2_000)
    assert came(asked, 2, screen)
    screen.clock.run_for(30_000)
    screen.evaluate(SEEN.format(hidden="false"))
    expect(screen.get_by_role("link", name="Ruth Osei")).to_be_visible()
    assert came(asked, 3, screen)


def test_a_page_that_is_seen_again_shows_nothing_before_it_was_answered(screen, live_server, cast):
    """A session has begun while another page was looked at."""
    screen.clock.install()
    screen.goto(live_server.url)
    expect(screen.get_by_role("link", name="Ruth Osei")).to_be_visible()
    screen.evaluate(SEEN.format(hidden="true"))
    screen.clock.run_for(30_000)
    screen.route("**/pulse/**", lambda _route: None)  # the answer does not come
    screen.evaluate(SEEN.format(hidden="false"))
    expect(screen.get_by_text("Ruth Osei")).to_be_hidden()
