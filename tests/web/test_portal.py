"""A client's visit from the link to the last page."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.test import Client

from goldseam_web.accounts.models import Phase
from goldseam_web.measures.links import LinkState
from goldseam_web.measures.models import (
    Answer,
    Audience,
    EvaluationJob,
    LaterAnswer,
    Release,
    Response,
    ResponseState,
)
from goldseam_web.measures.services import choose_audience, save_answer
from goldseam_web.portal.forms import AnswerTime, shown_mark
from goldseam_web.portal.link_opening import DEVICE_COOKIE
from goldseam_web.portal.opened_link import OpenedLink
from tests.web import people
from tests.web.shown_form import shown_form

HOUR = timedelta(hours=1)


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def occasion(couple, ines, now):
    """What Lea is asked about a meeting that ended an hour ago."""
    return people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))


@pytest.fixture
def ruth_asked(ines, now):
    case = people.individual(ines, now)
    return people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))


def text(response) -> str:
    return response.content.decode()


def unmarked(page) -> str:
    """The page without the mark that says when it was shown."""
    return re.sub(r'name="shown" value="[^"]*"', "", page)


def begin(client, occasion) -> str:
    """Start, and give the first question's address."""
    return client.post(people.link(occasion)).headers["Location"]


def walk(client, occasion, tension="no", audience="therapist", **given):
    """Answer every page as a browser would, 6 where nothing is given; the addresses visited, done included."""
    address, visited = begin(client, occasion), []
    while not address.endswith("/done/"):
        visited.append(address)
        shown = client.get(address)
        if address.endswith("/who/"):
            address = client.post(address, {"audience": audience}).headers["Location"]
            continue
        page = shown_form(shown)
        usual = {"tension": tension, "worked_out": "partly"}.get(page.item, "6")
        form = {"item": page.item, "shown": page.shown, "answer": given.get(page.item, usual), "go": "next"}
        address = client.post(address, form).headers["Location"]
    return [*visited, address]


