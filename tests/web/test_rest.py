"""In hospital, bereaved, died: nobody is asked anything, and somebody looks again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import Member, RestReason
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.services.who_is_asked import member_left, pause_member, record_agreement
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def lea(cast):
    return people.member(cast.couple, "Lea")


@pytest.fixture
def alone(cast, lea, now):
    """Lea's own case with Ben, beside the couple's; both cases meet tomorrow."""
    case = people.individual(cast.colleague, now)
    Member.objects.filter(case=case).update(person=lea.person)
    people.plan(case, cast.colleague, now + timedelta(days=1), at=now)
    people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)
    return case.members.get()


def waiting(member):
    return Occasion.objects.filter(respondent=member, state=OccasionState.WAITING).count()


def day(now):
    """Today as pages write it; the clinic's day may be another than Greenwich's."""
    return f"{now.astimezone(CHICAGO):%-d %B}"


def act(cast, member, name, **more):
    given = {"member": member.position, "act": name, **more}
    return signed_in(cast.ines).post(reverse("dashboard:members", args=[member.case_id]), given, follow=True)


class TestDied:
    def test_nothing_waits_in_any_case_and_others_are_asked_as_before(self, cast, lea, alone, now):
        tomas = people.member(cast.couple, "Tomas")
        before = waiting(tomas)
        page = act(cast, lea, "died")
        assert f"Died. Nothing has been asked or sent since {day(now)}, in any case." in words(page)
        assert (waiting(lea), waiting(alone)) == (0, 0)
        assert waiting(tomas) == before > 0

    def test_an_old_link_opens_nothing(self, cast, lea, now):
        occasion = people.asked(people.meet(cast.couple, cast.ines, now - timedelta(hours=1)), lea)
        act(cast, lea, "died")
        occasion.refresh_from_db()
        assert link_state(occasion, None, at=now) != LinkState.OPEN

    def test_a_mistake_brings_back_what_was_and_nobody_who_had_left_before(self, cast, lea, alone, now):
        member_left(member=alone, left=True, at=now, actor=Actor.staff(cast.colleague.id))
        before = waiting(lea)
        act(cast, lea, "died")
        act(cast, lea, "not_died")
        lea.refresh_from_db()
        alone.refresh_from_db()
        assert (lea.left_on, lea.rests_because) == (None, RestReason.NONE)
        assert alone.left_on is not None
        assert (waiting(lea), waiting(alone)) == (before, 0)

    @pytest.mark.parametrize("late", ["in_hospital", "pause", "return", "leave", "resume"])
    def test_what_a_second_tab_still_offers_changes_nothing(self, cast, lea, alone, late):
        act(cast, lea, "died")
        page = act(cast, lea, late)
        assert "noted that this person has died; take that back first" in words(page)
        lea.refresh_from_db()
        assert (lea.rests_because, lea.paused_on) == (RestReason.DIED, None)
        assert lea.left_on is not None

    def test_nobody_comes_back_to_another_case_that_they_had_left(self, cast, lea, alone, now):
        by = Actor.staff(cast.colleague.id)
        member_left(member=alone, left=True, at=now, actor=by)
        act(cast, lea, "died")
        with people.refused("It is noted that this person has died; take that back first."):
            member_left(member=alone, left=False, at=now, actor=by)
        assert waiting(alone) == 0

    def test_taking_consent_back_by_an_old_link_changes_nothing_of_it(self, cast, lea, now):
        act(cast, lea, "died")
        record_agreement(
            member=lea, to_be_asked=False, way=ConsentWay.PHONE, at=now, actor=Actor.client(lea.id)
        )
        lea.refresh_from_db()
        assert (lea.rests_because, lea.paused_on) == (RestReason.DIED, None)


class TestRest:
    @pytest.mark.parametrize("reason", ["in hospital", "bereaved"])
    def test_asks_nothing_in_this_case_alone_until_somebody_looks_again(self, cast, lea, alone, now, reason):
        again = (now + timedelta(days=14)).date()
        page = words(act(cast, lea, reason.replace(" ", "_"), look_again_on=again.isoformat()))
        assert f"{reason.capitalize()}: asked nothing since {day(now)}. Look again on " in page
        assert waiting(lea) == 0
        assert waiting(alone) > 0, "the other case is another room"
        assert "Look again" not in words(signed_in(cast.ines).get("/"))

    def test_on_the_day_the_caseload_asks_and_going_on_ends_it(self, cast, lea, now):
        actor = Actor.staff(cast.ines.id)
        earlier, yesterday = now - timedelta(days=9), (now - timedelta(days=1)).date()
        pause_member(
            member=lea,
            paused=True,
            because=RestReason.BEREAVED,
            look_again_on=yesterday,
            at=earlier,
            actor=actor,
        )
        said = words(signed_in(cast.ines).get("/"))
        assert "Lea: asked nothing since" in said
        assert "Bereaved" not in said, "the reason stands on the page of the case alone"
        assert "Lea" not in words(signed_in(cast.colleague).get("/"))
        act(cast, lea, "resume")
        lea.refresh_from_db()
        assert (lea.paused_on, lea.rests_because, lea.look_again_on) == (None, RestReason.NONE, None)
        assert "Look again" not in words(signed_in(cast.ines).get("/"))

    def test_a_day_that_is_not_ahead_is_refused(self, cast, lea, now):
        page = act(cast, lea, "in_hospital", look_again_on=local_day(lea.clinic, now).isoformat())
        assert "given as the day to look again" in words(page)
        lea.refresh_from_db()
        assert lea.paused_on is None
