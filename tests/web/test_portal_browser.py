"""The client's pages in a real browser, at phone width: what only a browser can show."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import expect

from goldseam_web.measures.models import Answer, Response, ResponseState
from goldseam_web.measures.services import save_answer
from tests.browser_pages import assert_clean
from tests.web import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 780}


@pytest.fixture
def occasion(now):
    ines = people.ines_okafor(people.larkfield(now), now)
    case = people.couple(ines, now)
    return people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Lea"))


@pytest.fixture
def visit(chromium, live_server):
    """Open a link in a browser of its own; nothing outside this machine is reached."""
    contexts = []

    def open_link(occasion, script="", **options):
        context = chromium.new_context(viewport=PHONE, **options)
        context.set_default_timeout(15_000)
        if script:
            context.add_init_script(script)
        contexts.append(context)
        page = context.new_page()
        page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
        page.goto(live_server.url + people.link(occasion))
        return page

    yield open_link
    for context in contexts:
        context.close()


def answer_all(page):
    """Press what a thumb would press until the last page."""
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")
    while "/done/" not in page.url:
        if page.locator(".scale-grid").count():
            page.get_by_role("radio", name="6", exact=True).check(force=True)
        elif "/who/" not in page.url:
            page.get_by_role("radio", name="A little").or_(page.get_by_role("radio", name="Partly")).check()
        before = page.url
        page.get_by_role("button", name="Next").click()
        page.wait_for_url(lambda url, before=before: url != before)


def test_no_page_scrolls_sideways_at_320_pixels(visit, occasion, now):
    """What 400% zoom leaves of a screen 1280 wide (WCAG 1.4.10)."""
    page = visit(occasion)
    page.set_viewport_size({"width": 320, "height": 640})
    base = page.url
    save_answer(occasion=occasion, item="tension", given="little", at=now)
    for path in ("", "later/", "help/", "speak/", "1/", "9/", "who/"):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_visit_works_with_and_without_script(visit, occasion, script):
    page = visit(occasion, java_script_enabled=script)
    answer_all(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Lea. That’s everything.")
    assert Response.objects.get().state == ResponseState.COMPLETED
    assert Answer.objects.count() == 10


def test_the_reply_to_an_answer_brings_the_next_question_and_reload_and_back_ask_for_it(visit, occasion):
    page = visit(occasion)
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url.rsplit("/", 2)[-2])))
    begin(page)
    choose(page, 3)
    page.wait_for_url("**/2/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("“The way Ines and I worked suited me.”")
    expect(heading).to_be_focused()
    choose(page, 4)
    page.wait_for_url("**/3/")
    token = people.token_of(occasion)
    pages = [one for one in asked if one[1] == token or one[1].isdecimal()]
    assert pages == [("POST", token), ("POST", "1"), ("POST", "2")]
    assert Answer.objects.exclude(device="").count() == 2, "this device was remembered"
    page.go_back()
    page.wait_for_url("**/2/")
    expect(page.get_by_role("radio", name="4", exact=True)).to_be_checked()
    page.go_back()
    page.wait_for_url("**/1/")
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()
    page.go_forward()
    page.wait_for_url("**/2/")
    expect(page.get_by_role("radio", name="4", exact=True)).to_be_checked()
    page.reload()
    expect(page.get_by_role("radio", name="4", exact=True)).to_be_checked()
    assert [(a.item, a.value) for a in Answer.objects.order_by("answered_at")] == [
        ("goal", 3.0),
        ("task", 4.0),
    ]


def test_a_page_that_came_under_the_address_of_another_gives_way_to_the_one_that_belongs_there(
    visit, occasion
):
    """Going back while a page is being loaded leaves that page under the address before it."""
    page = visit(occasion)
    begin(page)
    choose(page, 3)
    page.wait_for_url("**/2/")
    second = page.context.request.get(page.url)
    page.route("**/1/", lambda route: route.fulfill(response=second), times=1)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "“Ines worked with me toward what I want to change.”"
    )
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()


def test_who_goes_back_while_an_answer_is_on_its_way_is_not_led_on(visit, occasion):
    page = visit(occasion)
    begin(page)
    choose(page, 3)
    page.wait_for_url("**/2/")
    held, been_at = [], []

    def hold(route):
        held.append(route)

    page.route("**/1/", hold)
    page.route("**/2/", hold)
    page.on("framenavigated", lambda frame: been_at.append(frame.url[-3:]))
    choose(page, 4)
    wait_until(page, lambda: len(held) == 1)
    page.evaluate("history.back()")
    wait_until(page, lambda: len(held) == 2)
    answer, page_before = held
    with page.expect_response("**/2/"):
        answer.continue_()
    wait_until(page, lambda: Answer.objects.count() == 2)
    page_before.continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "“Ines worked with me toward what I want to change.”"
    )
    expect(page).to_have_url(re.compile("/1/$"))
    assert set(been_at) == {"/1/"}


def test_two_quick_taps_on_next_are_one_answer_and_one_step(visit, occasion):
    page = visit(occasion)
    begin(page)
    page.get_by_role("radio", name="3", exact=True).check(force=True)
    page.evaluate(
        "() => { const next = document.querySelector('.btn-primary'); next.click(); next.click(); }"
    )
    page.wait_for_url("**/2/")
    page.wait_for_timeout(500)
    assert page.url.endswith("/2/")
    assert Answer.objects.get().value == 3.0


def test_leaving_quickly_works_on_a_page_that_came_with_an_answer(visit, occasion):
    page = visit(occasion)
    begin(page)
    choose(page, 3)
    page.wait_for_url("**/2/")
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)
    page.go_back()
    page.wait_for_url(occasion.clinic.exit_url)


@pytest.mark.parametrize("script", [True, False])
def test_all_questions_on_one_page_are_sent_together(visit, occasion, script):
    """Without script it is offered beside Start; with it, the clinic has chosen it."""
    type(occasion.clinic).objects.update(form_on_one_page=script)
    page = visit(occasion, java_script_enabled=script)
    page.get_by_role("button", name="Start" if script else "All questions on one page").click()
    page.wait_for_url("**/all/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nine questions")
    scales = page.locator(".scale-grid")
    for k in range(scales.count() - 1):
        scales.nth(k).get_by_role("radio", name="0" if k == 0 else "6", exact=True).check(force=True)
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet. Still to answer or skip: 8.")
    assert not Answer.objects.exists()
    page.get_by_role("radiogroup").nth(7).get_by_role("radio", name="Skip this question").check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Lea. That’s everything.")
    assert Response.objects.get().state == ResponseState.COMPLETED
    assert Answer.objects.get(item="goal").value == 0.0


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_all_questions_and_nothing_scrolls_sideways(visit, occasion, scheme, width):
    page = visit(occasion, color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 780})
    page.goto(f"{page.url}all/")
    for _ in range(2):
        assert_clean(page)
        page.get_by_role("button", name="Send my answers").click()
        expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(visit, occasion, now, scheme):
    page = visit(occasion, color_scheme=scheme)
    base = page.url
    assert_clean(page)
    for path in ("later/", "help/", "1/", "9/"):
        page.goto(base + path)
        assert_clean(page)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#error")).to_have_text("Choose an answer, or skip.")
    assert_clean(page)
    save_answer(occasion=occasion, item="tension", given="clearly", at=now)
    for path in ("who/", "10/", "nonsense/", "9/"):
        page.goto(base + path)
        assert_clean(page)
    people.answer(occasion, now)
    for path in ("done/", ""):
        page.goto(base + path)
        assert_clean(page)


def begin(page):
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/1/")


def choose(page, number):
    page.get_by_role("radio", name=str(number), exact=True).check(force=True)
    page.get_by_role("button", name="Next").click()


def answers_get(page, status, body="", content_type="text/html"):
    """Whatever is posted from now on gets this reply, and never reaches the server."""
    page.route(
        "**/c/**",
        lambda route: (
            route.fulfill(status=status, body=body, content_type=content_type)
            if route.request.method == "POST"
            else route.continue_()
        ),
    )


def wait_until(page, holds):
    """Let the browser go on until something holds outside its pages."""
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail("waited for fifteen seconds in vain")


def hold(page, address):
    """Requests for an address wait in this list until they are let go on."""
    held = []

    def keep(route):
        held.append(route)

    page.route(address, keep)
    return held


def connection_is_back(page):
    page.unroute("**/c/**")
    page.evaluate("dispatchEvent(new Event('online'))")


def unsent(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent '))")


def wait_until_all_is_sent(page):
    """Wait in the browser, which goes on while the page opens itself anew; a single look does not."""
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('unsent '))")


KEPT_ON_PHONE = '[data-unsent="phone"]'
KEPT_IN_PAGE = '[data-unsent="page"]'
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
"""
FULL_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""