class TestStart:
    def test_it_says_whose_it_is_how_long_and_who_will_see_before_asking(self, client, occasion):
        page = text(client.get(people.link(occasion)))
        # The meeting began almost two hours ago, which may have been yesterday.
        assert re.search(r"Hello Lea\. How was your meeting with Ines (today|yesterday)\?", page)
        assert "Nine questions, about two minutes. Larkfield asks everyone" in page
        assert "Ines sees your answers." in page
        assert (
            "Without your own yes your partner sees none of it,</b> and is not told whether you answered."
            in page
        )
        assert "If you often skip, Ines may ask." in page
        assert "Small complaints are welcome." in page
        assert "Okafor" not in page
        assert 'type="radio"' not in page

    def test_alone_in_treatment_there_is_no_word_about_a_partner(self, client, ruth_asked):
        page = text(client.get(people.link(ruth_asked)))
        assert "Five questions, about a minute." in page
        assert not re.search("partner|family|the others", page)

    def test_a_family_hears_about_the_others_in_it(self, client, ines, now):
        case = people.family(ines, now)
        occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Freja"))
        assert "Without your own yes the others in your family see none of it,</b> and are not told" in text(
            client.get(people.link(occasion))
        )

    def test_before_a_meeting_it_asks_about_the_week(self, client, couple, ines, now):
        encounter = people.plan(couple, ines, now + HOUR, at=now)
        before = people.asked(encounter, people.member(couple, "Lea"), Phase.PRE)
        page = text(client.get(people.link(before)))
        assert "How has your week been?" in page
        assert "Three questions" in page
        assert "before each meeting" in page

    def test_a_clinic_that_asks_about_the_alliance_before_the_next_meeting_asks_about_the_last_one(
        self, client, clinic, couple, ines, now
    ):
        people.meet(couple, ines, now - timedelta(days=7))
        clinic.alliance_phase = Phase.PRE
        clinic.save()
        couple.refresh_from_db()
        encounter = people.plan(couple, ines, now + HOUR, at=now)
        occasion = people.asked(encounter, people.member(couple, "Lea"), Phase.PRE)
        assert "12 questions" in text(client.get(people.link(occasion)))
        assert "Think of your last meeting with Ines." in text(client.get(begin(client, occasion)))

    def test_later_says_until_when_in_the_clinics_zone(self, client, occasion):
        # Chicago is five or six hours behind UTC: the offset is worked out here, not by the page.
        hours = -occasion.closes_at.astimezone(ZoneInfo("America/Chicago")).utcoffset() / HOUR
        local = occasion.closes_at - timedelta(hours=hours)
        assert hours in (5, 6)
        assert f", {local:%H:%M}" in text(client.get(f"{people.link(occasion)}later/"))

    def test_starting_stores_nothing_but_a_random_word_on_the_device(self, client, occasion):
        response = client.post(people.link(occasion))
        assert response.headers["Location"] == f"{people.link(occasion)}1/"
        cookie = response.cookies[DEVICE_COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == people.link(occasion)
        assert not cookie["expires"]
        assert not Response.objects.exists()


class TestQuestions:
    def test_the_whole_way_of_a_couples_member_with_a_strain(self, client, occasion):
        visited = walk(client, occasion, tension="clearly", audience="all", goal="0")
        base = people.link(occasion)
        assert visited == [
            *(f"{base}{n}/" for n in range(1, 10)),
            f"{base}who/",
            f"{base}10/",
            f"{base}done/",
        ]
        response = Response.objects.get()
        assert response.state == ResponseState.COMPLETED
        assert not response.late
        stored = {a.item: (a.value, a.choice, a.audience) for a in response.answers.all()}
        assert stored["goal"] == (0.0, "", Audience.THERAPIST)
        assert stored["within_safety"] == (6.0, "", Audience.THERAPIST)
        assert stored["tension"] == (None, "clearly", Audience.ALL)
        assert stored["worked_out"] == (None, "partly", Audience.ALL)
        # by hand: 0, 6, 6 and 6 over 4
        assert response.scores.get(scale="self_therapist").value == 4.5
        assert EvaluationJob.objects.get().response == response

    def test_without_a_strain_there_is_no_follow_up(self, client, ruth_asked):
        visited = walk(client, ruth_asked, tension="unsure")
        base = people.link(ruth_asked)
        assert visited == [*(f"{base}{n}/" for n in range(1, 6)), f"{base}done/"]

    def test_what_a_page_shows(self, client, occasion):
        page = text(client.get(f"{begin(client, occasion)[:-2]}6/"))
        assert "Question 6 of 9" in page
        assert "“Ines was fair to both of us and did not take sides.”" in page
        assert "Think of the meeting that just ended." in page
        assert page.count('type="radio"') == 11
        assert " checked" not in page
        assert "0 means not at all, 10 means completely." in page

    def test_each_answer_is_kept_as_it_is_given(self, client, occasion):
        address = begin(client, occasion)
        client.post(address, {"item": "goal", "answer": "0", "go": "next"})
        answer = Answer.objects.get()
        assert (answer.item, answer.value, answer.skipped) == ("goal", 0.0, False)
        assert answer.response.state == ResponseState.IN_PROGRESS

    def test_skipping_stores_that_it_is_missing(self, client, occasion):
        response = client.post(begin(client, occasion), {"item": "goal", "answer": "7", "go": "skip"})
        assert response.headers["Location"] == f"{people.link(occasion)}2/"
        answer = Answer.objects.get()
        assert (answer.value, answer.skipped) == (None, True)

    def test_next_without_a_choice_is_a_kind_error_tied_to_the_field(self, client, occasion):
        response = client.post(begin(client, occasion), {"item": "goal", "go": "next"})
        page = text(response)
        assert response.status_code == 400
        assert '<p class="error" id="error" role="alert">' in page
        assert 'href="#key-0">Choose a number, or skip.</a>' in page
        assert 'aria-describedby="about ends error"' in page
        assert not Answer.objects.exists()

    def test_back_keeps_a_choice_and_shows_the_answer_before(self, client, occasion):
        first = begin(client, occasion)
        client.post(first, {"item": "goal", "answer": "3", "go": "next"})
        back = client.post(f"{people.link(occasion)}2/", {"item": "task", "answer": "4", "go": "back"})
        assert back.headers["Location"] == first
        assert 'value="3" checked' in text(client.get(first))
        assert Answer.objects.get(item="task").value == 4.0

    def test_back_from_the_first_question_is_the_start(self, client, occasion):
        response = client.post(begin(client, occasion), {"item": "goal", "go": "back"})
        assert response.headers["Location"] == people.link(occasion)

    def test_looking_back_and_going_on_page_by_page_changes_nothing(self, client, occasion):
        first = begin(client, occasion)
        for n, item in enumerate(("goal", "task"), 1):
            client.post(f"{people.link(occasion)}{n}/", {"item": item, "answer": "3", "go": "next"})
        before = list(Answer.objects.order_by("item").values())
        on = client.post(first, {"item": "goal", "answer": "3", "go": "next"})
        assert on.headers["Location"] == f"{people.link(occasion)}2/"
        assert list(Answer.objects.order_by("item").values()) == before

    def test_the_form_says_which_question_it_showed_whatever_the_number(self, client, occasion):
        """Numbers may have moved when somebody was marked away between showing and answering."""
        client.post(f"{people.link(occasion)}5/", {"item": "bond", "answer": "9", "go": "next"})
        assert Answer.objects.get().item == "bond"

    def test_a_question_that_fell_away_is_passed_over(self, client, occasion):
        response = client.post(f"{people.link(occasion)}10/", {"item": "worked_out", "answer": "yes"})
        assert response.headers["Location"] == f"{people.link(occasion)}1/"
        assert not Answer.objects.exists()

    @pytest.mark.parametrize("number", [0, 10, 11, 99999999999])
    def test_a_wrong_number_leads_to_the_next_unanswered_question(self, client, occasion, number, now):
        save_answer(occasion=occasion, item="goal", given=3, at=now)
        response = client.get(f"{people.link(occasion)}{number}/")
        assert response.headers["Location"] == f"{people.link(occasion)}2/"

    def test_our_script_is_told_where_to_go(self, client, occasion):
        response = client.post(
            begin(client, occasion), {"item": "goal", "answer": "3"}, headers={"X-Goldseam-Answer": "17-0.4"}
        )
        told = response.json()
        assert told["next"] == f"{people.link(occasion)}2/"
        # The page comes along, without a second request: the same as at its address, but for when it was shown.
        in_full = text(client.get(told["next"]))
        assert "Question 2 of 9" in told["page"]
        assert told["page"].startswith('<div class="client">')
        assert unmarked(told["page"]).strip() in unmarked(in_full)
        assert response.headers["X-Goldseam-Answer"] == "17-0.4"

    def test_our_script_is_told_of_a_refusal_too_that_it_is_about_this_answer(self, client, occasion):
        response = client.post(
            begin(client, occasion), {"item": "goal", "answer": "11"}, headers={"X-Goldseam-Answer": "17-0.4"}
        )
        assert (response.status_code, response.headers["X-Goldseam-Answer"]) == (400, "17-0.4")

    @pytest.mark.parametrize(
        ("waited", "kept"), [("60000", 9.0), ("0", 3.0), ("", 3.0), ("-5", 3.0), ("x", 3.0)]
    )
    def test_an_answer_that_waited_on_a_phone_does_not_replace_a_newer_one(
        self, client, occasion, now, waited, kept
    ):
        first = f"{people.link(occasion)}1/"
        link = OpenedLink(
            people.token_of(occasion), occasion, occasion.respondent, None, LinkState.OPEN, "", now - HOUR
        )
        shown = shown_mark(link, link.form.questions[0])
        save_answer(occasion=occasion, item="goal", given=9, at=now - timedelta(seconds=30))
        client.post(first, {"item": "goal", "answer": "3", "shown": shown, "waited": waited})
        assert Answer.objects.get().value == kept

    def test_a_wide_choice_that_waited_does_not_replace_a_newer_narrow_one(self, client, occasion, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now)
        choose_audience(occasion=occasion, audience=Audience.KNOW_ONLY, at=now)
        client.post(f"{people.link(occasion)}who/", {"audience": "all", "waited": "60000"})
        assert Answer.objects.get().audience == Audience.KNOW_ONLY


class TestWhoMayTakeItUp:
    def test_the_narrow_choice_is_made_and_the_other_two_are_there(self, client, occasion, now):
        begin(client, occasion)
        tension = client.post(f"{people.link(occasion)}9/", {"item": "tension", "answer": "little"})
        page = text(client.get(tension.headers["Location"]))
        assert 'value="therapist" checked' in page
        assert "Ines may raise it with both of us" in page
        assert "Ines may raise it with me alone" in page
        assert "Just so that Ines knows" in page
        assert page.count(" checked") == 1

    def test_alone_in_treatment_there_are_two(self, client, ruth_asked):
        begin(client, ruth_asked)
        tension = client.post(f"{people.link(ruth_asked)}5/", {"item": "tension", "answer": "clearly"})
        page = text(client.get(tension.headers["Location"]))
        assert page.count('type="radio"') == 2
        assert "Ines may raise it when we meet" in page

    @pytest.mark.parametrize("audience", ["", "everybody", "all"])
    def test_any_other_choice_is_refused(self, client, ruth_asked, audience):
        begin(client, ruth_asked)
        client.post(f"{people.link(ruth_asked)}5/", {"item": "tension", "answer": "clearly"})
        response = client.post(f"{people.link(ruth_asked)}who/", {"audience": audience})
        assert response.status_code == 400
        assert "Choose one of these." in text(response)

    def test_nobody_is_asked_who_said_no(self, client, occasion):
        begin(client, occasion)
        after = client.post(f"{people.link(occasion)}9/", {"item": "tension", "answer": "no"})
        assert after.headers["Location"] == f"{people.link(occasion)}1/"
        assert client.get(f"{people.link(occasion)}who/").status_code == 302


class TestDevices:
    def test_on_a_new_device_the_form_is_as_if_nobody_had_answered(self, client, occasion):
        for n, item in enumerate(("goal", "task"), 1):
            begin(client, occasion)
            client.post(f"{people.link(occasion)}{n}/", {"item": item, "answer": "3", "go": "next"})
        other = Client()
        assert begin(other, occasion) == f"{people.link(occasion)}1/"
        page = text(other.get(f"{people.link(occasion)}1/"))
        assert " checked" not in page
        assert "hidden here" not in page
        assert 'value="3" checked' in text(client.get(f"{people.link(occasion)}1/"))
        assert begin(client, occasion) == f"{people.link(occasion)}3/"

    def test_what_was_answered_elsewhere_stands_and_this_is_kept_beside_it(self, client, occasion):
        """On a shared phone or tablet the next person would overwrite it unseen."""
        client.post(begin(client, occasion), {"item": "goal", "answer": "3", "go": "next"})
        other = Client()
        begin(other, occasion)
        on = other.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "9"})
        assert on.headers["Location"] == f"{people.link(occasion)}2/"
        assert Answer.objects.get().value == 3.0
        assert LaterAnswer.objects.get().value == 9.0
        assert 'value="9" checked' in text(other.get(f"{people.link(occasion)}1/"))
        other.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "8"})
        assert LaterAnswer.objects.get().value == 8.0, "one device, one later answer"

    def test_back_leads_to_the_question_before(self, client, occasion):
        client.post(begin(client, occasion), {"item": "goal", "answer": "3", "go": "next"})
        other = Client()
        begin(other, occasion)
        other.post(f"{people.link(occasion)}2/", {"item": "task", "answer": "4", "go": "next"})
        back = other.post(f"{people.link(occasion)}3/", {"item": "bond", "go": "back"})
        assert back.headers["Location"] == f"{people.link(occasion)}2/"
        assert 'value="4" checked' in text(other.get(f"{people.link(occasion)}2/"))
        back = other.post(f"{people.link(occasion)}2/", {"item": "task", "go": "back"})
        assert back.headers["Location"] == f"{people.link(occasion)}1/"
        assert " checked" not in text(other.get(f"{people.link(occasion)}1/"))

    @pytest.mark.parametrize("way_out", ["later/", "leave/"])
    def test_once_the_form_is_left_the_same_device_shows_nothing_either(self, client, occasion, way_out):
        client.post(begin(client, occasion), {"item": "goal", "answer": "3", "go": "next"})
        client.get(people.link(occasion) + way_out)
        assert begin(client, occasion) == f"{people.link(occasion)}1/"
        assert " checked" not in text(client.get(f"{people.link(occasion)}1/"))
        assert Answer.objects.get().value == 3.0

    def test_who_may_take_it_up_is_not_shown_or_changed_on_another_device(self, client, ruth_asked):
        begin(client, ruth_asked)
        client.post(f"{people.link(ruth_asked)}5/", {"item": "tension", "answer": "clearly"})
        client.post(f"{people.link(ruth_asked)}who/", {"audience": "know_only"})
        other = Client()
        begin(other, ruth_asked)
        assert other.get(f"{people.link(ruth_asked)}who/").status_code == 302
        other.post(f"{people.link(ruth_asked)}who/", {"audience": "therapist"})
        assert not LaterAnswer.objects.exists(), "nothing was said on this device that could be taken up"
        other.post(f"{people.link(ruth_asked)}5/", {"item": "tension", "answer": "little"})
        other.post(f"{people.link(ruth_asked)}who/", {"audience": "therapist"})
        assert Answer.objects.get(item="tension").audience == "know_only"
        assert [r.audience for r in Release.objects.all()] == ["know_only"]
        assert LaterAnswer.objects.get(item="audience").choice == "therapist"

    def test_a_device_that_keeps_no_cookie_may_change_what_such_a_one_answered_and_is_told_so(self, occasion):
        address = people.link(occasion)
        Client().post(f"{address}1/", {"item": "goal", "answer": "3"})
        page = text(Client().get(f"{address}1/"))
        assert "the answer is hidden here" in page
        assert " checked" not in page
        Client().post(f"{address}1/", {"item": "goal", "answer": "5"})
        assert Answer.objects.get().value == 5.0

    def test_it_works_without_any_cookie_and_without_a_csrf_token(self, occasion):
        address, n = people.link(occasion), 0
        while not address.endswith("/done/"):
            browser = Client(enforce_csrf_checks=True)
            if address == people.link(occasion):
                address = browser.post(address).headers["Location"]
                continue
            n += 1
            page = shown_form(browser.get(address))
            answer = "6" if page.is_scale else "no"
            address = browser.post(address, {"item": page.item, "answer": answer}).headers["Location"]
        assert n == 9
        assert Response.objects.get().state == ResponseState.COMPLETED

    def test_a_forged_device_cookie_counts_as_none(self, client, occasion):
        client.post(begin(client, occasion), {"item": "goal", "answer": "3", "go": "next"})
        other = Client()
        other.cookies[DEVICE_COOKIE] = "guessed:word"
        assert " checked" not in text(other.get(f"{people.link(occasion)}1/"))


