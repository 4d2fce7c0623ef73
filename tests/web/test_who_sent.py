"""Whose idea it was to come; and where somebody sent a client, what those are told: the days attended, nothing else."""

import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.attended_days import days_attended
from goldseam_web.cases.models import CaseKind, Idea, Member, NotHeld, SentBy
from goldseam_web.cases.services import NewMember, Reach, join_case
from goldseam_web.cases.services.membership import set_idea
from goldseam_web.measures.models import Answer
from goldseam_web.measures.services.planned_sessions import cancel_sessions
from tests.web import people
from tests.web.staff_pages import signed_in, words

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COURT = "A court or an authority asked that you come."
TOLD = "They are told on which days you came, and nothing else: not what you answer"


@pytest.fixture
def case(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(case, now):
    lea = people.member(case, "Lea")
    return set_idea(member=lea, idea=Idea.SOMEONE_ELSE, sent_by=SentBy.COURT, at=now, actor=SYSTEM)


class TestTheClientReadsIt:
    def test_on_the_first_page_and_under_privacy_and_the_partner_does_not(self, client, case, lea, ines, now):
        session = people.meet(case, ines, now - HOUR)
        link = people.link(people.asked(session, lea))
        for address in (link, f"{link}privacy/"):
            page = words(client.get(address))
            assert COURT in page, address
            assert TOLD in page, address
            assert "not whether you answered or skipped" in page, address
        tomas = people.link(people.asked(session, people.member(case, "Tomas")))
        for address in (tomas, f"{tomas}privacy/"):
            assert "asked that you come" not in words(client.get(address))

    def test_before_the_words_of_consent_too(self, client, ines, now):
        case = people.case_without_consent(ines, CaseKind.INDIVIDUAL, [people.RUTH], now)
        ruth = set_idea(
            member=case.members.get(), idea=Idea.SOMEONE_ELSE, sent_by=SentBy.SCHOOL, at=now, actor=SYSTEM
        )
        page = words(client.get(people.link(people.asked(people.meet(case, ines, now - HOUR), ruth))))
        assert "do you agree?" in page
        assert "A school asked that you come." in page

    @pytest.mark.parametrize("idea", [Idea.OWN, Idea.SHARED, Idea.SOMEONE_ELSE, Idea.UNKNOWN])
    def test_where_no_office_sent_them_nothing_is_said(self, client, lea, ines, now, idea):
        set_idea(member=lea, idea=idea, at=now, actor=SYSTEM)
        link = people.link(people.asked(people.meet(lea.case, ines, now - HOUR), lea))
        assert "asked that you come" not in words(client.get(link))

    def test_who_sends_goes_with_somebody_elses_idea_alone(self, lea, now):
        with people.refused("Whoever was sent by somebody came by somebody else’s idea."):
            set_idea(member=lea, idea=Idea.OWN, sent_by=SentBy.COURT, at=now, actor=SYSTEM)
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=lea.pk).update(idea=Idea.OWN)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class TestTheLetter:
    @pytest.fixture
    def page(self, case):
        return f"/cases/{case.pk}/members/1/attendance/"

    def test_opposite_answers_give_the_same_bytes(self, case, lea, page, ines, now):
        """All that differs between two copies of one clinic is what Lea and Tomas answered, or that they did not."""
        sessions = [people.meet(case, ines, now - 50 * HOUR), people.meet(case, ines, now - HOUR)]
        tomas, staff = people.member(case, "Tomas"), signed_in(ines)
        letters = {}
        given = {"high": (10, {"tension": "no"}), "low": (0, {"tension": "clearly", "worked_out": "not_yet"})}
        for said, (level, answers) in given.items():
            with undone():
                for session, back in zip(sessions, (49, 1), strict=True):
                    for who in (lea, tomas):
                        at = now - back * HOUR + HOUR / 4
                        people.answer(people.asked(session, who), at, level=level, given=answers)
                assert Answer.objects.exists()
                letters[said] = staff.get(page).content
        letters["nothing"] = staff.get(page).content
        assert letters["high"] == letters["low"] == letters["nothing"]
        assert b"Lea Brandt came to Larkfield on two days." in letters["high"]

    def test_it_names_the_days_on_which_she_was_there_and_no_others(self, case, lea, page, ines, now):
        tomas = people.member(case, "Tomas")
        there = people.meet(case, ines, now - 10 * DAY)
        people.meet(case, ines, now - 7 * DAY, away=[lea])
        people.meet(case, ines, now - 4 * DAY, away=[tomas])
        people.plan(case, ines, now + DAY, at=now)
        called_off = people.plan(case, ines, now + 2 * DAY, at=now)
        cancel_sessions(
            encounter=called_off, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=now, actor=SYSTEM
        )
        first, second = there.local_date, there.local_date + 6 * DAY
        assert days_attended(lea) == [first, second]
        letter = words(signed_in(ines).get(page))
        assert "Lea Brandt came to Larkfield on two days." in letter
        assert f"{first.day} {first:%B} {first.year}" in letter
        assert "Tomas" not in letter
        assert "court" not in letter.lower(), "the letter says nothing of who asked, or why"
        part = words(signed_in(ines).get(page, {"first": second.isoformat(), "last": second.isoformat()}))
        assert "came to Larkfield on one day from" in part

    @pytest.mark.parametrize("given", ["first", "last"])
    def test_with_one_day_given_it_says_from_or_until_when(self, case, page, ines, now, given):
        """Without it the letter would tell a court that she came on fewer days than she did."""
        sessions = [people.meet(case, ines, now - ago * DAY) for ago in (10, 4)]
        day = sessions[given == "first"].local_date
        letter = words(signed_in(ines).get(page, {given: day.isoformat()}))
        word = {"first": "from", "last": "until"}[given]
        assert f"Lea Brandt came to Larkfield on one day {word} {day.day} {day:%B} {day.year}" in letter
        assert ("up to today" in letter) is (given == "first")

    def test_somebody_who_joined_later_was_not_there_before(self, ines, now):
        family = people.family(ines, now)
        people.meet(family, ines, now - DAY)
        per = join_case(case=family, member=NewMember("Per"), at=now, actor=SYSTEM, member_id=uuid.uuid4())
        assert days_attended(per) == []

    def test_it_is_on_record_who_opened_it(self, case, lea, page, ines, now):
        people.meet(case, ines, now - HOUR)
        signed_in(ines).get(page)
        entry = AuditEntry.objects.get(action="attendance.letter")
        assert (str(entry.object_id), entry.details) == (str(lea.pk), {"days": 1})

    def test_days_in_the_wrong_order_are_refused(self, page, lea, ines):
        done = signed_in(ines).get(page, {"first": "2026-05-02", "last": "2026-05-01"}, follow=True)
        assert "the first not after the last" in words(done)


class TestTheForm:
    def test_who_sent_them_is_kept_and_taken_back(self, case, ines):
        staff, person = signed_in(ines), f"/cases/{case.pk}/members/1/"
        done = words(staff.post(f"{person}idea/", {"idea": "someone_else:work"}, follow=True))
        assert "On their first page Lea reads who sent them" in done
        assert "An employer asked that they come." in done
        staff.post(f"{person}idea/", {"idea": "own"})
        lea = people.member(case, "Lea")
        assert (lea.idea, lea.sent_by) == (Idea.OWN, "")
        assert staff.post(f"{person}idea/", {"idea": "own:court"}).status_code == 404

    def test_in_a_new_case(self, ines):
        staff = signed_in(ines)
        key = staff.get("/cases/new/").context["form_key"]
        form = {"form_key": key, "kind": "individual", "member-0-called": "Nina"}
        staff.post("/cases/new/", {**form, "member-0-idea": "someone_else:child_protection"})
        nina = Member.objects.get()
        assert (nina.idea, nina.sent_by) == (Idea.SOMEONE_ELSE, SentBy.CHILD_PROTECTION)