def test_an_answer_given_without_a_connection_waits_on_the_phone_and_is_sent(visit, occasion):
    page = visit(occasion)
    begin(page)
    page.context.set_offline(True)
    choose(page, 3)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    expect(page.locator(KEPT_IN_PAGE)).to_be_hidden()
    assert not Answer.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0
    assert unsent(page) == []


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (500, "Something broke", "text/html"),
        (503, "Not saved yet", "text/html"),
        (502, "", "text/html"),
        (429, "", "text/plain"),
        (200, "<h1>Welcome to the hotel</h1>", "text/html"),
        (200, '{"next": "/c/elsewhere/"}', "application/json"),
    ],
)
def test_only_a_word_of_the_server_on_this_very_answer_takes_it_off_the_queue(
    visit, occasion, status, body, content_type
):
    page = visit(occasion)
    begin(page)
    answers_get(page, status, body, content_type)
    choose(page, 3)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    assert len(unsent(page)) == 1
    assert page.url.endswith("/1/")
    connection_is_back(page)
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0
    assert unsent(page) == []


def test_it_is_tried_again_by_itself(visit, occasion):
    page = visit(occasion)
    begin(page)
    answers_get(page, 500)
    choose(page, 3)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    page.unroute("**/c/**")
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0


def test_an_answer_that_is_refused_is_shown_why(visit, occasion):
    page = visit(occasion)
    begin(page)
    page.get_by_role("radio", name="3", exact=True).evaluate("(radio) => { radio.value = '11'; }")
    choose(page, 3)
    expect(page.locator("#error")).to_contain_text("“11” is none of the answers here.")
    assert unsent(page) == []