class TestDone:
    def test_it_says_that_the_answers_are_saved_and_what_comes_next(
        self, client, occasion, couple, ines, now
    ):
        people.plan(couple, ines, now + timedelta(days=30), at=now)
        page = text(client.get(walk(client, occasion)[-1]))
        assert "Thank you, Lea. That’s everything." in page
        assert "Your answers are saved and with Ines." in page
        day = now.astimezone(ZoneInfo("America/Chicago")) + timedelta(days=30)
        assert f"{day.day} {day:%B}, " in page
        assert "Tell Ines" not in page
        assert "My own answers" not in page

    def test_own_answers_show_once_to_somebody_alone_in_treatment(self, client, ruth_asked):
        done = walk(client, ruth_asked, goal="0")[-1]
        page = text(client.get(done))
        assert "My own answers" in page
        assert '<dd>0 <span class="caption">of 10</span></dd>' in page
        assert "Ines worked with me toward what I want to change." in page
        assert "My own answers" not in text(client.get(done))

    def test_they_show_once_to_whom_the_last_page_was_lost(self, client, ruth_asked):
        done = walk(client, ruth_asked, goal="0")[-1]
        assert "My own answers" not in text(client.get(people.link(ruth_asked)))
        assert client.post(people.link(ruth_asked)).headers["Location"] == done
        assert "My own answers" in text(client.get(done))
        assert begin(client, ruth_asked) == f"{people.link(ruth_asked)}1/"

    def test_nor_elsewhere(self, client, ruth_asked):
        done = walk(client, ruth_asked, goal="0")[-1]
        assert "My own answers" not in text(Client().get(done))

    def test_what_was_answered_on_two_devices_is_not_shown_on_the_other(self, client, ruth_asked):
        client.post(begin(client, ruth_asked), {"item": "goal", "answer": "3", "go": "next"})
        other = Client()
        page = text(other.get(walk(other, ruth_asked)[-1]))
        assert page.count('<dd>6 <span class="caption">of 10</span></dd>') == 4
        assert "<dd>3 " not in page

    def test_a_skipped_answer_is_called_skipped(self, client, ruth_asked):
        begin(client, ruth_asked)
        client.post(f"{people.link(ruth_asked)}1/", {"item": "goal", "go": "skip"})
        page = text(client.get(walk(client, ruth_asked)[-1]))
        assert "<dd>skipped</dd>" in page

    def test_members_of_couples_cannot_review_even_on_their_device(self, client, occasion):
        assert "My own answers" not in text(client.get(walk(client, occasion)[-1]))

    def test_a_shared_device_is_handed_on_and_its_browser_drops_what_it_kept(self, client, ruth_asked):
        done = walk(client, ruth_asked)[-1]
        assert f"{people.link(ruth_asked)}handed-over/" in text(client.get(done))
        page = client.get(f"{people.link(ruth_asked)}handed-over/")
        assert page.headers["Clear-Site-Data"] == '"cache"'
        assert "Ruth" not in text(page)
        assert "It can go to somebody else now." in text(page)

    def test_if_only_the_last_page_was_lost_starting_again_completes_it(self, client, ruth_asked, now):
        for item in ("goal", "task", "bond", "safety"):
            save_answer(occasion=ruth_asked, item=item, given=6, at=now)
        save_answer(occasion=ruth_asked, item="tension", given="no", at=now)
        assert begin(client, ruth_asked).endswith("/done/")
        assert Response.objects.get().state == ResponseState.COMPLETED


