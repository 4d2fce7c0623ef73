"""Fitting what is expected of progress, and reading it of a case: phone and desk, in a real browser with axe."""

from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import expect

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.services.kept_tracks import set_telling
from goldseam_web.alerts.services.off_track import follow_courses
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.audit.services import SYSTEM
from tests.browser_pages import assert_clean, follow
from tests.web import histories, people
from tests.web.finished_cases import finish_courses
from tests.web.staff_pages import confirmed, signed_in
from tests.web.test_tracks import guesses, made_courses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("seen", [(360, "dark"), (1280, "light")])
def test_looked_at_used_and_read(chromium, live_server, cast, now, seen):
    width, scheme = seen
    made = [{"wellbeing": row} for row in made_courses(205, sessions=8)]
    finish_courses(cast.ines, made[:100], now)
    finish_courses(cast.colleague, made[100:], now)
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    for k, encounter in enumerate(histories.sessions(cast.couple, cast.ines, 7, now)):
        for who, level in ((lea, (6, 6, 7, 6, 7, 2, 0)[k]), (tomas, 5 + k // 2)):
            people.answer(
                people.asked(encounter, who, Phase.PRE), encounter.starts_at - timedelta(hours=1), level
            )
    guesses().update(state="unanswered")
    context = chromium.new_context(viewport={"width": width, "height": 780}, color_scheme=scheme)
    page = context.new_page()

    for_office = confirmed(signed_in(cast.administrator)).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": for_office.key, "value": for_office.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/office/progress/")
    assert_clean(page)
    follow(page.get_by_role("link", name="Look at what they would say"))
    page.get_by_text("Does the band hold for every start?").click()
    assert_clean(page)
    follow(page.get_by_role("button", name="Use them"))
    expect(page.get_by_role("heading", name="In use: fitted on")).to_be_visible()
    assert_clean(page)
    follow(page.get_by_role("link", name="Look at what it would have told"))
    expect(page.get_by_role("heading", name="What it would have told")).to_be_visible()
    assert_clean(page)

    stored = TracksVersion.objects.get(in_use=True)
    set_telling(stored=stored, tells=True, at=now, actor=SYSTEM)
    follow_courses(at=now)
    for_case = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": for_case.key, "value": for_case.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/")
    assert_clean(page)
    follow(page.get_by_role("link", name="Look at the course").first)
    told = page.locator("section[aria-labelledby^=off-track]")
    told.get_by_text("What might help").click()
    expect(told.get_by_text("Bring it to supervision")).to_be_visible()
    assert_clean(page)
    follow(told.get_by_role("button", name="I have looked at it"))
    expect(told.get_by_text("Looked at by")).to_be_visible()
    expect(page.get_by_text("Lea, well-being: not on track.")).to_be_visible()
    expect(page.get_by_text("Tomas, well-being: on track.")).to_be_visible()
    progress = page.locator("section[aria-labelledby=progress]")
    progress.get_by_text("The same as tables").click()
    expect(progress.get_by_role("cell", name="not on track").first).to_be_visible()
    assert_clean(page)
    context.close()
