"""Sixty letters without a space, and text at twice its size, on the smallest phone: nothing is cut off or runs out."""

from datetime import timedelta

import pytest
from django.conf import settings

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from tests.web import histories, people
from tests.web.staff_pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH = 360
LONGEST = NewMember("W" * 60, "M" * 60)
# What is no strip that can be pushed sideways, nor out of sight by intent, and ends beyond the screen.
BEYOND = """most => [document.documentElement, ...document.querySelectorAll('main *')].filter(each =>
    each.scrollWidth && getComputedStyle(each).position !== 'absolute' && !each.closest('.chips') &&
    Math.max(each.getBoundingClientRect().right, each === document.documentElement ? each.scrollWidth : 0) > most
).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def phone(chromium, live_server, cast):
    """Ines's, on which a page is opened with text of a given size; what of it lies beyond the screen."""
    context = chromium.new_context(viewport={"width": WIDTH, "height": 780})
    cookie = signed_in(cast.ines).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()

    def beyond(path, size):
        page.goto(live_server.url + path)
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        return page.evaluate(BEYOND, WIDTH + 1)

    yield beyond
    context.close()


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_the_page_of_a_person_of_sixty_letters(phone, cast, now, size):
    case = people.case(cast.ines, CaseKind.INDIVIDUAL, [LONGEST], now)
    assert phone(f"/cases/{case.pk}/members/1/", size) == []


def test_the_list_of_alerts(phone, cast, now):
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    member = people.member(cast.couple, "Lea")
    histories.judge([histories.rate(encounter, member, 2, {"tension": "clearly"})])
    assert AlertSignal.objects.exists()
    assert phone("/alerts/", "200%") == []


def test_the_words_before_the_first_question(phone, cast, now):
    case = people.case_without_consent(cast.ines, CaseKind.INDIVIDUAL, [LONGEST], now - timedelta(hours=2))
    occasion = people.asked(people.meet(case, cast.ines, now - timedelta(hours=1)), case.members.get())
    assert phone(people.link(occasion), "200%") == []
