"""In hospital, bereaved, died: nobody is asked anything, and somebody looks again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse

from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import Ending, Member, RestReason
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_died,
    member_left,
    pause_member,
    record_agreement,
)
from goldseam_web.outbox.models import Message, MessageState
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


@pytest.fixture
def her_own(cast, lea, now):
    """Lea's own case with the couple's therapist, beside the couple's; both cases meet tomorrow."""
    case = people.individual(cast.ines, now)
    Member.objects.filter(case=case).update(person=lea.person)
    people.plan(case, cast.ines, now + timedelta(days=1), at=now)
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

    def test_messages_that_wait_are_called_off_in_the_same_transaction(self, cast, lea, alone, now):
        tomas = people.member(cast.couple, "Tomas")
        messages = {
            who: Message.objects.create(
                clinic=cast.clinic,
                purpose="request",
                subject=lea.pk,
                person=who.person,
                channel="email",
                key=f"{who.pk}",
                queued_at=now,
                due_at=now + timedelta(hours=1),
            )
            for who in (lea, tomas)
        }
        with transaction.atomic():
            member_died(member=alone, died=True, at=now, actor=Actor.staff(cast.colleague.id))
            states = {who: Message.objects.get(pk=sent.pk).state for who, sent in messages.items()}
        assert states == {lea: MessageState.CANCELLED, tomas: MessageState.PENDING}

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
    def test_asks_nothing_in_any_case_of_this_therapist_until_somebody_looks_again(
        self, cast, lea, her_own, now, reason
    ):
        again = (now + timedelta(days=14)).date()
        page = words(act(cast, lea, reason.replace(" ", "_"), look_again_on=again.isoformat()))
        assert f"{reason.capitalize()}: asked nothing since {day(now)}. Look again on " in page
        assert (waiting(lea), waiting(her_own)) == (0, 0)
        her_own.refresh_from_db()
        assert her_own.look_again_on == again
        assert "Look again" not in words(signed_in(cast.ines).get("/"))
        act(cast, her_own, "resume")
        lea.refresh_from_db()
        assert (lea.paused_on, lea.rests_because) == (None, RestReason.NONE)
        assert min(waiting(lea), waiting(her_own)) > 0

    def test_changes_and_tells_nothing_in_the_case_of_a_colleague(self, cast, lea, alone, now):
        colleague = signed_in(cast.colleague)
        pages = (reverse("dashboard:members", args=[alone.case_id]), "/")
        before = [words(colleague.get(page)) for page in pages]
        asked = waiting(alone)
        act(cast, lea, "in_hospital", look_again_on=(now + timedelta(days=9)).date().isoformat())
        assert waiting(alone) == asked > 0
        assert [words(colleague.get(page)) for page in pages] == before
        act(cast, lea, "resume")
        assert [words(colleague.get(page)) for page in pages] == before

    @pytest.mark.parametrize("how", ["paused", "withdrew", "left"])
    def test_leaves_alone_what_somebody_chose_for_one_case(self, cast, lea, her_own, how):
        other = {"paused": "pause", "withdrew": "withdraw", "left": "leave"}[how]
        act(cast, her_own, other)
        her_own.refresh_from_db()
        before = (her_own.paused_on, her_own.rests_because, her_own.left_on)
        for name in ("bereaved", "resume"):
            act(cast, lea, name)
            her_own.refresh_from_db()
            assert (her_own.paused_on, her_own.rests_because, her_own.left_on) == before
        assert waiting(her_own) == 0

    def test_a_pause_of_no_noted_reason_is_of_this_case_alone(self, cast, lea, her_own):
        act(cast, lea, "pause")
        assert waiting(lea) == 0
        assert waiting(her_own) > 0

    def test_an_ended_case_stays_as_it_was(self, cast, lea, her_own, now):
        by = Actor.staff(cast.ines.id)
        end_case(case=her_own.case, ending=Ending.PLANNED, at=now, actor=by)
        act(cast, lea, "bereaved")
        her_own.refresh_from_db()
        assert her_own.paused_on is None

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
