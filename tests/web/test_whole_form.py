"""All questions on one page and one post: nothing half-written, and every rule of the way one question at a time."""

import gzip
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldseam_web.cases.models import CaseKind
from goldseam_web.measures.models import Answer, EvaluationJob, LaterAnswer, Response, ResponseState
from goldseam_web.measures.services import save_answer
from goldseam_web.measures.services.schedule import set_schedule
from tests.web import people
from tests.web.shown_form import shown_form
from tests.web.test_portal_rights import RESTS

HOUR = timedelta(hours=1)


@pytest.fixture
def occasion(ines, now):
    case = people.couple(ines, now)
    return people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Lea"))


@pytest.fixture
def ruth_asked(ines, now):
    case = people.individual(ines, now)
    return people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))


@pytest.fixture
def on_one_page(clinic):
    clinic.form_on_one_page = True
    clinic.save()


def everything(client, occasion, **given):
    """What a browser sends of the page once it is filled in: 6 everywhere, no tension, and what is given."""
    page = shown_form(client.get(f"{people.link(occasion)}all/"))
    return page.chosen | {"shown": page.shown} | {f"answer-{item}": answer for item, answer in given.items()}


def send(client, occasion, **given):
    return client.post(f"{people.link(occasion)}all/", everything(client, occasion, **given))


def text(response) -> str:
    return response.content.decode()


def stored():
    return {a.item: (a.value, a.choice, a.skipped) for a in Answer.objects.all()}


