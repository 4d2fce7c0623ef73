"""A client's own answers, by a word: everything that is theirs, and for anybody else a page with nothing on it.

What is expected follows from the rules of the product; ratings and days are those the tests put in themselves.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.measures.mending_tables import MetElsewhere
from goldseam_web.measures.own_word_tables import OwnWord
from goldseam_web.measures.services.own_words import (
    MOST_TRIES,
    choose_own_word,
    opens_own_course,
    withdraw_own_word,
)
from tests.web import people
from tests.web.staff_pages import signed_in
from tests.web.test_after_the_form import HOUR, chosen, sent, words

HER_WORD = "copper kettle"


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
def meeting(couple, ines, now):
    people.meet(couple, ines, now - 50 * HOUR)
    return people.meet(couple, ines, now - HOUR)


@pytest.fixture
def hers(meeting, lea):
    return people.asked(meeting, lea)


def choose(member, now, word=HER_WORD):
    choose_own_word(member=member, word=word, at=now, actor=SYSTEM)


def asked(occasion, word, browser=None):
    """As a browser does: the form is opened, and sent once."""
    browser, address = browser or Client(), f"{people.link(occasion)}own/"
    return browser.post(address, {"word": word, "shown": shown_on(browser.get(address))})


def shown_on(form):
    return re.search(r'name="shown" value="([^"]*)"', form.content.decode()).group(1)


def tried(member, word, at):
    return opens_own_course(member=member, word=word, form_shown_at=at, at=at) is not None


def bare(page):
    return re.sub(r'name="(shown|mine)" value="[^"]*"', "", page.content.decode())


class TestWhatTheClientReads:
    def test_their_ratings_of_their_own_relations_as_sentences_and_a_line(self, hers, lea, now):
        people.answer(hers, now, level=7)
        choose(lea, now)
        page = asked(hers, HER_WORD)
        text = words(page)
        assert re.search(r"On \d+ \w+ \d{4} you gave 7\.0 of 10\.", text)
        for title in ("You and Ines", "Your partner and Ines", "All of you and Ines", "You with each other"):
            assert title in text
        assert page.content.decode().count("<polyline") == 4

    def test_first_and_last_over_time(self, ines, now):
        case = people.individual(ines, now)
        ruth = people.member(case, "Ruth")
        for hours, level in ((50, 4), (1, 8)):
            occasion = people.asked(people.meet(case, ines, now - hours * HOUR), ruth)
            people.answer(occasion, now - (hours - 1) * HOUR, level=level)
        choose(ruth, now)
        assert re.search(
            r"You gave 4\.0 of 10 on [^,]*, and 8\.0 on [^;]*; 2 times in all",
            words(asked(occasion, HER_WORD)),
        )

    def test_what_they_said_and_tapped_for_themselves(self, hers, lea, now):
        choose(lea, now - 2 * HOUR)
        browser = Client()
        said = {"mended": ["understand_better"], "elsewhere": "family"}
        chosen(browser, hers, sent(browser, hers), taken_up="mended", **said)
        text = words(asked(hers, HER_WORD))
        assert "Yes, and it is all right between us" in text
        assert "We understand each other better" in text
        assert "In my family. You tapped that for yourself." in text

    def test_what_came_from_another_device_is_not_theirs_for_sure(self, hers, lea, now):
        choose(lea, now - 2 * HOUR)
        browser, other = Client(), Client()
        chosen(browser, hers, sent(browser, hers), taken_up="mended")
        chosen(other, hers, sent(other, hers, "10"), taken_up="mended", elsewhere="work")
        assert MetElsewhere.objects.get().place == "work"
        assert "You tapped that for yourself" not in words(asked(hers, HER_WORD))

    def test_who_chooses_a_new_word_in_their_name_reads_none_of_the_taps_before_it(self, hers, lea, now):
        choose(lea, now - 2 * HOUR)
        browser = Client()
        chosen(browser, hers, sent(browser, hers), taken_up="mended", elsewhere="family")
        MetElsewhere.objects.update(said_at=now - HOUR)
        choose(lea, now, "another word")
        text = words(asked(hers, "another word"))
        assert "it is all right between us" in text
        assert "You tapped that for yourself" not in text

    def test_nothing_of_anybody_else(self, hers, lea, meeting, couple, now):
        people.answer(hers, now, level=7)
        choose(lea, now)
        before = bare(asked(hers, HER_WORD))
        people.answer(people.asked(meeting, people.member(couple, "Tomas")), now, level=1)
        assert bare(asked(hers, HER_WORD)) == before

    def test_capitals_spaces_and_accents_make_no_difference(self, hers, lea, now):
        people.answer(hers, now)
        choose(lea, now, "Caf\u00e9 Kettle")
        assert "There is nothing to show." not in words(asked(hers, " cafe\u0301kettle "))


class TestWhoeverElseHoldsThePhone:
    def test_a_wrong_word_no_word_and_an_empty_course_are_the_same_page(self, hers, lea, now):
        choose(lea, now)
        empty = asked(hers, HER_WORD).content
        people.answer(hers, now, level=7)
        wrong = asked(hers, "not her word").content
        withdraw_own_word(member=lea, at=now, actor=SYSTEM)
        none = asked(hers, HER_WORD).content
        assert empty == wrong == none
        assert b"There is nothing to show." in wrong

    def test_the_page_before_is_the_same_with_and_without_a_word(self, hers, lea, now):
        pages = [bare(Client().get(f"{people.link(hers)}{path}")) for path in ("own/", "privacy/", "")]
        choose(lea, now)
        people.answer(hers, now)
        asked(hers, HER_WORD)
        assert [
            bare(Client().get(f"{people.link(hers)}{path}")) for path in ("own/", "privacy/", "")
        ] == pages

    def test_the_work_is_the_same_in_the_same_order(self, hers, lea, now):
        """Statement by statement, with the values taken out."""
        people.answer(hers, now)
        asked(hers, "a first try")

        def work(word):
            with CaptureQueriesContext(connection) as queries:
                asked(hers, word)
            return [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"]) for query in queries]

        without = work(HER_WORD)
        choose(lea, now)
        assert work("not her word") == without
        assert work(HER_WORD) == without
        counted = [one for one in without if not re.match("BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK", one)]
        assert len(counted) <= 1 + 8, "one for the form, and what a page of clients may ask at most"

    def test_going_back_in_the_browser_and_sending_the_form_again_opens_nothing(self, hers, lea, now):
        people.answer(hers, now, level=7)
        choose(lea, now)
        browser, address = Client(), f"{people.link(hers)}own/"
        form = {"word": HER_WORD, "shown": shown_on(browser.get(address))}
        assert "of 10" in words(browser.post(address, form))
        assert "There is nothing to show." in words(browser.post(address, form))

    def test_a_form_of_one_member_opens_nothing_of_another(self, hers, lea, meeting, couple, now):
        people.answer(hers, now, level=7)
        choose(lea, now)
        his = people.asked(meeting, people.member(couple, "Tomas"))
        form = {"word": HER_WORD, "shown": shown_on(Client().get(f"{people.link(his)}own/"))}
        assert "There is nothing to show." in words(Client().post(f"{people.link(hers)}own/", form))

    def test_where_it_does_not_open_nothing_of_hers_is_read(self, hers, lea, now):
        """So how long it takes cannot tell how much there is."""
        browser = Client()
        choose(lea, now - 2 * HOUR)
        chosen(
            browser, hers, sent(browser, hers), taken_up="mended", mended="did_differently", elsewhere="work"
        )
        with CaptureQueriesContext(connection) as queries:
            asked(hers, "not her word")
        read = [
            q["sql"]
            for q in queries
            if re.search(r'FROM "measures_(score|response|mendingtap|metelsewhere)', q["sql"])
        ]
        hers_by_id = (lea.pk.hex, str(lea.pk))
        read = [sql for sql in read if 'measures_occasion"."nonce"' not in sql]
        assert len(read) == 4
        assert not any(one in sql for sql in read for one in hers_by_id)

    def test_hashing_is_done_whether_or_not_there_is_a_word(self, hers, lea, now, monkeypatch):
        compared = []
        monkeypatch.setattr(
            "goldseam_web.measures.services.own_words.check_password", lambda *given: compared.append(given)
        )
        asked(hers, HER_WORD)
        choose(lea, now)
        asked(hers, HER_WORD)
        assert len(compared) == 2
        assert all(stored for _, stored in compared)

    def test_the_others_word_opens_nothing_of_hers(self, hers, lea, couple, now):
        people.answer(hers, now)
        choose(lea, now)
        choose(people.member(couple, "Tomas"), now, "his own word")
        assert "There is nothing to show." in words(asked(hers, "his own word"))

    def test_the_link_itself_opens_nothing_also_on_the_own_device(self, hers, lea, now):
        browser = Client()
        sent(browser, hers)
        choose(lea, now)
        assert "of 10" not in words(browser.get(f"{people.link(hers)}own/"))
        shown = shown_on(browser.get(f"{people.link(hers)}own/"))
        for form in (
            {},
            {"word": ""},
            {"word": HER_WORD},
            {"word": "", "shown": shown},
            {"word": HER_WORD, "shown": "x"},
        ):
            page = browser.post(f"{people.link(hers)}own/", form)
            assert "There is nothing to show." in words(page)

    def test_nothing_of_it_stays_on_the_device(self, hers, lea, now):
        people.answer(hers, now)
        choose(lea, now)
        browser = Client()
        page = asked(hers, HER_WORD, browser)
        assert page.headers["Cache-Control"] == "no-store, private"
        assert page.headers["Clear-Site-Data"] == '"cache"'
        assert not browser.cookies
        form = browser.get(f"{people.link(hers)}own/").content.decode()
        assert 'type="password"' not in form, "a browser would offer to keep the word"
        assert HER_WORD not in page.content.decode()


class TestTooManyTries:
    def test_after_ten_in_a_day_the_right_word_opens_nothing_until_the_day_is_over(self, lea, now):
        choose(lea, now)

        before = now - timedelta(minutes=MOST_TRIES)
        opened = [tried(lea, "not her word", before + timedelta(minutes=k)) for k in range(MOST_TRIES)]
        assert opened == [False] * MOST_TRIES
        assert not tried(lea, HER_WORD, before + timedelta(hours=23))
        assert tried(lea, HER_WORD, before + timedelta(hours=24))

    def test_tries_are_counted_without_a_word_and_a_new_word_does_not_start_anew(self, lea, now):
        for k in range(MOST_TRIES):
            tried(lea, "guessed", now + timedelta(seconds=k))
        assert OwnWord.objects.get().tries == MOST_TRIES
        choose(lea, now)
        assert not tried(lea, HER_WORD, now + HOUR)

    def test_right_ones_count_too(self, lea, now):
        choose(lea, now)
        opened = [tried(lea, HER_WORD, now + timedelta(seconds=k)) for k in range(MOST_TRIES + 2)]
        assert opened == [True] * MOST_TRIES + [False] * 2

    def test_each_try_is_on_record_without_a_word_of_it(self, hers, lea, now):
        people.answer(hers, now)
        choose(lea, now)
        asked(hers, "not her word")
        asked(hers, HER_WORD)
        entries = AuditEntry.objects.filter(action="own_course.ask").order_by("at")
        assert [entry.details for entry in entries] == [{"opened": False}, {"opened": True}]
        assert {entry.object_id for entry in entries} == {str(lea.pk)}


class TestChoosingItWithThem:
    def post(self, ines, couple, **form):
        return signed_in(ines).post(f"/cases/{couple.pk}/own-words/", form, follow=True)

    def test_it_is_stored_hashed_and_shown_nowhere(self, ines, couple, lea):
        page = self.post(ines, couple, member=lea.position, act="choose", word=HER_WORD)
        assert "Kept. The word of Lea is shown nowhere" in words(page)
        assert "A word was chosen on" in words(page)
        assert "kettle" not in page.content.decode()
        stored = OwnWord.objects.get()
        assert stored.member == lea
        assert "kettle" not in stored.word_hash
        entry = AuditEntry.objects.get(action="own_word.choose")
        assert entry.details == {}

    def test_a_short_one_is_refused_with_the_reason(self, ines, couple, lea):
        page = self.post(ines, couple, member=lea.position, act="choose", word="a b c d")
        assert "The word needs 8 to 64 letters or digits; it has 4." in words(page)
        assert not OwnWord.objects.exists()

    def test_it_can_be_taken_back(self, ines, couple, lea, now):
        choose(lea, now)
        page = self.post(ines, couple, member=lea.position, act="withdraw")
        assert "The word of Lea opens nothing any more." in words(page)
        assert not tried(lea, HER_WORD, now + HOUR)

    def test_tries_show_nowhere_on_the_page(self, ines, couple, lea, hers, now):
        seat = signed_in(ines)
        address = f"/cases/{couple.pk}/own-words/"

        def page():
            return re.sub(r'value="[^"]*"', "", seat.get(address).content.decode())

        before = page()
        asked(hers, "guessed by somebody")
        assert page() == before

    @pytest.mark.parametrize("form", [{}, {"member": "9", "act": "choose"}, {"member": "1", "act": "read"}])
    def test_a_form_with_a_gap_changes_nothing(self, ines, couple, form):
        assert "Choose what is to be done, and for whom." in words(self.post(ines, couple, **form))
        assert not OwnWord.objects.exists()
