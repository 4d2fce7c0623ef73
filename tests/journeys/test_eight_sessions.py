"""A couple over eight sessions, in real browsers: a strain, what she wants done with it, the work on it, the way back,
and her own yes; weeks later, whether it is used at home; and that her husband's phone shows nothing of it.

The weeks pass on a clock of the test's own. What happens in the first four sessions is stored by the services, for
nothing is to be seen of it; from the fifth on Lea answers on her screen and Ines reads and taps on hers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.models import Episode
from goldseam_web.cases.models import Case, Encounter, Member
from tests.web import people
from tests.web.histories import work_off
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WEEK, MINUTE = timedelta(weeks=1), timedelta(minutes=1)
FIRST = datetime(2026, 2, 4, 17, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Chicago
# About being with each other, and of others: as usual, whatever is between her and Ines.
AS_USUAL = {"other_bond": 8, "group_bond": 9, "within_goal": 8, "within_safety": 9, "tension": "no"}
NOTHING_YET = {"home_settled": "nothing"}
GOOD, LOW, HALF_WAY = (
    {**AS_USUAL, "goal": a, "task": b, "bond": c, "safety": d}
    for a, b, c, d in ((8, 9, 8, 8), (2, 3, 2, 2), (5, 6, 5, 5))
)


@dataclass
class Weeks:
    """The couple's case and the clock, which stands a few minutes after the latest session."""

    case: Case
    ines: Staff
    lea: Member
    tomas: Member
    now: datetime = FIRST
    held: list[Encounter] = field(default_factory=list)

    def next_session(self) -> None:
        ended = FIRST + len(self.held) * WEEK
        self.now = ended
        self.held.append(people.meet(self.case, self.ines, ended))
        self.now = ended + 5 * MINUTE

    def answers(self, who: Member, given: Mapping[str, Any]) -> None:
        people.answer(people.asked(self.held[-1], who), self.now, 8, dict(given))

    def judged(self) -> None:
        self.now += 5 * MINUTE
        work_off(self.now)


@pytest.fixture
def weeks(monkeypatch: pytest.MonkeyPatch, live_server: Any) -> Weeks:  # served before the clock moves
    ines = people.ines_okafor(people.larkfield(FIRST), FIRST)
    case = people.couple(ines, FIRST)
    found = Weeks(case, ines, people.member(case, "Lea"), people.member(case, "Tomas"))
    monkeypatch.setattr(timezone, "now", lambda: found.now)
    return found


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Callable[[int], Page]]:
    contexts: list[BrowserContext] = []

    def opened(width: int) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def fill_in(page: Page, address: str, given: Mapping[str, Any]) -> None:
    """From the first page to the thanks, as the form asks."""
    page.goto(address)
    page.get_by_role("button", name="Yes, start").click()
    page.wait_for_url("**/1/")
    while "/done/" not in page.url:
        before = page.url
        if "/who/" in before:
            page.locator('input[name="audience"][value="therapist"]').check(force=True)
        else:
            item = page.locator('input[name="item"]').input_value()
            page.locator(f'input[name="answer"][value="{given[item]}"]').check(force=True)
        page.get_by_role("button", name="Next").click()
        page.wait_for_url(lambda url, before=before: url != before)


def sees(page: Page, address: str, *sentences: str) -> None:
    page.goto(address)
    for sentence in sentences:
        expect(page.locator("main")).to_contain_text(sentence)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [360, 1280], ids=["phone", "desktop"])
