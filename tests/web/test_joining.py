"""Somebody joins a family; somebody known from one case is the same person in another."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import CaseKind, Member, MemberRole, Person, Presence
from goldseam_web.cases.services import NewMember, open_case
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.services import plan_occasions
from goldseam_web.measures.services.who_is_asked import end_case, member_died, member_joins
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
GRAN = NewMember("Astrid", "Lindqvist", role=MemberRole.OTHER, email="astrid@example.org")


def joins(case, ines, now, member=GRAN, member_id=None):
    return member_joins(
        case=case, member=member, at=now, actor=Actor.staff(ines.pk), member_id=member_id or uuid.uuid4()
    )


def planned(case, ines, starts_at, now):
    encounter = people.plan(case, ines, starts_at, at=now)
    plan_occasions(encounter=encounter, at=now, actor=Actor.staff(ines.pk))
    return encounter


class TestJoining:
    def test_sessions_ahead_expect_and_ask_them_and_past_ones_do_not(self, ines, now):
        case = people.family(ines, now)
        past = planned(case, ines, now - timedelta(days=7), now - timedelta(days=8))
        ahead = planned(case, ines, now + timedelta(days=1), now - timedelta(days=8))
        gran = joins(case, ines, now)
        assert gran.position == case.members.count()
        assert ahead.attendance.get(member=gran).presence == Presence.EXPECTED
        assert Occasion.objects.filter(respondent=gran, encounter=ahead).exists()
        assert not past.attendance.filter(member=gran).exists()
        assert not Occasion.objects.filter(respondent=gran, encounter=past).exists()

    def test_sent_twice_they_join_once(self, ines, now):
        case, key = people.family(ines, now), uuid.uuid4()
        before = case.members.count()
        assert joins(case, ines, now, member_id=key) == joins(case, ines, now, member_id=key)
        assert case.members.count() == before + 1

    def test_a_couple_does_not_grow(self, ines, now):
        with pytest.raises(ValidationError, match="Only a family can grow"):
            joins(people.couple(ines, now), ines, now)

    def test_nor_an_ended_family(self, ines, now):
        case = people.family(ines, now)
        end_case(case=case, ending="planned", at=now, actor=Actor.staff(ines.pk))
        with pytest.raises(ValidationError, match="has ended"):
            joins(case, ines, now)

    def test_not_more_than_eight(self, ines, now):
        case = people.family(ines, now)
        for k in range(case.members.count(), 8):
            joins(case, ines, now, NewMember(f"Child {k}"))
        with pytest.raises(ValidationError, match="9 people given"):
            joins(case, ines, now, NewMember("Child 9"))

    def test_neither_called_like_nor_reached_by_the_mailbox_of_somebody_there(self, ines, now):
        case = people.family(ines, now)
        with pytest.raises(ValidationError, match="would be called"):
            joins(case, ines, now, NewMember(people.FAMILY[0].display_name.upper()))
        taken = next(member.email for member in people.FAMILY if member.email)
        with pytest.raises(ValidationError, match="share the email"):
            joins(case, ines, now, NewMember("Astrid", email=taken.upper()))

    def test_by_the_page(self, ines, now):
        case = people.family(ines, now)
        client, url = signed_in(ines), reverse("dashboard:join", args=[case.pk])
        assert url in client.get(reverse("dashboard:members", args=[case.pk])).content.decode()
        assert client.post(url, {"member-0-called": ""}).status_code == 400
        given = {"member-0-called": "Astrid", "member-0-role": "other"}
        page = words(client.post(url, given, follow=True))
        assert "Astrid is in the case now." in page
        assert people.member(case, "Astrid").joined_on == local_day(ines.clinic, timezone.now())


class TestTheSamePerson:
    def given(self, **more):
        return {"kind": "individual", "member-0-called": "Lea", "member-0-family_name": "Brandt", **more}

    def test_is_asked_of_a_name_that_is_known_and_kept_as_said(self, ines, now):
        couple = people.couple(ines, now)
        lea = people.member(couple, "Lea")
        client, url = signed_in(ines), reverse("dashboard:new_case")
        asked = client.post(url, self.given())
        assert asked.status_code == 400
        assert "You know somebody called Lea already" in words(asked)
        assert f"Yes, of {'Lea & Tomas Brandt'}" in words(asked)
        assert Member.objects.filter(person=lea.person).count() == 1
        client.post(url, self.given(**{"member-0-same": str(lea.person_id)}))
        assert Member.objects.filter(person=lea.person).count() == 2
        client.post(url, self.given(**{"member-0-same": "new", "another": "yes"}))
        assert Member.objects.filter(person=lea.person).count() == 2
        assert sum(str(p.identity) == "Lea Brandt" for p in Person.objects.select_related("identity")) == 2

    def test_of_a_colleagues_case_nothing_is_told_and_nothing_taken(self, cast, now):
        lea = people.member(cast.couple, "Lea")
        client, url = signed_in(cast.colleague), reverse("dashboard:new_case")
        answer = client.post(url, self.given(**{"member-0-same": str(lea.person_id)}))
        assert answer.status_code == 302
        assert Member.objects.filter(person=lea.person).count() == 1

    def test_whoever_has_died_is_not_offered(self, ines, now):
        lea = people.member(people.couple(ines, now), "Lea")
        member_died(member=lea, died=True, at=now, actor=Actor.staff(ines.pk))
        assert signed_in(ines).post(reverse("dashboard:new_case"), self.given()).status_code == 302

    def test_of_another_clinic_is_refused(self, ines, now):
        with pytest.raises(ValidationError, match="not known here"):
            open_case(
                clinic=ines.clinic,
                therapist=ines,
                kind=CaseKind.INDIVIDUAL,
                members=[NewMember("Lea", person_id=uuid.uuid4())],
                opened_on=now.date(),
                at=now,
                actor=Actor.staff(ines.pk),
            )


class TestPlaces:
    def test_a_family_begins_with_two_and_grows_with_what_was_typed(self, ines):
        client, url = signed_in(ines), reverse("dashboard:new_case")
        page = client.get(f"{url}?kind=family").content.decode()
        assert page.count('<fieldset class="fieldset person">') == 3  # two people and the first session
        typed = {"kind": "family", "member-0-called": "Mara", "places": "2", "grow": "yes"}
        grown = client.post(url, typed)
        assert grown.status_code == 200
        assert grown.content.decode().count('<fieldset class="fieldset person">') == 4
        assert 'value="Mara"' in grown.content.decode()
        assert 'class="error"' not in grown.content.decode()

    def test_eight_at_most(self, ines):
        page = signed_in(ines).post(
            reverse("dashboard:new_case"), {"kind": "family", "places": "8", "grow": "yes"}
        )
        assert page.content.decode().count('<fieldset class="fieldset person">') == 9
        assert 'name="grow"' not in page.content.decode()
