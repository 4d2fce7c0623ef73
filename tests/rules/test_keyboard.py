"""Every page by keyboard alone, and as axe has it: on a phone, a tablet and a desk, light and dark.

Each page of the table of addresses is opened by the first who may, in a real browser, and walked through with Tab: what
works by a click is reached, shows that it has the focus, and lets it go. What a click does to links, buttons, fields
and folded parts, Enter or Space do too: that is the browser's own, so that the page may hold no other kind of thing to
click. Then axe looks at it with everything unfolded, and nothing may scroll sideways; on one of six screens each, in
turn, or on all of them with ``EVERY_SCREEN=yes`` (three minutes more).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.measures.models import Occasion
from tests.rules.access_rule import CLIENT, STAFF
from tests.rules.access_scene import Scene, make_scene
from tests.rules.test_access_matrix import address
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A line for machines, what pages ask by themselves, and a file.
NO_PAGES = ("healthz", "pulse/", "cases/<uuid:case_id>/consent.csv")
SCREENS = [(width, scheme) for width in (360, 768, 1280) for scheme in ("light", "dark")]
# What has the focus by itself, and what is folded up until it is opened. Numbered in the order of the page.
FIND = """
() => {
  document.activeElement.blur();
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const native = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const shown = (one) => one.checkVisibility({checkVisibilityCSS: true}) && !one.closest("[hidden]");
  const looks = (one) => one && ["", "::before", "::after"].map((part) => {
    const style = getComputedStyle(one, part || null);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.top,
            style.borderTopColor, style.backgroundColor].join(" ");
  }).join("|");
  const around = (one) => [one, one.parentElement, one.parentElement?.parentElement, one.nextElementSibling,
    one.closest("label")].map(looks).join("#");
  const name = (one) =>
    (one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.name || "")
    .trim().replace(/\\s+/g, " ").slice(0, 40);
  // Hidden from everybody: the button that Enter in a field presses, put before the others of its form.
  const found = [...document.querySelectorAll(native)].filter((one) =>
    shown(one) && !one.disabled && one.getAttribute("aria-hidden") !== "true");
  const group = (one) => one.type === "radio" ? `radio ${one.form?.action} ${one.name}` : null;
  const before = new Map(found.map((one) => [one, around(one)]));
  const all = found.map((one, number) => ({
    number, group: group(one), what: `${one.tagName.toLowerCase()} ${name(one)}`,
    stops: ["date", "time"].includes(one.type) ? 4 : 1,  // a browser stops at day, month, year and the calendar
  }));
  // Only what a mouse is shown as something to press, and that neither is nor holds nor belongs to one of the above.
  const strange = [...document.querySelectorAll("body *")].filter((one) =>
    shown(one) && getComputedStyle(one).cursor === "pointer" && !one.closest(native) && !one.closest("label")
    && !one.querySelector(native)).map((one) => `${one.tagName.toLowerCase()} ${name(one)}`);
  window.walked = [];
  document.addEventListener("focusin", (event) => {
    const number = found.indexOf(event.target);
    if (number >= 0) window.walked.push({number, seen: around(event.target) !== before.get(event.target)});
  });
  return {all, strange};
}
"""


@dataclass(frozen=True)
class Walk:
    """What is wrong with one page for who has no mouse."""

    unreached: list[str]
    unseen: list[str]
    strange: list[str]
    trapped: bool

    @property
    def faults(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if value}


def walk(page: Page) -> Walk:
    found = page.evaluate(FIND)
    controls = found["all"]
    # Once around: past the last control the focus leaves the page and comes back to the first.
    for _ in range(sum(one["stops"] for one in controls) + 2):
        page.keyboard.press("Tab")
    steps = page.evaluate("() => window.walked")
    reached = {step["number"] for step in steps}
    groups = {one["group"] for one in controls if one["number"] in reached and one["group"]}
    named = {one["number"]: one["what"] for one in controls}
    missed = [one for one in controls if one["number"] not in reached and one["group"] not in groups]
    order = [step["number"] for step in steps]
    return Walk(
        unreached=[one["what"] for one in missed],
        unseen=sorted({named[step["number"]] for step in steps if not step["seen"]}),
        strange=found["strange"],
        trapped=bool(missed) and any(one == two for one, two in pairwise(order)),
    )


def faults_for_axe(page: Page, screens: list[tuple[int, str]]) -> dict[str, list[str]]:
    """What axe finds on each of the screens, and whether the page is wider than one of them."""
    found = {}
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        rules = Axe().run(page).response["violations"]
        wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in rules for node in rule["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append("scrolls sideways")
        if wrong:
            found[f"{width} {scheme}"] = wrong
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def screens_of(number: int) -> list[tuple[int, str]]:
    return SCREENS if os.environ.get("EVERY_SCREEN") == "yes" else [SCREENS[number % len(SCREENS)]]


def routes() -> Iterator[str]:
    for page in (*STAFF, *CLIENT):
        method, route = page.split(" ", 1)
        if method == "GET" and route not in NO_PAGES and not leads_out(route):
            yield route


def leads_out(route: str) -> bool:
    """The ways by which a client leaves for another site: nothing is fetched from there."""
    return route.startswith("c/") and route.endswith("/leave/")


def seats(scene: Scene, cast: people.Cast) -> dict[str, Client]:
    scene.supervise(cast.supervisor)
    return {
        "nobody": Client(),
        "therapist": signed_in(cast.ines),
        "supervisor": signed_in(cast.supervisor),
        "administrator": signed_in(cast.administrator),
    }


def sit_down(context: BrowserContext, client: Client, url: str) -> None:
    """The browser has the cookies of whoever sits there."""
    context.clear_cookies()
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if cookie is not None:
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


@pytest.fixture
def scene(cast: people.Cast, strained: AlertSignal, lea: Occasion) -> Scene:
    return make_scene(cast, strained, lea)


def test_every_page_can_be_used_without_a_mouse_and_axe_finds_nothing_on_it(
    chromium: Browser, live_server, cast: people.Cast, scene: Scene
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    open_to, faults, walked = list(routes()), {}, set()
    for seat, client in seats(scene, cast).items():
        sit_down(context, client, live_server.url)
        for route in [one for one in open_to if one not in walked]:
            answer = page.goto(live_server.url + address(route, scene.parts))
            led_away = page.url.removeprefix(live_server.url) != address(route, scene.parts)
            if answer is None or answer.status != 200 or led_away:
                continue
            walked.add(route)
            wrong = walk(page).faults | faults_for_axe(page, screens_of(len(walked)))
            if wrong:
                faults[f"{route} ({seat})"] = wrong
    context.close()
    assert len(walked) >= 60, sorted(set(open_to) - walked)
    assert faults == {}


def test_the_menu_of_the_name_opens_and_closes_by_keys_alone(
    chromium: Browser, live_server, cast: people.Cast
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    sit_down(context, signed_in(cast.ines), live_server.url)
    page = context.new_page()
    page.goto(live_server.url)
    menu = page.locator("summary.me")
    menu.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert menu.evaluate("one => one === document.activeElement")
    context.close()


def test_the_first_tab_offers_to_go_past_the_head_of_the_page(
    chromium: Browser, live_server, cast: people.Cast
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    sit_down(context, signed_in(cast.ines), live_server.url)
    page = context.new_page()
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.getElementById('main').contains(document.activeElement)")
    context.close()
