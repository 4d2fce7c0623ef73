"""Who pauses, leaves or withdraws is asked nothing and counted as nothing; a case ends and can be opened again."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import Attendance, EncounterState, Ending, Presence
from goldseam_web.measures.models import OccasionState
from goldseam_web.measures.services import close_unanswered
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_left,
    pause_member,
    record_agreement,
    take_back_end,
)
from tests.web import people
from tests.web.staff_pages import signed_in, words
from tests.web.test_corrections import link_opens

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
def tomas(couple):
    return people.member(couple, "Tomas")


@pytest.fixture
def last(couple, ines, now):
    return people.meet(couple, ines, now - HOUR)


def pause(member, now, *, stops):
    pause_member(member=member, paused=stops, at=now, actor=SYSTEM)


def leave(member, now, *, stops):
    member_left(member=member, left=stops, at=now, actor=SYSTEM)


def withdraw(member, now, *, stops):
    if stops:
        record_agreement(member=member, to_be_asked=False, way=ConsentWay.TOLD_STAFF, at=now, actor=SYSTEM)
    else:
        people.agree(member, now)


WAYS = pytest.mark.parametrize("way", [pause, leave, withdraw])


@WAYS
def test_links_stop_at_once_and_it_is_never_counted_as_no_answer(way, last, lea, tomas, now):
    way(lea, now, stops=True)
    assert not link_opens(people.asked(last, lea))
    assert link_opens(people.asked(last, tomas))
    close_unanswered(at=now + 3 * DAY)
    assert people.asked(last, lea).state == OccasionState.CANCELLED
    assert people.asked(last, tomas).state == OccasionState.UNANSWERED


@WAYS
def test_taken_back_the_same_link_works_again(way, last, lea, now):
    link = people.asked(last, lea)
    way(lea, now, stops=True)
    way(lea, now + HOUR, stops=False)
    again = people.asked(last, lea)
    assert (again.pk, again.nonce, again.state) == (link.pk, link.nonce, OccasionState.WAITING)
    assert link_opens(again)


@WAYS
def test_taken_back_after_the_window_the_session_was_not_asked_about(way, last, lea, now):
    way(lea, now, stops=True)
    way(lea, now + 3 * DAY, stops=False)
    close_unanswered(at=now + 3 * DAY)
    assert people.asked(last, lea).state == OccasionState.CANCELLED


@WAYS
def test_what_was_unanswered_before_stays_so(way, last, lea, now):
    close_unanswered(at=now + 3 * DAY)
    way(lea, now + 3 * DAY, stops=True)
    assert people.asked(last, lea).state == OccasionState.UNANSWERED


@WAYS
def test_sessions_planned_meanwhile_ask_the_others_alone_until_it_is_taken_back(way, couple, lea, tomas, now):
    way(lea, now, stops=True)
    ahead = people.plan(couple, couple.therapists.get().therapist, now + DAY, at=now)
    assert {o.respondent for o in ahead.occasions.exclude(respondent=None)} == {tomas}
    way(lea, now, stops=False)
    wanted = {lea} if way is not leave else set()  # who had left was not among those expected
    assert wanted <= {o.respondent for o in ahead.occasions.all()}


def test_who_leaves_is_not_expected_ahead(couple, ines, lea, now):
    ahead = people.plan(couple, ines, now + DAY, at=now)
    leave(lea, now, stops=True)
    assert Attendance.objects.get(encounter=ahead, member=lea).presence == Presence.AWAY
    leave(lea, now, stops=False)
    assert Attendance.objects.get(encounter=ahead, member=lea).presence == Presence.EXPECTED
    assert link_opens(people.asked(ahead, lea, Phase.PRE))


def test_each_is_on_record(lea, now):
    for way in (pause, leave, withdraw):
        way(lea, now, stops=True)
        way(lea, now, stops=False)
    actions = set(AuditEntry.objects.filter(object_id=str(lea.id)).values_list("action", flat=True))
    assert actions >= {
        *("member.pause", "member.resume", "member.leave", "member.return"),
        *("consent.withdraw", "consent.give"),
    }


class TestTheEnd:
    def test_the_last_session_is_still_asked_about_and_the_next_one_is_off(
        self, couple, ines, last, lea, now
    ):
        ahead = people.plan(couple, ines, now + 5 * DAY, at=now)
        end_case(case=couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        assert link_opens(people.asked(last, lea))
        ahead.refresh_from_db()
        assert ahead.state == EncounterState.CANCELLED
        close_unanswered(at=now + 9 * DAY)
        assert people.asked(ahead, lea, Phase.PRE).state == OccasionState.CANCELLED

    def test_opened_again_it_stands_as_before(self, couple, ines, lea, now):
        ahead = people.plan(couple, ines, now + DAY, at=now)
        end_case(case=couple, ending=Ending.DROPOUT, at=now, actor=SYSTEM)
        take_back_end(case=couple, at=now, actor=SYSTEM)
        couple.refresh_from_db()
        ahead.refresh_from_db()
        assert (couple.ended_on, couple.ending, ahead.state) == (None, "", EncounterState.PLANNED)
        assert link_opens(people.asked(ahead, lea, Phase.PRE))

    def test_not_twice(self, couple, now):
        end_case(case=couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        with people.refused("This case has ended already."):
            end_case(case=couple, ending=Ending.MOVED, at=now, actor=SYSTEM)


class TestPages:
    def test_a_member_is_paused_and_asked_again(self, cast, now):
        client, url = signed_in(cast.ines), f"/cases/{cast.couple.id}/members/"
        assert url in client.get(f"/cases/{cast.couple.id}/").content.decode()
        page = client.post(url, {"member": "1", "act": "pause"}, follow=True)
        assert "Noted for Lea." in words(page)
        assert "Asked nothing since" in words(page)
        page = client.post(url, {"member": "1", "act": "resume"}, follow=True)
        assert "Asked nothing since" not in words(page)

    @pytest.mark.parametrize("sent", [{"member": "9", "act": "pause"}, {"member": "1", "act": "erase"}, {}])
    def test_what_is_not_there_changes_nothing(self, cast, sent):
        assert signed_in(cast.ines).post(f"/cases/{cast.couple.id}/members/", sent).status_code == 404

    @pytest.mark.parametrize("page", ["members", "ending"])
    @pytest.mark.parametrize("seat", ["colleague", "supervisor", "administrator", "stranger"])
    def test_only_who_treats_the_case_changes_it(self, cast, page, seat):
        sent = {"member": "1", "act": "leave", "ending": "planned"}
        answer = signed_in(getattr(cast, seat)).post(f"/cases/{cast.couple.id}/{page}/", sent)
        assert answer.status_code == 404
        cast.couple.refresh_from_db()
        assert cast.couple.ended_on is None

    def test_a_case_ends_with_a_reason_and_opens_again(self, cast, now):
        client, url = signed_in(cast.ines), f"/cases/{cast.couple.id}/ending/"
        assert "Say how the case ended" in words(client.post(url, {}, follow=True))
        page = client.post(url, {"ending": "dropout"}, follow=True)
        assert "clients stopped coming" in words(page)
        assert f"/cases/{cast.couple.id}/" not in client.get("/").content.decode()
        client.post(url, {"act": "reopen"})
        assert f"/cases/{cast.couple.id}/" in client.get("/").content.decode()

    def test_the_last_phase_is_noted_and_taken_back(self, cast):
        client, url = signed_in(cast.ines), f"/cases/{cast.couple.id}/ending/"
        assert "The ending has been talked about since" in words(
            client.post(url, {"act": "last_phase"}, follow=True)
        )
        assert "been talked about since" not in words(client.post(url, {"act": "no_last_phase"}, follow=True))
