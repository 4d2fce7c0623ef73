"""The number mailed for a client's own answers: to whom it goes, what it opens, and that asking for it tells nothing.

What is expected follows from the rules of the product; the number is read from the mail, as its reader does.
"""

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from goldseam_web.alerts.services.case_deletion import InTheWay, delete_case, in_the_way
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseKind, WayAsked
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.measures.services.own_numbers import LASTS, MOST_ASKED, ask_for_number
from goldseam_web.measures.services.own_words import (
    MOST_TRIES,
    choose_own_word,
    opens_own_course,
    withdraw_own_word,
)
from goldseam_web.measures.services.who_is_asked import member_died
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.postbox import send_next
from tests.web.staff_pages import words
from tests.web.test_own_course import bare, shown_on

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def noon(now, ines, settings):
    """Of today by the clinic's clock: in the hours of everybody."""
    settings.GOLDSEAM_BASE_URL = "https://larkfield.example"
    settings.GOLDSEAM_MAIL_CONFIGURED = True
    return now.astimezone(ZoneInfo(ines.clinic.time_zone)).replace(hour=12, minute=0, second=0)


@pytest.fixture
def lea(ines, noon):
    lea = people.member(people.couple(ines, noon), "Lea")
    reached(lea, noon, by_mail=True)
    return lea


def reached(member, at, **ways):
    set_safe_ways(
        member=member, ways=GivenWays(**ways), how_asked=WayAsked.ALONE, at=at - 10 * DAY, actor=SYSTEM
    )
    member.refresh_from_db()


def mailed(member, at):
    """Ask for a number; the one that arrives, or None."""
    before = len(mail.outbox)
    ask_for_number(member=member, at=at)
    while send_next(worker="test", at=at):
        pass
    letters = mail.outbox[before:]
    return re.search(r"\d{3} \d{3}", letters[0].body).group() if letters else None


def opened(member, word, at):
    return opens_own_course(member=member, word=word, form_shown_at=at, at=at)


def test_it_goes_to_her_own_address_and_opens_her_answers_once(lea, noon):
    number = mailed(lea, noon)
    assert mail.outbox[-1].to == ["lea@example.org"]
    assert opened(lea, number, noon + MINUTE) is not None
    assert opened(lea, number, noon + 2 * MINUTE) is None


def test_with_or_without_the_space(lea, noon):
    assert opened(lea, mailed(lea, noon).replace(" ", ""), noon + MINUTE) is not None


def test_nobody_elses_and_no_other_number_opens_them(lea, noon):
    tomas = lea.case.members.exclude(pk=lea.pk).get()
    number = mailed(lea, noon)
    assert opened(tomas, number, noon + MINUTE) is None
    other = f"{(int(number.replace(' ', '')) + 1) % 1_000_000:06d}"
    assert opened(lea, other, noon + MINUTE) is None
    assert opened(lea, "000000", noon + 2 * MINUTE) is None


def test_where_none_was_asked_for_no_number_opens(lea, noon):
    assert opened(lea, "000000", noon) is None


def test_who_has_chosen_a_word_is_mailed_none_and_opened_by_none(lea, noon):
    number = mailed(lea, noon)
    choose_own_word(member=lea, word="copper kettle", at=noon, actor=SYSTEM)
    assert opened(lea, number, noon + MINUTE) is None
    assert opened(lea, "000000", noon + MINUTE) is None
    assert mailed(lea, noon + MINUTE) is None
    assert opened(lea, "copper kettle", noon + 2 * MINUTE) is not None
    withdraw_own_word(member=lea, at=noon, actor=SYSTEM)
    assert opened(lea, mailed(lea, noon + 3 * MINUTE), noon + 4 * MINUTE) is not None


def test_it_lasts_ten_minutes_and_a_later_one_takes_its_place(lea, noon):
    first = mailed(lea, noon)
    assert opened(lea, first, noon + LASTS) is None
    second = mailed(lea, noon + 2 * LASTS)
    third = mailed(lea, noon + 2 * LASTS + MINUTE)
    assert opened(lea, second, noon + 2 * LASTS + 2 * MINUTE) is None
    assert opened(lea, third, noon + 2 * LASTS + 3 * MINUTE) is not None


def test_three_a_day_and_then_nothing_leaves_until_the_day_is_over(lea, noon):
    given = [mailed(lea, noon + k * MINUTE) for k in range(MOST_ASKED + 2)]
    assert all(given[:MOST_ASKED])
    assert given[MOST_ASKED:] == [None, None]
    assert mailed(lea, noon + DAY) is not None


def test_guessing_is_counted_with_the_words(lea, noon):
    number = mailed(lea, noon)
    for k in range(MOST_TRIES):
        opened(lea, "not it", noon + timedelta(seconds=k))
    assert opened(lea, number, noon + MINUTE) is None


@pytest.mark.parametrize("ways", [{"never": True}, {"by_mail": False}])
def test_nothing_leaves_for_who_did_not_name_mail(lea, noon, ways):
    reached(lea, noon, **ways)
    assert mailed(lea, noon) is None


