"""The wall between members: nothing on one's pages tells about another, and nothing tells what it is all about."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from goldseam_web.measures.services import close_idle_responses, save_answer
from tests.web import people

HOUR = timedelta(hours=1)
PATHS = ["", "later/", "help/", *(f"{n}/" for n in range(1, 11)), "who/", "done/", "handed-over/"]


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def encounter(couple, ines, now):
    return people.meet(couple, ines, now - HOUR)


def asked(encounter, couple, called):
    return people.asked(encounter, people.member(couple, called))


def pages(occasion, browser=None):
    """Every page of a link, without the moment it was shown at."""
    browser = browser or Client()
    found = {}
    for path in PATHS:
        response = browser.get(f"{people.link(occasion)}{path}")
        page = re.sub(r'name="shown" value="[^"]*"', "", response.content.decode())
        found[path] = (response.status_code, response.headers.get("Location"), page)
    return found


def test_a_partners_pages_are_the_same_whatever_the_other_did(encounter, couple, now):
    lea, tomas = asked(encounter, couple, "Lea"), asked(encounter, couple, "Tomas")
    save_answer(occasion=lea, item="goal", given=4, at=now)
    save_answer(occasion=lea, item="tension", given="little", at=now)
    before = pages(lea)
    save_answer(occasion=tomas, item="goal", given=0, at=now - HOUR)
    assert pages(lea) == before
    close_idle_responses(at=now)
    assert pages(lea) == before
    people.answer(tomas, now, 0, {"tension": "clearly", "worked_out": "not_yet"})
    assert pages(lea) == before


def test_the_same_holds_after_ones_own_last_page(encounter, couple, now):
    lea, tomas = asked(encounter, couple, "Lea"), asked(encounter, couple, "Tomas")
    people.answer(lea, now, 9)
    before = pages(lea)
    people.answer(tomas, now, 0, {"tension": "clearly"})
    assert pages(lea) == before


def test_no_page_names_the_other_or_the_family(encounter, couple, now):
    lea, tomas = asked(encounter, couple, "Lea"), asked(encounter, couple, "Tomas")
    people.answer(tomas, now, 0, {"tension": "clearly"})
    save_answer(occasion=lea, item="tension", given="clearly", at=now)
    everything = str(pages(lea))
    people.answer(lea, now, 9)
    everything += str(pages(lea))
    assert "Hello Lea" in everything
    assert not re.search("Tomas|Brandt|Okafor|completed|has answered", everything)


def test_no_page_says_what_kind_of_meeting_it_is(encounter, couple, now):
    lea = asked(encounter, couple, "Lea")
    save_answer(occasion=lea, item="tension", given="clearly", at=now)
    seen = pages(lea)
    people.answer(lea, now, 9)
    for _, _, page in [*seen.values(), *pages(lea).values()]:
        titles = re.findall("<title>(.*)</title>", page)
        assert titles in ([], ["A short check-in"])
        assert not re.search(
            "therap|patient|client[^-]|clinic|treatment|session|rupture|alliance", _read(page), re.I
        )


def _read(page):
    """What a person reads: without tags, addresses and classes."""
    return re.sub("<[^>]*>", " ", page)


def test_the_address_says_nothing(encounter, couple):
    token = people.token_of(asked(encounter, couple, "Lea"))
    assert re.fullmatch(r"[A-Za-z0-9_.~-]+", token)


def test_one_link_opens_nobody_elses_answers(encounter, couple, now):
    """A browser that answered as Lea is a new device for Tomas's link."""
    lea, tomas = asked(encounter, couple, "Lea"), asked(encounter, couple, "Tomas")
    browser = Client()
    for occasion, value in ((lea, "2"), (tomas, "9")):
        first = browser.post(people.link(occasion)).headers["Location"]
        browser.post(first, {"item": "goal", "answer": value})
    assert 'value="2" checked' not in browser.get(f"{people.link(tomas)}1/").content.decode()
    assert 'value="9" checked' not in Client().get(f"{people.link(tomas)}1/").content.decode()
