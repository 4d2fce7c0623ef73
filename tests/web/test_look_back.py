"""Looking back at the end: who is offered it, what a link leads to, and what each may do with their own page.

What is expected follows from the rules of the product, by hand. When an episode is gold: test_alerts_gold.py.
"""

import re
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldseam_web.alerts.look_back_links import needs_word
from goldseam_web.alerts.look_back_tables import LookBack, LookBackState
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.services.case_deletion import delete_case
from goldseam_web.alerts.services.look_back_choices import words_of
from goldseam_web.alerts.services.look_back_offers import _render
from goldseam_web.alerts.services.worker import tidy
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Ending, Member
from goldseam_web.cases.queries import display_name
from goldseam_web.cases.services.endings import set_last_phase
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.measures.mail_state import LOOK_BACK
from goldseam_web.measures.mending_tables import Mended, MetElsewhere
from goldseam_web.measures.models import Answer, Response
from goldseam_web.measures.own_measures import HOME_ITEM
from goldseam_web.measures.services.own_words import choose_own_word, withdraw_own_word
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_died,
    member_left,
    pause_member,
    record_agreement,
)
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.at_the_end import (
    DAY,
    HOUR,
    WORDS,
    all_can_be_mailed,
    announced,
    asked,
    bare,
    does,
    field,
    link,
    mail_is_safe,
    mended,
    offered,
    queued,
    tapped,
)
from tests.web.kept_rows import kept
from tests.web.postbox import send_next
from tests.web.staff_pages import signed_in, words
from tests.web.test_joint_view import without_marks

pytestmark = pytest.mark.django_db
SOURCE = Path("src/goldseam_web")
NOTHING = "There is nothing to show."


@pytest.fixture(autouse=True)
def _mails(settings):
    settings.GOLDSEAM_DEMO = True


@pytest.fixture
@kept
def scene(cast, now):
    return mended(cast, now)


@pytest.fixture
def lea(scene):
    return people.member(scene.couple, "Lea")


@pytest.fixture
def ruth(scene):
    return people.member(scene.individual, "Ruth")


@pytest.fixture
def hers(scene, lea, now):
    announced(scene.couple, now)
    return offered(lea, now)


def to_whom():
    sent = Message.objects.filter(purpose=LOOK_BACK)
    members = Member.objects.filter(person__in=sent.values("person"))
    return sorted(display_name(who) for who in members.select_related("person__identity"))


def send_all(now):
    while send_next(worker="test", at=now):
        pass


def state():
    return Message.objects.filter(purpose=LOOK_BACK).latest("queued_at").state