def test_nothing_leaves_for_who_has_died(lea, noon):
    member_died(member=lea, died=True, at=noon, actor=SYSTEM)
    lea.refresh_from_db()
    assert mailed(lea, noon) is None


def test_a_case_in_which_one_was_mailed_is_not_deleted_and_one_that_waits_goes_with_it(noon, ines):
    case = people.case_without_consent(ines, CaseKind.COUPLE, [people.LEA, people.TOMAS], noon)
    lea = people.member(case, "Lea")
    reached(lea, noon, by_mail=True)
    other = people.case(ines, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt", "client")], noon)
    other.members.update(person=lea.person)  # known from another case, too
    mailed(lea, noon)
    assert in_the_way(case) == [InTheWay.SENT]
    Message.objects.all().delete()
    ask_for_number(member=lea, at=noon + MINUTE)
    delete_case(case=case, at=noon, actor=SYSTEM)
    assert not Message.objects.exists()


def test_nothing_leaves_at_night(lea, noon):
    assert mailed(lea, noon.replace(hour=3)) is None


def test_asking_is_the_same_work_whatever_there_is(lea, noon):
    tomas = lea.case.members.exclude(pk=lea.pk).get()

    def work(member):
        with CaptureQueriesContext(connection) as queries:
            ask_for_number(member=member, at=noon)
        return [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"]) for query in queries]

    assert work(lea) == work(tomas)
    done = AuditEntry.objects.filter(action="own_number.ask").values_list("details", flat=True)
    assert len(set(map(str, done))) == 1


def test_what_was_tapped_before_the_address_was_named_stays_shut(lea, noon):
    found = opened(lea, mailed(lea, noon), noon + MINUTE)
    named = (noon - 10 * DAY).date()
    assert found.own_since.astimezone(noon.tzinfo).date() == named + DAY


def test_the_mail_tells_nothing_of_what_it_is_about_and_holds_no_link(lea, noon):
    mailed(lea, noon)
    text = f"{mail.outbox[-1].subject}\n{mail.outbox[-1].body}"
    assert "http" not in text
    for told in ("therap", "session", "Lea", "Tomas", "Ines", "couple", "clinic", "answers"):
        assert told not in text


def test_the_number_is_stored_nowhere(lea, noon):
    number = mailed(lea, noon).replace(" ", "")
    rows = [str(row) for row in Message.objects.values()]
    assert not any(number in row for row in rows)


class TestThePage:
    """As a browser does it, over the clock of the test."""

    @pytest.fixture
    def hers(self, lea, ines, now):
        set_safe_ways(
            member=lea,
            ways=GivenWays(by_mail=True, not_before=time(0), not_after=time(23, 59, 59)),
            how_asked=WayAsked.ALONE,
            at=now,
            actor=SYSTEM,
        )
        occasion = people.asked(people.meet(lea.case, ines, now - timedelta(hours=1)), lea)
        people.answer(occasion, now, level=7)
        return f"{people.link(occasion)}own/"

    def test_ask_read_the_mail_and_see_what_is_yours(self, hers, now):
        browser = Client()
        page = browser.get(hers)
        assert "Mail me a number" in words(page)
        page = browser.post(hers, {"number": "mail"})
        assert "a number is on its way there" in words(page)
        assert "Mail me another number" in words(page)
        assert page.headers["Clear-Site-Data"] == '"cache"'
        while send_next(worker="test", at=timezone.now()):
            pass
        number = re.search(r"\d{3} \d{3}", mail.outbox[-1].body).group()
        given = {"word": number, "shown": shown_on(page)}
        assert "you gave 7.0 of 10" in words(browser.post(hers, given))
        assert "There is nothing to show." in words(browser.post(hers, given | {"shown": shown_on(page)}))

    def test_a_yes_to_looking_together_is_said_behind_a_word_alone(self, hers, lea, now):
        """A mailbox that is safe no more would leave a yes that nobody could take back."""

        def shown(given, page):
            return words(Client().post(hers, {"word": given, "shown": shown_on(page)}))

        page = Client().post(hers, {"number": "mail"})
        while send_next(worker="test", at=timezone.now()):
            pass
        number = re.search(r"\d{3} \d{3}", mail.outbox[-1].body).group()
        by_number = shown(number, page)
        choose_own_word(member=lea, word="copper kettle", at=now, actor=SYSTEM)
        by_word = shown("copper kettle", Client().get(hers))
        assert "you gave 7.0 of 10" in by_number
        assert "Looking at it together" not in by_number
        assert "Looking at it together" in by_word

    def test_asking_shows_the_same_to_whoever_can_be_mailed_and_who_cannot(self, hers, lea):
        mailed_to = bare(Client().post(hers, {"number": "mail"}))
        lea.person.safe_ways.delete()
        assert bare(Client().post(hers, {"number": "mail"})) == mailed_to
        choose_own_word(member=lea, word="copper kettle", at=timezone.now(), actor=SYSTEM)
        assert bare(Client().post(hers, {"number": "mail"})) == mailed_to

    def test_where_nothing_can_be_mailed_none_is_offered(self, hers, settings):
        settings.GOLDSEAM_MAIL_CONFIGURED = False
        assert "number" not in words(Client().get(hers))