def test_strain_choice_work_return_and_her_own_yes(
    weeks: Weeks, screen: Callable[[int], Page], live_server: Any, width: int
) -> None:
    hers, his, ines = screen(width), screen(width), screen(width)
    case = f"{live_server.url}/cases/{weeks.case.pk}/"

    def link(who: Member) -> str:
        return f"{live_server.url}{people.link(people.asked(weeks.held[-1], who))}"

    def at_her_desk() -> None:
        cookie = signed_in(weeks.ines).cookies[settings.SESSION_COOKIE_NAME]
        ines.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    def without_guessing() -> None:
        ines.goto(f"{live_server.url}/encounters/{weeks.held[-1].pk}/guess/")
        ines.get_by_role("button", name="Show without guessing").click()
        ines.wait_for_url("**/cases/**")

    for _ in range(4):
        weeks.next_session()
        weeks.answers(weeks.lea, GOOD)
        weeks.answers(weeks.tomas, GOOD)
        weeks.judged()

    # The fifth: something goes wrong between Lea and Ines, and Lea says so.
    weeks.next_session()
    his.goto(link(weeks.tomas))
    before = his.content()
    fill_in(hers, link(weeks.lea), {**LOW, "tension": "clearly", "worked_out": "not_yet", **NOTHING_YET})
    expect(hers.locator("h1")).to_have_text("Thank you, Lea. That’s everything.")
    hers.locator('input[name="audience"][value="therapist"]').check(force=True)
    hers.get_by_role("button", name="Keep what I chose").click()
    expect(hers.locator("main")).to_contain_text("What you chose is kept.")
    weeks.judged()
    his.reload()
    assert his.content() == before, "his phone shows nothing of it"

    at_her_desk()
    sees(ines, f"{live_server.url}/", "Lea", "Strain, confirmed")
    ines.goto(f"{live_server.url}/alerts/")
    ines.locator('main a[href*="/signals/"]').first.click()
    expect(ines.locator("main")).to_contain_text("Lea: “Raise it only with me”")
    ines.get_by_role("radio", name="Take it up with Lea alone").check()
    ines.get_by_role("button", name="Acknowledge").click()
    expect(ines.locator("main")).to_contain_text("You will take it up")

    # The sixth: it is talked about. Ines says so, and taps what she tried.
    weeks.next_session()
    weeks.answers(weeks.tomas, GOOD)
    fill_in(hers, link(weeks.lea), HALF_WAY)
    weeks.judged()
    at_her_desk()
    ines.reload()
    ines.get_by_role("radio", name="We talked about it").check()
    ines.get_by_role("button", name="Acknowledge").click()
    expect(ines.locator("main")).to_contain_text("You already talked about it")
    episode = f"{live_server.url}/episodes/{Episode.objects.get().pk}/"
    ines.goto(episode)
    tried = ines.locator('button[name="what"][value="listened"]').first
    tried.click()
    expect(ines.locator('button[name="what"][value="listened"]').first).to_have_attribute(
        "aria-pressed", "true"
    )

    # The seventh: her ratings are back. Nobody calls it repaired yet.
    weeks.next_session()
    weeks.answers(weeks.tomas, GOOD)
    fill_in(hers, link(weeks.lea), GOOD)
    weeks.judged()
    at_her_desk()
    without_guessing()
    sees(ines, case, "Lea is back in range; the next rating shows whether it holds.")
    expect(ines.locator(".badge", has_text="Repaired")).to_have_count(0)

    # The eighth: it has held, and she says herself that it is all right between them.
    weeks.next_session()
    his.goto(link(weeks.tomas))
    before = his.content()
    fill_in(hers, link(weeks.lea), GOOD)
    weeks.judged()
    at_her_desk()
    without_guessing()
    sees(ines, case, "Lea’s ratings are back; whether it is worked out, Lea has not said.")
    hers.locator('input[name="taken_up"][value="mended"]').check(force=True)
    hers.get_by_role("button", name="Keep what I chose").click()
    expect(hers.locator("main")).to_contain_text("What you chose is kept.")
    weeks.judged()
    sees(ines, case, "Lea is back near the earlier level, it has held, and Lea says it is worked out.")
    sees(ines, episode, "The client’s own word")
    his.reload()
    assert his.content() == before, "nor of this"
    assert Episode.objects.get().mended

    # The ninth, four weeks after the fifth: as then, both are asked whether they settled something at home as here.
    weeks.next_session()
    weeks.answers(weeks.tomas, {"home_settled": "partly"})
    fill_in(hers, link(weeks.lea), {**GOOD, "home_settled": "yes"})
    weeks.judged()
    at_her_desk()
    without_guessing()
    sees(
        ines,
        case,
        "Asked at session 9, Lea said that something was settled at home as in the meetings.",
        "Asked at session 9, Tomas said that something was settled at home in part as in the meetings.",
    )
    assert Episode.objects.get().mended