class TestWhoIsOffered:
    @pytest.fixture(autouse=True)
    def _ways(self, scene, now):
        all_can_be_mailed(scene, now)

    def test_nobody_before_the_end_was_spoken_of_and_stood_for_a_day(self, scene, now):
        assert queued(now) == 0
        for case in (scene.couple, scene.individual):
            announced(case, now, days=0)
        assert queued(now) == 0
        assert queued(now + DAY) == 3
        assert to_whom() == ["Lea", "Ruth", "Tomas"]

    def test_each_once(self, scene, now):
        announced(scene.couple, now)
        assert queued(now) == 2
        send_all(now)
        assert state() == MessageState.SENT
        end_case(case=scene.couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        assert queued(now + 2 * DAY) == 0

    def test_where_a_case_ended_as_planned_and_not_where_it_ended_otherwise_or_long_ago(self, scene, now):
        end_case(case=scene.couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        end_case(case=scene.individual, ending=Ending.DROPOUT, at=now, actor=SYSTEM)
        assert queued(now + 40 * DAY) == 0
        assert queued(now + 2 * DAY) == 2

    def test_who_comes_alone_and_has_nothing_mended_gets_nothing(self, scene, ruth, now):
        announced(scene.individual, now)
        Episode.objects.filter(case=scene.individual).update(client_said_repaired_at=None)
        assert queued(now) == 0

    def test_in_a_couple_each_is_whatever_was_mended_so_that_a_message_tells_nothing(self, scene, lea, now):
        announced(scene.couple, now)
        Episode.objects.filter(member=lea).update(client_said_repaired_at=None)
        assert queued(now) == 2
        letters = [_render(each, now) for each in Message.objects.filter(purpose=LOOK_BACK)]
        pages = LookBack.objects.filter(member__case=scene.couple)
        said = {
            letter.body.replace(link(page), "")
            for letter in letters
            for page in pages
            if link(page) in letter.body
        }
        assert len(said) == 1

    def test_in_a_couple_whoever_has_no_word_of_their_own_is_too(self, scene, lea, now):
        announced(scene.couple, now)
        withdraw_own_word(member=lea, at=now, actor=SYSTEM)
        assert queued(now) == 2
        page = LookBack.objects.get(member=lea)
        assert needs_word(page, None)

    @pytest.mark.parametrize(
        "does",
        [
            lambda who, now: mail_is_safe(who, now, never=True, by_mail=False),
            lambda who, now: pause_member(member=who, paused=True, at=now, actor=SYSTEM),
            lambda who, now: member_left(member=who, left=True, at=now, actor=SYSTEM),
            lambda who, now: member_died(member=who, died=True, at=now, actor=SYSTEM),
            lambda who, now: type(who.clinic).objects.update(offers_look_back=False),
            lambda who, now: record_agreement(
                member=who, to_be_asked=False, way="phone", at=now, actor=SYSTEM
            ),
        ],
    )
    def test_who_may_not_be_written_to_is_not_and_what_waits_is_called_off(self, scene, lea, now, does):
        announced(scene.couple, now)
        queued(now)
        does(lea, now)
        send_all(now)
        hers = Message.objects.get(purpose=LOOK_BACK, person=lea.person)
        assert hers.state == MessageState.CANCELLED
        assert queued(now) == 0

    def test_outside_their_hours_it_waits(self, scene, ruth, now):
        announced(scene.individual, now)
        local = now.astimezone(people.ZoneInfo(scene.clinic.time_zone))
        begins, ends = (time(18), time(20)) if local.hour < 12 else (time(6), time(8))
        mail_is_safe(ruth, now, not_before=begins, not_after=ends)
        queued(now)
        assert Message.objects.get(purpose=LOOK_BACK).due_at > now

    def test_what_was_called_off_since_the_end_was_taken_back_goes_when_it_is_there_again(self, scene, now):
        announced(scene.individual, now)
        queued(now)
        set_last_phase(case=scene.individual, since=None, at=now, actor=SYSTEM)
        send_all(now)
        assert state() == MessageState.CANCELLED
        assert queued(now) == 0
        announced(scene.individual, now)
        assert queued(now) == 1
        assert LookBack.objects.count() == 1, "by the same link"

    def test_the_worker_does_it_where_the_clinic_may_write(self, scene, now, settings, monkeypatch):
        announced(scene.individual, now)
        tidy(at=now)
        assert to_whom() == [], "the clinic's list says what is missing"
        monkeypatch.setattr("goldseam_web.alerts.services.worker.is_ready", lambda *_, **__: True)
        settings.GOLDSEAM_RECORD_ONLY = True
        tidy(at=now)
        assert to_whom() == []
        settings.GOLDSEAM_RECORD_ONLY = False
        tidy(at=now)
        assert to_whom() == ["Ruth"]

    def test_no_word_of_what_it_is_about_leaves_the_house(self, scene, now):
        announced(scene.individual, now)
        queued(now)
        page, letter = LookBack.objects.get(), _render(Message.objects.get(purpose=LOOK_BACK), now)
        said = letter.body.replace(link(page), "")
        assert clinical_words(f"{letter.subject} {said}") == []
        for told in ("Ruth", "Ines", "mended", "end"):
            assert told not in said

    def test_with_nobody_waiting_it_is_one_statement(self, scene, now):
        with CaptureQueriesContext(connection) as read:
            queued(now)
        assert len(read) == 1


class TestTheLink:
    def test_shows_nothing_before_they_say_so_and_writes_nothing(self, hers):
        page = Client().get(link(hers))
        assert page.headers["Referrer-Policy"] == "no-referrer"
        said = words(page)
        assert "Would you like to look back?" in said
        assert "mended" not in said
        assert "Ines" not in said
        assert len(page.content) < 20_000

    def test_asks_for_the_word_and_then_shows_what_was_mended(self, hers):
        browser = Client()
        form = browser.post(link(hers))
        assert "Your word" in words(form)
        page = asked(hers, WORDS["Lea"], browser)
        assert "It got harder once, and it was mended." in words(page)
        assert b"seam-body" in page.content
        assert page.headers["Clear-Site-Data"] == '"cache"'

    def test_a_wrong_word_is_the_page_of_nothing_whatever_there_is(self, hers, now):
        found = set()
        for said in (now, None):
            Episode.objects.update(client_said_repaired_at=said)
            with CaptureQueriesContext(connection) as read:
                page = asked(hers, "another word")
            found.add((bare(page), len(read)))
        ((shown, _),) = found
        assert NOTHING in shown[1]
        assert 'name="mine"' not in shown[1]

    def test_without_a_mending_their_word_opens_their_own_line_and_no_page(self, hers, lea):
        Episode.objects.filter(member=lea).update(client_said_repaired_at=None)
        page = asked(hers, WORDS["Lea"])
        assert "You and Ines" in words(page)
        assert "mended" not in words(page)
        assert b"<button" not in page.content

    def test_who_comes_alone_and_has_chosen_no_word_needs_none(self, scene, ruth, now):
        announced(scene.individual, now)
        page = offered(ruth, now)
        assert "It got harder once, and it was mended." in words(asked(page, ""))
        choose_own_word(member=ruth, word="green lantern", at=now, actor=SYSTEM)
        assert "mended" not in words(asked(page, "another word"))
        assert "mended" in words(asked(page, "green lantern"))

    def test_who_comes_alone_is_shown_nothing_by_the_link_once_nothing_is_mended(self, scene, ruth, now):
        announced(scene.individual, now)
        Episode.objects.filter(member=ruth).update(contradicted_at=now)
        assert NOTHING in words(asked(offered(ruth, now), ""))

    def test_where_the_word_was_taken_back_nothing_opens(self, hers, lea, now):
        withdraw_own_word(member=lea, at=now, actor=SYSTEM)
        assert NOTHING in words(asked(hers, WORDS["Lea"]))

    def test_opens_until_three_months_after_the_end_and_only_while_there_is_one(self, scene, hers, now):
        LookBack.objects.update(offered_at=now - 200 * DAY)
        assert Client().get(link(hers)).status_code == 200, "the end has been spoken of, and has not come"
        end_case(case=scene.couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        assert Client().get(link(hers)).status_code == 200
        type(scene.couple).objects.update(ended_on=now.date() - timedelta(days=92))
        for ask in (Client().get, Client().post):
            assert ask(link(hers)).status_code == 410
        type(scene.couple).objects.update(ended_on=now.date(), ending=Ending.DROPOUT)
        assert Client().get(link(hers)).status_code == 410

    def test_altered_from_elsewhere_of_somebody_who_left_or_died_and_where_nothing_is_looked_for(
        self, hers, lea, now, settings
    ):
        assert Client().get(link(hers)[:-3] + "x/").status_code == 404
        elsewhere = Client(headers={"Sec-Fetch-Site": "cross-site"})
        assert elsewhere.post(link(hers)).status_code == 404
        settings.GOLDSEAM_RECORD_ONLY = True
        assert Client().get(link(hers)).status_code == 404
        settings.GOLDSEAM_RECORD_ONLY = False
        member_left(member=lea, left=True, at=now, actor=SYSTEM)
        assert Client().get(link(hers)).status_code == 410


class TestTheirPage:
    def test_each_mending_can_stand_in_the_sentences_there_are_for_it(self, hers, lea, now):
        page = asked(hers, WORDS["Lea"])
        assert "we understand each other better" not in words(page), "they have not tapped it"
        tapped(lea, now, Mended.UNDERSTAND_BETTER)
        given = {"words-1": "understand_better", "stayed_open": ["later", "still_ahead"]}
        said = words(does(hers, WORDS["Lea"], "keep", **given))
        assert "Kept." in said
        shown = asked(hers, WORDS["Lea"]).content.decode().split("What stayed open")[0]
        assert "With Ines it got harder, and we understand each other better." in shown
        assert "mended by" not in shown.split("own-line-of")[1]
        kept_words = words_of(LookBack.objects.get())
        assert dict(kept_words.mendings) == {1: "understand_better"}
        assert kept_words.stayed_open == ("still_ahead", "later"), "in our order"

    def test_what_is_none_of_our_sentences_or_not_theirs_is_not_kept(self, hers):
        given = {"words-1": "did_differently", "stayed_open": ["<b>", "later"], "words-2": "no_days"}
        does(hers, WORDS["Lea"], "keep", **given)
        kept_words = words_of(LookBack.objects.get())
        assert dict(kept_words.mendings) == {1: "days"}
        assert kept_words.stayed_open == ("later",)

    def test_a_tap_taken_back_takes_its_sentence_along(self, hers, lea, now):
        tapped(lea, now, Mended.DID_DIFFERENTLY)
        does(hers, WORDS["Lea"], "keep", **{"words-1": "did_differently"})
        assert "I did something differently" in words(asked(hers, WORDS["Lea"]))
        Response.objects.filter(taken_up="mended").update(taken_up="partly")
        assert "I did something differently" not in words(asked(hers, WORDS["Lea"]))

    def test_where_they_met_it_stands_beside_it_for_their_word_alone(self, hers, lea, scene, ruth, now):
        for who in (lea, ruth):
            response = Response.objects.get(occasion__respondent=who, taken_up="mended")
            MetElsewhere.objects.create(
                clinic=who.clinic, response=response, is_of_sender=True, place="work", said_at=now
            )
        assert "where you have met it: at work." in words(asked(hers, WORDS["Lea"]))
        announced(scene.individual, now)
        assert "where you have met it" not in words(asked(offered(ruth, now), ""))

    def test_what_they_settled_elsewhere_after_it_stands_beside_it(self, scene, hers, lea, now):
        later = people.meet(scene.couple, scene.ines, now - DAY)
        people.answer(people.asked(later, lea), now - HOUR, level=8)
        # Asked of her instead of what was: the calendar of that question is in test_home_question.py.
        given = Answer.objects.filter(response__occasion__encounter=later, item="bond")
        for choice, beside in (("partly", "in part the way"), ("no", ""), ("yes", "the way you do in them")):
            (given | Answer.objects.filter(item=HOME_ITEM)).update(item=HOME_ITEM, choice=choice)
            shown = words(asked(hers, WORDS["Lea"]))
            assert ("Later you settled something outside the meetings" in shown) == bool(beside)
            assert beside in shown

    def test_declined_it_is_gone_and_can_be_had_back(self, hers):
        does(hers, WORDS["Lea"], "keep", stayed_open=["later"])
        said = words(does(hers, WORDS["Lea"], "decline"))
        assert "You would rather not have this page." in said
        assert "Ines" not in said
        page = asked(hers, WORDS["Lea"])
        assert "Ines" not in words(page)
        assert LookBack.objects.get().stayed_open == ""
        said = words(does(hers, WORDS["Lea"], "after-all"))
        assert "It got harder once, and it was mended." in said
        assert LookBack.objects.get().state == LookBackState.OFFERED

    def test_a_page_does_one_thing_once_for_its_own_link_and_word(self, scene, hers, lea, now):
        his = offered(people.member(scene.couple, "Tomas"), now)
        browser, mine = Client(), field("mine", asked(hers, WORDS["Lea"]))
        for where, form in (
            (his, {"mine": mine, "act": "decline"}),
            (hers, {"mine": "x", "act": "decline"}),
            (hers, {"mine": mine, "act": "perhaps"}),
            (hers, {"mine": mine, "act": "after-all"}),
        ):
            assert NOTHING in words(browser.post(link(where), form))
        assert set(LookBack.objects.values_list("state", flat=True)) == {LookBackState.OFFERED}
        mine = field("mine", asked(hers, WORDS["Lea"]))
        browser.post(link(hers), {"mine": mine, "act": "decline"})
        assert NOTHING in words(browser.post(link(hers), {"mine": mine, "act": "after-all"}))
        mine = field("mine", asked(hers, WORDS["Lea"]))
        choose_own_word(member=lea, word="another word", at=now + HOUR, actor=SYSTEM)
        assert NOTHING in words(browser.post(link(hers), {"mine": mine, "act": "after-all"}))

    def test_nothing_of_it_is_on_record_or_on_a_page_of_staff(self, scene, hers, now):
        room = signed_in(scene.ines)

        def of_staff():
            addresses = [f"/cases/{scene.couple.pk}/", f"/cases/{scene.couple.pk}/ending/"]
            return [without_marks(room.get(address)) for address in addresses]

        asked(hers, WORDS["Lea"])
        looked, before = AuditEntry.objects.latest("pk"), of_staff()
        assert (looked.action, looked.details) == ("own_course.ask", {"opened": True})
        for act in ("yes", "decline"):
            does(hers, WORDS["Lea"], act)
        assert LookBack.objects.get().state == LookBackState.DECLINED
        acts = AuditEntry.objects.filter(pk__gt=looked.pk, object_kind="member")
        assert set(acts.values_list("action", flat=True)) == {"own_course.ask"}
        assert of_staff() == before

    def test_what_was_chosen_is_encrypted(self, hers):
        does(hers, WORDS["Lea"], "keep", stayed_open=["still_ahead"])
        does(hers, WORDS["Lea"], "yes")
        with connection.cursor() as cursor:
            cursor.execute("SELECT words, stayed_open, lines FROM alerts_lookback")
            stored = " ".join(cursor.fetchone())
        assert "still" not in stored
        assert "Ines" not in stored


def test_no_code_of_staff_reads_what_was_chosen():
    """No page, count, export or log of staff can show what no code of theirs reads."""
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bLookBack\b|\blook_back_tables\b|alerts_lookback", path.read_text(encoding="utf-8"))
    }
    assert {path for path in found if not path.startswith(("portal/", "alerts/look_back_"))} == {
        "alerts/models.py",
        "alerts/migrations/0014_look_backs.py",
        "alerts/services/case_deletion.py",
        "alerts/services/look_back_choices.py",
        "alerts/services/look_back_offers.py",
        "demo/queries.py",  # whose link it is, of people who are made up
    }


def test_a_case_in_which_nothing_but_the_offer_happened_can_be_deleted(cast, now):
    case = people.case_without_consent(cast.ines, cast.individual.kind, [people.OTTO], now)
    page = offered(case.members.get(), now)
    delete_case(case=case, at=now, actor=SYSTEM)
    assert not LookBack.objects.filter(pk=page.pk).exists()
