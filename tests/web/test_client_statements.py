"""What the database is asked on a client's way: every statement has its reason, and there is none beside them.

The counts are those of issue 12: a question at most 2, an answer with the next question at most 5, the last at most 12.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.joint_tables import JointRelease
from goldseam_web.measures.models import Answer, Response, ResponseState
from goldseam_web.measures.services.own_words import choose_own_word
from tests.web import people
from tests.web.shown_form import shown_form
from tests.web.staff_pages import signed_in
from tests.web.test_own_course import asked

HOUR = timedelta(hours=1)
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")

LOCK = ("wait for who answers the same form at this moment", r"SELECT .* FOR NO KEY UPDATE")
LINK = ("what the link stands on", r"SELECT .* FROM measures_occasion\b.*responses_json|.*AS responses_json")
READERS = ("who sees the answer", r"SELECT .*cases_casetherapist")
BEGUN = ("the form is begun", r"INSERT INTO measures_response\b")
ANSWER = ("the answer", r"INSERT INTO measures_answer\b")
HANDED_IN = [
    ("the form is complete", r"UPDATE measures_response\b"),
    ("nothing more is asked", r"UPDATE measures_occasion\b"),
    ("which series it adds to", r"SELECT .* FROM measures_series\b"),
    ("its scores", r"INSERT INTO measures_score\b"),
    ("it waits to be judged", r"INSERT INTO measures_evaluationjob\b"),
    ("the audit", r"INSERT INTO audit_auditentry\b"),
    ("what is kept of the case is old", r"INSERT INTO alerts_casemark\b"),
]
NEW_SERIES = [
    ("the first rating begins its series", r"INSERT .*INTO measures_series\b"),
    ("two may have begun it at once", r"SELECT .* FROM measures_series\b"),
]


@pytest.fixture
def occasion(ines, now):
    """Of a member of a couple about a session of an hour ago; a request before it has been answered."""
    case = people.couple(ines, now)
    earlier = people.asked(people.meet(case, ines, now - 50 * HOUR), people.member(case, "Lea"))
    occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Lea"))
    people.answer(earlier, now - 49 * HOUR)
    return occasion


@pytest.fixture
def statements(client):
    def asked(method, address, form=None, *, script=False):
        headers = {"X-Goldseam-Answer": "1"} if script else {}
        with CaptureQueriesContext(connection) as queries:
            response = getattr(client, method)(address, form, headers=headers)
        found = [query["sql"].replace('"', "") for query in queries]
        return response, [one for one in found if not one.startswith(NOT_COUNTED)]

    return asked


def assert_reasons(found, reasons, at_most):
    """Statement by statement, in this order. SQLite locks the whole database as a transaction begins, and no row."""
    if not connection.features.has_select_for_update:
        reasons = [reason for reason in reasons if reason is not LOCK]
    assert len(reasons) <= at_most
    said = [reason for reason, looks_like in reasons]
    assert len(found) == len(said), f"{said}, but {found}"
    for statement, (reason, looks_like) in zip(found, reasons, strict=True):
        assert re.match(looks_like, statement, re.DOTALL), f"{reason}: {statement}"


def answers(page):
    """The answer to each question of a form in turn: six, no tension."""
    return {
        "item": page.item,
        "shown": page.shown,
        "answer": "6" if page.is_scale else "no",
        "go": "next",
    }


def test_statement_by_statement_from_the_first_question_to_the_last(client, statements, occasion):
    base = people.link(occasion)
    client.get(base)  # what a questionnaire is was read once in this process
    response, found = statements("post", base, script=True)
    assert response.json()["next"] == f"{base}1/"
    assert "page" in response.json()
    assert_reasons(found, [LINK, READERS], 2)
    for number in range(1, 10):
        response, found = statements("get", f"{base}{number}/")
        assert_reasons(found, [LINK, READERS], 2)
        form = answers(shown_form(response))
        begun = [BEGUN] if number == 1 else []
        response, found = statements("post", f"{base}{number}/", form, script=True)
        if number < 9:
            assert "page" in response.json()
            assert_reasons(found, [LOCK, LINK, *begun, ANSWER, READERS], 5)
    assert response.json() == {"next": f"{base}done/"}
    assert_reasons(found, [LOCK, LINK, ANSWER, *HANDED_IN], 12)
    assert Response.objects.get(occasion=occasion).state == ResponseState.COMPLETED


def test_the_last_answer_about_the_first_session_begins_the_series(client, statements, ines, now):
    case = people.individual(ines, now)
    occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))
    base = people.link(occasion)
    for number, item in enumerate(["goal", "task", "bond", "safety"], start=1):
        client.post(f"{base}{number}/", {"item": item, "answer": "6"})
    _, found = statements("post", f"{base}5/", {"item": "tension", "answer": "no"})
    handed_in = [*HANDED_IN[:3], *NEW_SERIES, *HANDED_IN[3:]]
    assert_reasons(found, [LOCK, LINK, ANSWER, *handed_in], 12)


def test_an_answer_without_script_asks_for_nothing_of_the_next_page(client, statements, occasion):
    base = people.link(occasion)
    client.post(f"{base}1/", {"item": "goal", "answer": "6"})
    response, found = statements("post", f"{base}2/", {"item": "task", "answer": "0"})
    assert response.headers["Location"] == f"{base}3/"
    assert_reasons(found, [LOCK, LINK, ANSWER], 5)
    assert Answer.objects.get(response__occasion=occasion, item="task").value == 0.0


def test_a_refused_answer_writes_nothing(client, statements, occasion):
    response, found = statements("post", f"{people.link(occasion)}1/", {"item": "goal", "answer": "11"})
    assert response.status_code == 400
    assert_reasons(found, [LOCK, LINK, READERS], 5)


def test_a_client_in_a_browser_where_staff_are_signed_in_has_nothing_of_theirs_looked_up(occasion, ines):
    """Neither session nor sign-in is read, and the page sets no cookie of theirs."""
    browser = signed_in(ines)
    browser.get(people.link(occasion))
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(f"{people.link(occasion)}1/")
    assert len(queries) == 2
    assert not [query for query in queries if "django_session" in query["sql"]]
    assert not response.cookies


def test_an_answer_beside_the_first_ones_asks_for_no_more_than_a_first_one(client, statements, occasion, now):
    people.answer(occasion, now)
    Answer.objects.update(device="the hash of one's own phone")
    base = people.link(occasion)
    client.post(base)
    form = answers(shown_form(client.get(f"{base}1/")))
    response, found = statements("post", f"{base}1/", form, script=True)
    assert "page" in response.json()
    beside = ("the later answer", r"INSERT INTO measures_lateranswer\b")
    assert_reasons(found, [LOCK, LINK, beside, READERS], 5)


def test_the_page_of_thanks_and_what_is_said_there(client, statements, occasion, now):
    people.answer(occasion, now)
    base = people.link(occasion)
    response, found = statements("get", f"{base}done/")
    assert response.status_code == 200
    assert len(found) <= 8
    shown = re.search(r'name="shown" value="([^"]*)"', response.content.decode()).group(1)
    form = {"shown": shown, "audience": "all", "taken_up": "mended"}
    response, found = statements("post", f"{base}done/", form)
    assert "What you chose is kept." in response.content.decode()
    assert len(found) <= 16, "two things are kept, judged anew and told to staff; the rest is the page"
    form |= {"mended": ["understand_better", "did_differently"], "elsewhere": "family"}
    response, found = statements("post", f"{base}done/", form)
    assert "What you chose is kept." in response.content.decode()
    assert len(found) <= 16, "the taps after a mending are a statement each; the yes stands already"


def test_what_a_client_lets_all_of_them_look_at(client, statements, occasion, now):
    people.answer(occasion, now)
    choose_own_word(member=occasion.respondent, word="copper kettle", at=now - HOUR, actor=SYSTEM)
    own = f"{people.link(occasion)}own/"
    page = asked(occasion, "copper kettle", client)
    for together, kept in (("yes", True), ("no", False)):
        mine = re.search(r'name="mine" value="([^"]*)"', page.content.decode()).group(1)
        page, found = statements("post", own, {"mine": mine, "together": together})
        reasons = [
            LINK,
            (
                "their place, behind which they are seen alone, leave and are shown",
                r"SELECT .* FROM cases_member\b",
            ),
            *([("the session it goes up to", r"SELECT .* FROM cases_encounter\b")] if kept else []),
            ("the page their word opened does it once", r"UPDATE measures_ownword\b"),
            ("with whom it is", r"SELECT .* FROM cases_member\b"),
            ("the release", r"INSERT INTO cases_jointrelease\b"),
        ]
        gone = [
            ("what there is", r"SELECT .* FROM cases_jointrelease\b"),
            ("wait for who shows it", r"SELECT .* FROM cases_jointrelease\b"),
            ("it is gone", r"DELETE FROM cases_jointrelease\b"),
        ]
        assert_reasons(found, reasons if kept else [*reasons[:3], *gone], 8)
        assert JointRelease.objects.exists() is kept