class TestOnePost:
    def test_it_is_everything(self, client, occasion):
        client.post(people.link(occasion))
        response = send(client, occasion, goal="0", task="skip")
        assert response.headers["Location"] == f"{people.link(occasion)}done/"
        answered = Response.objects.get()
        assert answered.state == ResponseState.COMPLETED
        assert len(stored()) == 9
        assert stored()["goal"] == (0.0, "", False), "zero is an answer"
        assert stored()["task"] == (None, "", True), "a skipped one is missing"
        # by hand: 0, 6 and 6 over the three that were given
        assert answered.scores.get(scale="self_therapist").value == 4.0
        assert set(Answer.objects.values_list("layout", "elapsed_ms")) == {("all-items", None)}
        assert EvaluationJob.objects.get().response == answered

    def test_the_page_has_every_question_and_nothing_chosen(self, client, occasion):
        page = text(client.get(f"{people.link(occasion)}all/"))
        assert '<h1 class="question">Nine questions</h1>' in page
        assert page.count("Skip this question") == 9
        assert page.count('type="radio"') == 8 * 11 + 4 + 9, "eight scales, one choice of four, nine to skip"
        assert " checked" not in page
        assert page.count("Think of the meeting that just ended.") == 1
        assert "Ines sees these answers.</b> Without your own yes your partner sees none of it" in page
        assert "worked out" not in page

    def test_the_last_may_be_sent_twice(self, client, ruth_asked):
        form = everything(client, ruth_asked)
        for _ in range(2):
            response = client.post(f"{people.link(ruth_asked)}all/", form)
            assert response.headers["Location"] == f"{people.link(ruth_asked)}done/"
        assert Response.objects.count() == 1
        assert EvaluationJob.objects.count() == 1

    def test_our_script_is_told_where_to_go(self, client, ruth_asked):
        form = everything(client, ruth_asked)
        told = client.post(f"{people.link(ruth_asked)}all/", form, headers={"X-Goldseam-Answer": "1"})
        assert told.json() == {"next": f"{people.link(ruth_asked)}done/"}

    def test_about_a_session_that_is_still_planned_it_says_that_it_took_place(self, client, ines, now):
        case = people.individual(ines, now)
        encounter = people.plan(case, ines, now - 2 * HOUR, at=now - 3 * HOUR)
        occasion = people.asked(encounter, people.member(case, "Ruth"))
        assert send(client, occasion).headers["Location"].endswith("/done/")
        encounter.refresh_from_db()
        assert encounter.state == "held"
        assert Response.objects.get().state == ResponseState.COMPLETED

    def test_it_asks_the_database_as_much_as_one_last_answer(self, client, ruth_asked):
        form = everything(client, ruth_asked)
        with CaptureQueriesContext(connection) as queries:
            client.post(f"{people.link(ruth_asked)}all/", form)
        counted = [q for q in queries if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
        # lock, link, response, answers, and handing in: nine with the first series
        assert len(counted) <= 13

    def test_a_page_and_its_files_fit_into_sixty_kilobytes(self, client, occasion):
        page = client.get(f"{people.link(occasion)}all/", headers={"Accept-Encoding": "gzip"})
        sent = len(page.content)
        for name in ("tokens.css", "goldseam.css", "sprite.svg", "portal.js"):
            with open(finders.find(f"goldseam/{name}"), "rb") as file:  # noqa: PTH123
                sent += len(gzip.compress(file.read()))
        assert sent <= 60 * 1024


class TestWhatIsMissing:
    def test_it_is_named_the_rest_is_still_there_and_nothing_is_kept(self, client, occasion):
        response = send(client, occasion, goal="0", task="", bond="11", safety="skip")
        page = text(response)
        assert response.status_code == 400
        assert response.context["page"].open == (2, 3)
        assert '<a href="#q-2">2</a>, <a href="#q-3">3</a>' in page
        assert page.count("Choose a number, or skip.") == 1
        assert "“11” is none of the answers here." in page
        assert re.search(r'name="answer-goal" value="0" checked', page)
        assert re.search(r'name="answer-safety" value="skip" checked', page)
        assert page.count(" checked") == 7
        assert not Response.objects.exists()

    def test_an_empty_form_names_all(self, client, occasion):
        response = client.post(f"{people.link(occasion)}all/")
        assert response.context["page"].open == tuple(range(1, 10))
        assert not Answer.objects.exists()

    def test_a_form_in_another_hand_is_refused_as_it_is_elsewhere(self, client, occasion):
        form = everything(client, occasion)
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert client.post(f"{people.link(occasion)}all/", form, headers=headers).status_code == 403
        assert not Answer.objects.exists()


class TestAfterAStrain:
    @pytest.mark.parametrize("said", ["little", "clearly"])
    def test_the_choice_and_the_follow_up_come_on_pages_of_their_own(self, client, occasion, said):
        client.post(people.link(occasion))
        base = people.link(occasion)
        response = send(client, occasion, tension=said)
        assert response.headers["Location"] == f"{base}who/"
        assert Response.objects.get().state == ResponseState.IN_PROGRESS
        assert len(stored()) == 9
        on = client.post(f"{base}who/", {"audience": "know_only"})
        assert on.headers["Location"] == f"{base}10/"
        done = client.post(f"{base}10/", {"item": "worked_out", "answer": "yes"})
        assert done.headers["Location"] == f"{base}done/"
        assert set(Answer.objects.filter(item__in=["tension", "worked_out"]).values_list("audience")) == {
            ("know_only",)
        }

    def test_where_all_are_on_one_page_back_leads_there(self, client, occasion, on_one_page):
        base = people.link(occasion)
        assert client.post(base).headers["Location"] == f"{base}all/"
        send(client, occasion, tension="clearly")
        back = client.post(f"{base}who/", {"go": "back"})
        assert back.headers["Location"] == f"{base}all/"
        page = text(client.get(f"{base}all/"))
        assert 'name="answer-tension" value="clearly" checked' in page
        again = send(client, occasion, tension="no")
        assert again.headers["Location"] == f"{base}done/"
        assert stored()["tension"] == (None, "no", False)


class TestDevices:
    def test_what_was_answered_elsewhere_is_not_shown_and_stands(self, client, occasion):
        client.post(people.link(occasion))
        client.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "3"})
        other = Client()
        other.post(people.link(occasion))
        page = text(other.get(f"{people.link(occasion)}all/"))
        assert "Nine questions" in page
        assert " checked" not in page
        send(other, occasion, goal="9")
        assert stored()["goal"] == (3.0, "", False)
        assert LaterAnswer.objects.get().value == 9.0
        assert Response.objects.get().state == ResponseState.COMPLETED

    def test_what_was_answered_here_is_chosen_and_may_be_sent_as_it_is(self, client, occasion):
        client.post(people.link(occasion))
        client.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "0"})
        client.post(f"{people.link(occasion)}2/", {"item": "task", "go": "skip"})
        page = text(client.get(f"{people.link(occasion)}all/"))
        assert 'name="answer-goal" value="0" checked' in page
        assert 'name="answer-task" value="skip" checked' in page
        send(client, occasion, goal="0", task="")
        assert (stored()["goal"][0], stored()["task"][2]) == (0.0, True)

    def test_once_the_form_is_left_this_device_shows_nothing_either(self, client, occasion):
        client.post(people.link(occasion))
        client.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "3"})
        client.get(f"{people.link(occasion)}leave/")
        assert " checked" not in text(client.get(f"{people.link(occasion)}all/"))

    def test_it_works_without_any_cookie(self, occasion):
        form = everything(Client(), occasion)
        response = Client(enforce_csrf_checks=True).post(f"{people.link(occasion)}all/", form)
        assert response.headers["Location"].endswith("/done/")

    def test_after_the_window_what_was_said_in_it_stands_and_that_is_said(self, client, occasion):
        client.post(people.link(occasion))
        client.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "3"})
        began = Answer.objects.get().answered_at
        closes = began + timedelta(microseconds=1)
        type(occasion).objects.update(closes_at=closes, opens_at=began - HOUR)
        response = send(client, occasion, goal="9")
        assert response.status_code == 400
        assert "so what you answered before stays" in text(response)
        assert stored() == {"goal": (3.0, "", False)}