def test_of_two_quick_answers_on_a_slow_line_the_second_is_not_lost(visit, occasion):
    page = visit(occasion)
    begin(page)
    held = hold(page, "**/1/")
    choose(page, 3)
    choose(page, 7)
    page.wait_for_function("true")
    assert len(held) == 1
    held[0].continue_()
    wait_until(page, lambda: len(held) == 2)
    assert Answer.objects.get().value == 3.0
    held[1].continue_()
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 7.0
    assert unsent(page) == []


def test_with_site_storage_denied_everything_works_and_the_page_says_to_stay(visit, occasion):
    page = visit(occasion, script=NO_STORAGE)
    begin(page)
    answers_get(page, 503)
    choose(page, 3)
    expect(page.locator(KEPT_IN_PAGE)).to_be_visible()
    expect(page.locator(KEPT_ON_PHONE)).to_be_hidden()
    connection_is_back(page)
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)


def test_with_site_storage_full_everything_works_and_the_page_says_to_stay(visit, occasion):
    page = visit(occasion, script=FULL_STORAGE)
    begin(page)
    answers_get(page, 500)
    choose(page, 3)
    expect(page.locator(KEPT_IN_PAGE)).to_be_visible()
    connection_is_back(page)
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)


def test_an_answer_kept_on_the_phone_outlives_the_tab_and_goes_when_the_link_is_opened_again(visit, occasion):
    page = visit(occasion)
    begin(page)
    answers_get(page, 503)
    choose(page, 0)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    start = page.url.removesuffix("1/")
    later = page.context.new_page()
    page.close()
    assert not Answer.objects.exists()
    later.goto(start)
    expect(later.get_by_role("button", name="Yes, start")).to_be_visible()
    # The start page is the same before and after the answer goes, so that only the database tells.
    wait_until(later, Answer.objects.exists)
    assert Answer.objects.get().value == 0.0
    wait_until_all_is_sent(later)


