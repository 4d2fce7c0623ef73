"""Somebody who takes the phone: they cannot tell how far the form is, and what they answer changes nothing.

What is expected follows from the rules of the product: the first answers stand.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus, Evaluation
from goldseam_web.measures.models import Answer, EvaluationJob, LaterAnswer, Response, Score
from goldseam_web.measures.services import save_answer
from goldseam_web.measures.services.company import set_in_company
from tests.web import histories, people
from tests.web.shown_form import shown_form
from tests.web.staff_pages import signed_in

HOUR = timedelta(hours=1)
OWN_PHONE = "the hash of one's own phone"
PATHS = ["", "later/", "help/", "speak/", "1/", "5/", "who/", "all/", "done/"]
ITEMS = ("goal", "task", "bond", "safety")


@pytest.fixture
def occasion(ines, now):
    couple = people.couple(ines, now)
    return people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))


def pages(occasion, browser):
    """Every page of a link, without the moment it was shown at."""
    found = {}
    for path in PATHS:
        response = browser.get(f"{people.link(occasion)}{path}")
        page = re.sub(r'name="shown" value="[^"]*"', "", response.content.decode())
        found[path] = (response.status_code, response.headers.get("Location"), page)
    return found


def answered(occasion, now, value=6, tension="no"):
    """On the phone of whom it is about, an hour ago: the page of thanks is long gone."""
    form = people.questionnaire(occasion, None)
    for question in form.questions:
        if question.item.shown_after is None:
            given = value if question.item.kind == "numeric" else tension
            save_answer(occasion=occasion, item=question.item.key, given=given, at=now, device=OWN_PHONE)


def walked(browser, occasion, value="10", tension="no"):
    """Go through the form in a browser, as somebody who wants it to look well."""
    address = browser.post(people.link(occasion)).headers["Location"]
    visited = []
    while not address.endswith("/done/"):
        visited.append(address)
        page = shown_form(browser.get(address))
        answer = value if page.is_scale else tension
        form = {"item": page.item, "shown": page.shown, "answer": answer, "go": "next"}
        address = browser.post(address, form).headers["Location"]
    return visited, browser.get(address)


def thanks(response):
    """The last page without the time of day, and without the mark of when it was shown."""
    page = re.sub(r'name="shown" value="[^"]*"', "", response.content.decode())
    return re.sub(r"\d?\d:\d\d", "", page)


class TestNobodyCanTell:
    @pytest.fixture
    def now(self, now):
        return now - HOUR / 2

    def test_the_pages_are_the_same_untouched_begun_and_sent(self, occasion, now):
        untouched = pages(occasion, Client())
        save_answer(occasion=occasion, item="goal", given=2, at=now, device=OWN_PHONE)
        assert pages(occasion, Client()) == untouched
        save_answer(occasion=occasion, item="tension", given="clearly", at=now, device=OWN_PHONE)
        assert pages(occasion, Client()) == untouched
        answered(occasion, now, 2)
        people.submit_response(occasion=occasion, at=now, actor=people.SYSTEM)
        assert pages(occasion, Client()) == untouched

    def test_the_way_through_the_form_is_the_same_too(self, ines, now):
        """Of two couples: of one the form is untouched, of the other it was sent."""
        ways = []
        for is_sent in (False, True):
            couple = people.couple(ines, now)
            occasion = people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))
            if is_sent:
                answered(occasion, now, 2)
                people.submit_response(occasion=occasion, at=now, actor=people.SYSTEM)
            base = people.link(occasion)
            visited, last = walked(Client(), occasion)
            ways.append(([each.removeprefix(base) for each in visited], thanks(last).replace(base, "")))
        assert ways[0] == ways[1]

    def test_the_start_asks_whether_one_can_answer_unseen(self, client, occasion):
        page = client.get(people.link(occasion)).content.decode()
        assert "Can you answer unseen just now?" in page
        assert f'href="{people.link(occasion)}later/">Not now</a>' in page

    def test_the_page_of_thanks_does_not_say_when_the_form_was_sent_first(self, client, occasion, now):
        answered(occasion, now, 2)
        people.submit_response(occasion=occasion, at=now, actor=people.SYSTEM)
        assert client.get(f"{people.link(occasion)}done/").headers["Location"] == people.link(occasion)


class TestThePageOfThanks:
    """It says that the form was sent, so it is of the browser in which that was done, until that was left."""

    @pytest.mark.parametrize("left_by", ["handed-over/", "later/", "leave/"])
    def test_no_other_browser_comes_to_it_nor_the_next_who_has_this_one(self, client, occasion, left_by):
        base = people.link(occasion)
        walked(client, occasion)
        assert client.get(f"{base}done/").status_code == 200, "shown once more"
        assert Client().get(f"{base}done/").headers["Location"] == base
        client.get(f"{base}{left_by}")
        assert client.get(f"{base}done/").headers["Location"] == base

    def test_a_browser_that_keeps_no_cookie_is_thanked_too(self, occasion):
        base = people.link(occasion)
        address = Client().post(base).headers["Location"]
        while not address.endswith("/done/"):
            page = shown_form(Client().get(address))
            form = {"item": page.item, "answer": "6" if page.is_scale else "no", "go": "next"}
            address = Client().post(address, form).headers["Location"]
        assert Client().get(address).status_code == 200


class TestTheFirstAnswersStand:
    @pytest.fixture
    def sent(self, ruth, now):
        """Five good sessions and a sixth rated 2-2-2-2, judged."""
        ines, case, who = ruth
        *before, last = histories.sessions(case, ines, 6, now)
        responses = [
            histories.rate(each, who, value) for each, value in zip(before, (8, 9, 8, 9, 8), strict=True)
        ]
        histories.judge(responses)
        occasion = people.asked(last, who)
        for item in ITEMS:
            save_answer(occasion=occasion, item=item, given=2, at=last.ends_at + HOUR / 6, device=OWN_PHONE)
        save_answer(
            occasion=occasion, item="tension", given="clearly", at=last.ends_at + HOUR / 6, device=OWN_PHONE
        )
        save_answer(
            occasion=occasion,
            item="worked_out",
            given="not_yet",
            at=last.ends_at + HOUR / 6,
            device=OWN_PHONE,
        )
        response = people.submit_response(occasion=occasion, at=last.ends_at + HOUR / 6, actor=people.SYSTEM)
        histories.judge([response])
        return occasion, response

    def test_a_forced_second_answer_leaves_the_finding_its_owner_and_its_words_unchanged(
        self, sent, ines, now
    ):
        occasion, response = sent
        seat = signed_in(ines)

        def state():
            return [
                list(model.objects.order_by("pk").values())
                for model in (Answer, Score, Evaluation, AlertSignal, Episode, EvaluationJob, Response)
            ]

        signals = AlertSignal.objects.filter(response=response)
        assert signals.exists()
        address = f"/signals/{signals.first().pk}/"
        page = _main(seat.get(address, follow=True))
        before = state()  # of which the look is a part
        visited, _ = walked(Client(), occasion)
        assert len(visited) == 5
        assert state() == before
        assert LaterAnswer.objects.count() == 5
        after = _main(seat.get(address, follow=True))
        assert _sentences(page) <= _sentences(after), "no word of it is gone"
        assert "Changed later" in after

    def test_it_says_what_came_first_and_what_later(self, sent, ines):
        occasion, response = sent
        walked(Client(), occasion, tension="no")
        address = f"/signals/{AlertSignal.objects.filter(response=response).first().pk}/"
        page = _words(_main(signed_in(ines).get(address, follow=True)))
        assert "first 2, later 10" in page
        assert "first Yes, clearly, later No" in page

    def test_a_double_tap_on_the_last_page_keeps_nothing_beside(self, client, occasion):
        base = people.link(occasion)
        address = client.post(base).headers["Location"]
        while not address.endswith("/done/"):
            page, last = shown_form(client.get(address)), address
            form = {"item": page.item, "answer": "6" if page.is_scale else "no", "go": "next"}
            address = client.post(address, form).headers["Location"]
        assert client.post(last, form).headers["Location"] == f"{base}done/"
        assert not LaterAnswer.objects.exists()

    def test_once_the_window_is_over_nothing_more_is_kept(self, sent, now):
        occasion, _ = sent
        type(occasion).objects.filter(pk=occasion.pk).update(closes_at=now - HOUR / 2)
        browser = Client()
        browser.post(people.link(occasion))
        answer = browser.post(f"{people.link(occasion)}1/", {"item": "goal", "answer": "10"})
        assert answer.status_code == 410
        assert not LaterAnswer.objects.exists()


class TestSomebodyWasThere:
    """Eight, nine, eight, nine, eight: then the sixth form. The limit of such a course is far above 2 (by hand)."""

    def rated(self, ruth, now, *levels):
        ines, case, who = ruth
        course = (8, 9, 8, 9, 8, *levels)
        meetings = histories.sessions(case, ines, len(course), now)
        responses = []
        for meeting, level in zip(meetings, course, strict=True):
            responses.append(
                histories.rate(meeting, who, level, {"tension": "little"} if level == 2 else None)
            )
            histories.judge(responses[-1:])
        return responses

    def seen(self, response, now, *, in_company=True):
        set_in_company(occasion=response.occasion, in_company=in_company, at=now, actor=people.SYSTEM)
        response.refresh_from_db()
        histories.judge([response])

    def test_what_it_raised_stays_open(self, ruth, now):
        *_, low = self.rated(ruth, now, 2)
        before = list(AlertSignal.objects.order_by("pk").values())
        assert before
        self.seen(low, now)
        assert list(AlertSignal.objects.order_by("pk").values()) == before
        assert Episode.objects.get().status == EpisodeStatus.OPEN

    def test_ratings_that_came_back_in_company_are_no_return(self, ruth, now):
        *_, first, second, third = self.rated(ruth, now, 2, 8, 9, 8)
        assert Episode.objects.get().repair_encounter == first.occasion.encounter
        for each in (first, second, third):
            self.seen(each, now)
        episode = Episode.objects.get()
        assert (episode.status, episode.repair_encounter) == (EpisodeStatus.OPEN, None)
        self.seen(first, now, in_company=False)
        assert Episode.objects.get().repair_encounter == first.occasion.encounter

    def test_it_leaves_every_baseline(self, ruth, now):
        *_, forced, last = self.rated(ruth, now, 10, 8)
        said = Evaluation.objects.filter(encounter=last.occasion.encounter, superseded_by=None)
        before = said.get(criterion="predictive", series__scale="self_therapist").earlier_ratings
        self.seen(forced, now)
        after = said.get(criterion="predictive", series__scale="self_therapist")
        assert (before, after.earlier_ratings) == (6, 5)

    def test_a_yes_said_in_company_is_no_yes_and_a_no_stays_one(self, ruth, now):
        ines, case, who = ruth
        meetings = histories.sessions(case, ines, 8, now)
        given = [{}] * 5 + [
            {"tension": "clearly", "worked_out": "not_yet"},
            {},
            {"tension": "little", "worked_out": "yes"},
        ]
        responses = []
        for meeting, level, said in zip(meetings, (8, 9, 8, 9, 8, 2, 8, 9), given, strict=True):
            responses.append(histories.rate(meeting, who, level, said))
            histories.judge(responses[-1:])
        assert Episode.objects.get().client_said_repaired_at is not None
        self.seen(responses[-1], now)
        episode = Episode.objects.get()
        assert episode.client_said_repaired_at is None
        assert episode.client_confirmed_at is not None

    def test_it_is_said_in_the_next_form_of_the_last_one_answered(self, ruth, now):
        ines, case, who = ruth
        first, second = histories.sessions(case, ines, 2, now)
        assert "Last time somebody was with me" not in self.start(people.asked(first, who))
        response = histories.rate(first, who, 10)
        address = people.link(people.asked(second, who))
        assert "Last time somebody was with me" in self.start(people.asked(second, who))
        Client().post(address)
        response.refresh_from_db()
        assert response.in_company_at is None
        Client().post(address, {"company": "yes"})
        response.refresh_from_db()
        assert response.in_company_at is not None

    def start(self, occasion):
        return re.sub(r"\s+", " ", Client().get(people.link(occasion)).content.decode())

    def test_staff_can_say_it_and_take_it_back(self, ruth, now):
        ines, _, _ = ruth
        *_, low = self.rated(ruth, now, 2)
        seat, address = signed_in(ines), f"/encounters/{low.occasion.encounter_id}/"
        assert "Somebody was with Ruth" in _words(seat.get(address).content.decode())
        page = seat.post(f"/links/{low.occasion.pk}/company/", {"act": "yes"}, follow=True)
        assert "what they raised stays open." in _words(page.content.decode())
        page = seat.post(f"/links/{low.occasion.pk}/company/", {"act": "no"}, follow=True)
        assert "These answers count again." in _words(page.content.decode())
        low.refresh_from_db()
        assert low.in_company_at is None


def _main(response):
    return re.search(r"<main.*?</main>", response.content.decode(), re.DOTALL).group()


def _words(page):
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))


def _sentences(page):
    return set(filter(None, (each.strip() for each in re.sub("<[^>]*>", "\n", page).splitlines())))
