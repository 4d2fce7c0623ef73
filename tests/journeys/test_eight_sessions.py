"""A couple over eight sessions, in real browsers: a strain, what she wants done with it, the work on it, the way back,
and her own yes; weeks later, whether it is used at home; and that her husband's phone shows nothing of it.

The weeks pass on a clock of the test's own. What happens in the first four sessions is stored by the services, for
nothing is to be seen of it; from the fifth on Lea answers on her screen and Ines reads and taps on hers.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from goldseam_web.alerts.models import Episode
from goldseam_web.cases.models import Member
from tests.journeys.steps import at_the_desk, fill_in, sees
from tests.journeys.weeks import FIRST, Weeks
from tests.web import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# About being with each other, and of others: as usual, whatever is between her and Ines.
AS_USUAL = {"other_bond": 8, "group_bond": 9, "within_goal": 8, "within_safety": 9, "tension": "no"}
NOTHING_YET = {"home_settled": "nothing"}
GOOD, LOW, HALF_WAY = (
    {**AS_USUAL, "goal": a, "task": b, "bond": c, "safety": d}
    for a, b, c, d in ((8, 9, 8, 8), (2, 3, 2, 2), (5, 6, 5, 5))
)


@pytest.fixture
def weeks(monkeypatch: pytest.MonkeyPatch, live_server: Any) -> Weeks:  # served before the clock moves
    ines = people.ines_okafor(people.larkfield(FIRST), FIRST)
    case = people.couple(ines, FIRST)
    found = Weeks(case, ines)
    monkeypatch.setattr(timezone, "now", lambda: found.now)
    return found


@pytest.mark.parametrize("width", [360, 1280], ids=["phone", "desktop"])
def test_strain_choice_work_return_and_her_own_yes(
    weeks: Weeks, screen: Callable[[int], Page], live_server: Any, width: int
) -> None:
    hers, his, ines = screen(width), screen(width), screen(width)
    case = f"{live_server.url}/cases/{weeks.case.pk}/"
    lea, tomas = weeks.member("Lea"), weeks.member("Tomas")

    def link(who: Member) -> str:
        return f"{live_server.url}{weeks.link(who)}"

    def at_her_desk() -> None:
        at_the_desk(ines, live_server.url, weeks.ines)

    def without_guessing() -> None:
        ines.goto(f"{live_server.url}/encounters/{weeks.held[-1].pk}/guess/")
        ines.get_by_role("button", name="Show without guessing").click()
        ines.wait_for_url("**/cases/**")

    for _ in range(4):
        weeks.next_session()
        weeks.answers(lea, GOOD)
        weeks.answers(tomas, GOOD)
        weeks.judged()

    # The fifth: something goes wrong between Lea and Ines, and Lea says so.
    weeks.next_session()
    his.goto(link(tomas))
    before = his.content()
    fill_in(hers, link(lea), {**LOW, "tension": "clearly", "worked_out": "not_yet", **NOTHING_YET})
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
    weeks.answers(tomas, GOOD)
    fill_in(hers, link(lea), HALF_WAY)
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
    weeks.answers(tomas, GOOD)
    fill_in(hers, link(lea), GOOD)
    weeks.judged()
    at_her_desk()
    without_guessing()
    sees(ines, case, "Lea is back in range; the next rating shows whether it holds.")
    expect(ines.locator(".badge", has_text="Repaired")).to_have_count(0)

    # The eighth: it has held, and she says herself that it is all right between them.
    weeks.next_session()
    his.goto(link(tomas))
    before = his.content()
    fill_in(hers, link(lea), GOOD)
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
    weeks.answers(tomas, {"home_settled": "partly"})
    fill_in(hers, link(lea), {**GOOD, "home_settled": "yes"})
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