def test_the_answer_kept_for_one_link_is_not_sent_for_another(visit, occasion):
    """Two members may share a phone."""
    tomas = people.asked(occasion.encounter, people.member(occasion.case, "Tomas"))
    page = visit(occasion)
    begin(page)
    answers_get(page, 503)
    choose(page, 3)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    page.unroute("**/c/**")
    page.goto(page.url.replace(people.link(occasion), people.link(tomas)).removesuffix("1/"))
    begin(page)
    choose(page, 8)
    page.wait_for_url("**/2/")
    assert [answer.response.occasion for answer in Answer.objects.all()] == [tomas]
    assert unsent(page) == [f"unsent {people.link(occasion)}1/"]


def test_leaving_quickly_keeps_every_earlier_page_away_from_the_back_button(visit, occasion):
    page = visit(occasion)
    begin(page)
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)
    page.go_back()
    page.wait_for_url(occasion.clinic.exit_url)


@pytest.mark.parametrize("script", [True, False])
def test_leaving_quickly_ends_the_session_of_the_device(visit, occasion, live_server, script):
    exit_url = (
        f"{live_server.url}/healthz"  # a redirect goes there past whatever stands in for other machines
    )
    type(occasion.clinic).objects.update(exit_url=exit_url)
    page = visit(occasion, java_script_enabled=script)
    begin(page)
    choose(page, 3)
    page.wait_for_url("**/2/")
    assert len(page.context.cookies()) == 1
    first = page.url.replace("/2/", "/1/")
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(exit_url)
    wait_until(page, lambda: not page.context.cookies())
    page.goto(first)
    expect(page.get_by_role("radio", name="3", exact=True)).not_to_be_checked()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    assert Answer.objects.get().value == 3.0


def test_leaving_quickly_drops_what_was_not_sent_and_nothing_brings_the_page_back(visit, occasion):
    page = visit(occasion)
    begin(page)
    answers_get(page, 503)
    choose(page, 3)
    expect(page.locator(KEPT_ON_PHONE)).to_be_visible()
    page.unroute("**/c/**")
    held = hold(page, "**/1/")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, lambda: held)
    first = page.url
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)
    page.unroute("**/1/")
    page.goto(first)
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    assert unsent(page) == []
    assert not Answer.objects.exists()


def test_leaving_quickly_does_not_wait_for_a_server_that_says_nothing(visit, occasion):
    page = visit(occasion)
    begin(page)
    page.route("**/leave/", lambda route: None)
    page.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url(occasion.clinic.exit_url)


@pytest.fixture
def locked(monkeypatch):
    def refuse(**_arguments):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("goldseam_web.portal.answering.keep_by_link", refuse)
        yield patch


def test_without_script_the_form_is_offered_again_with_the_answer_in_it(visit, occasion, locked):
    page = visit(occasion, java_script_enabled=False)
    begin(page)
    choose(page, 3)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet.")
    locked.undo()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 3.0


def test_axe_finds_nothing_on_the_form_that_is_offered_again(visit, occasion, locked):
    page = visit(occasion)
    begin(page)
    page.get_by_role("radio", name="3", exact=True).check(force=True)
    page.evaluate("document.querySelector('form').submit()")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet.")
    assert_clean(page)


def test_keys_alone_are_enough(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").press("Enter")
    page.wait_for_url("**/1/")
    page.get_by_role("radio", name="0", exact=True).press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2/")
    assert Answer.objects.get().value == 1.0


def test_the_browsers_own_back_button_shows_the_answer_again(visit, occasion):
    page = visit(occasion)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio", name="4", exact=True).check(force=True)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/2/")
    page.go_back()
    page.wait_for_url("**/1/")
    expect(page.get_by_role("radio", name="4", exact=True)).to_be_checked()
    assert Client().get(people.link(occasion)).status_code == 200


@pytest.mark.parametrize(("zone", "said"), [("Europe/Rome", True), ("America/Chicago", False)])
def test_whose_times_they_are_is_said_where_the_readers_clock_shows_another(visit, occasion, zone, said):
    page = visit(occasion, timezone_id=zone)
    page.get_by_role("link", name="Not now").click()
    told = page.get_by_text("Times are those of Larkfield (C")
    expect(told).to_be_visible(visible=said)