class TestRights:
    def test_nobody_is_asked_before_they_have_agreed(self, client, ines, now):
        case = people.case_without_consent(ines, CaseKind.COUPLE, [people.LEA, people.TOMAS], now)
        occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Lea"))
        base = people.link(occasion)
        assert client.get(f"{base}all/").headers["Location"] == base
        keys = [q.item.key for q in people.questionnaire(occasion, None).shown]
        form = {f"answer-{key}": "no" if key == "tension" else "6" for key in keys}
        response = client.post(f"{base}all/", form)
        assert response.headers["Location"] == base
        assert not Response.objects.exists()

    @pytest.mark.parametrize("rests", RESTS)
    def test_whoever_rests_is_told_kindly_and_nothing_is_kept(self, client, occasion, now, rests):
        form = everything(client, occasion)
        rests(occasion.respondent, now)
        response = client.post(f"{people.link(occasion)}all/", form)
        assert response.status_code == 410
        assert "Nothing to answer just now." in text(response)
        assert not Answer.objects.exists()

    def test_a_completed_form_leads_on(self, client, occasion, now):
        people.answer(occasion, now)
        assert client.get(f"{people.link(occasion)}all/").headers["Location"] == people.link(occasion)

    def test_with_everything_answered_elsewhere_it_shows_all_the_same(self, client, ruth_asked, now):
        for item in ("goal", "task", "bond", "safety"):
            save_answer(occasion=ruth_asked, item=item, given=6, at=now, device="another")
        save_answer(occasion=ruth_asked, item="tension", given="clearly", at=now, device="another")
        page = text(client.get(f"{people.link(ruth_asked)}all/"))
        assert "Five questions" in page
        assert " checked" not in page


class TestWhoIsOfferedIt:
    def test_without_script_it_is_always_offered(self, client, occasion):
        page = text(client.get(people.link(occasion)))
        offered = re.search(r"<noscript>(.*?)</noscript>", page).group(1)
        assert "All questions on one page" in offered
        response = client.post(people.link(occasion), {"layout": "all"})
        assert response.headers["Location"] == f"{people.link(occasion)}all/"
        assert response.cookies, "the device is remembered as it is one question at a time"

    def test_a_clinic_may_choose_it_for_all(self, client, occasion, clinic, now):
        actor = people.Actor.staff(people.Staff.objects.first().pk)
        set_schedule(
            clinic=clinic,
            alliance_phase=clinic.alliance_phase,
            window_hours=48,
            progress=True,
            home=True,
            on_one_page=True,
            at=now,
            actor=actor,
        )
        base = people.link(occasion)
        page = text(client.get(base))
        assert "<noscript>" not in page
        assert "What you have not sent is not kept." in page
        assert client.post(base).headers["Location"] == f"{base}all/"

    def test_the_choice_does_not_change_what_was_begun(self, client, occasion, on_one_page, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now)
        for question in list(people.questionnaire(occasion, None).questions)[:-2]:
            save_answer(occasion=occasion, item=question.item.key, given=6, at=now)
        response = client.post(people.link(occasion))
        assert response.headers["Location"] == f"{people.link(occasion)}10/", "what only some are asked"