def time_of(link, question, mark, **fields):
    data = QueryDict(mutable=True)
    data.update({"shown": mark, **fields})
    return AnswerTime.read(data, link, question)


class TestElapsed:
    @pytest.fixture
    def link(self, occasion, now):
        return OpenedLink("token", occasion, occasion.respondent, None, LinkState.OPEN, "", now)

    def test_it_is_the_time_between_showing_and_answering(self, link, now):
        question = link.form.questions[0]
        mark = shown_mark(link, question)
        sent = replace(link, at=now + timedelta(seconds=4.2))
        assert time_of(sent, question, mark) == AnswerTime(sent.at, 4200, shown_at=now)

    def test_the_time_an_answer_waited_on_the_phone_is_no_part_of_it(self, link, now):
        mark = shown_mark(link, link.form.questions[0])
        sent = replace(link, at=now + timedelta(seconds=64.2))
        chosen_at = now + timedelta(seconds=4.2)
        assert time_of(sent, link.form.questions[0], mark, waited="60000") == AnswerTime(
            chosen_at, 4200, shown_at=now
        )

    def test_no_answer_was_chosen_before_its_question_was_shown(self, link, now):
        sent = replace(link, at=now + HOUR)
        mark = shown_mark(link, link.form.questions[0])
        assert time_of(sent, link.form.questions[0], mark, waited=str(10**9)) == AnswerTime(
            now, 0, shown_at=now
        )
        assert time_of(sent, link.form.questions[0], "", waited="5000") == AnswerTime(sent.at, None)

    def test_a_mark_that_is_altered_missing_of_another_question_or_hours_old_tells_nothing(self, link, now):
        first, second = link.form.questions[:2]
        mark = shown_mark(link, first)
        assert time_of(link, first, f"1{mark}").elapsed_ms is None
        assert time_of(link, first, "").elapsed_ms is None
        assert time_of(link, second, mark).elapsed_ms is None
        assert [
            time_of(link, q, m).shown_at for q, m in ((first, f"1{mark}"), (first, ""), (second, mark))
        ] == [
            None,
            None,
            None,
        ]
        assert time_of(replace(link, at=now + 2 * HOUR), first, mark).elapsed_ms is None
        assert time_of(replace(link, at=now - HOUR), first, mark).elapsed_ms is None

    def test_it_is_stored_with_the_answer(self, client, occasion):
        walk(client, occasion)
        assert all(0 <= a.elapsed_ms < 60_000 for a in Answer.objects.all())


class TestWeight:
    def test_a_whole_visit_fits_into_sixty_kilobytes(self, client, occasion):
        """Pages as sent (gzip), a kilobyte of headers for every exchange, and the files once."""
        sent = 0
        for address in [people.link(occasion), *walk(client, occasion, tension="clearly")]:
            response = client.get(address, headers={"Accept-Encoding": "gzip"})
            sent += len(response.content) + 1024
        files = ("tokens.css", "goldseam.css", "sprite.svg", "portal.js")
        for name in files:
            with open(finders.find(f"goldseam/{name}"), "rb") as file:  # noqa: PTH123
                sent += len(gzip.compress(file.read())) + 1024
        assert sent <= 60 * 1024

    def test_nothing_comes_from_elsewhere(self, client, occasion):
        page = text(client.get(begin(client, occasion)))
        loaded = re.findall(r'(?:src|href)="(https?:[^"]+)"', page)
        assert loaded == []
        assert "style=" not in page

    def test_a_page_takes_few_queries(self, client, occasion, django_assert_max_num_queries):
        address = begin(client, occasion)
        client.post(address, {"item": "goal", "answer": "3"})
        for path in (people.link(occasion), address):
            with django_assert_max_num_queries(8):
                client.get(path)
