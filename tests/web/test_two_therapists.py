"""A session that two therapists hold: each form names one of them, by turns, and is in that one's series."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Encounter
from goldseam_web.cases.services import Repeat
from goldseam_web.measures.models import Occasion, Series
from goldseam_web.measures.services.handovers import hand_over_case
from goldseam_web.measures.services.planned_sessions import plan_sessions
from goldseam_web.measures.services.rated_therapists import by_turns
from tests.web import people
from tests.web.staff_pages import signed_in, words

A, B = uuid.UUID(int=1), uuid.UUID(int=2)


class TestByTurns:
    @given(st.lists(st.sampled_from([None, A, B]), max_size=8))
    def test_both_are_rated_where_there_are_two_members(self, last):
        chosen = by_turns((A, B), last)
        assert len(chosen) == len(last)
        assert set(chosen) == ({A, B} if len(last) > 1 else set(chosen) & {A, B})

    @given(st.integers(1, 8), st.integers(2, 12))
    def test_those_who_always_come_take_turns(self, members, count):
        last = [None] * members
        for k in range(count):
            now = by_turns((A, B), last)
            assert not k or all(one != before for one, before in zip(now, last, strict=True))
            assert abs(now.count(A) - now.count(B)) <= 1
            last = now

    @given(st.lists(st.sampled_from([A, B]), min_size=1, max_size=8))
    def test_one_at_most_is_asked_about_the_same_again(self, last):
        chosen = by_turns((A, B), last)
        assert sum(one == before for one, before in zip(chosen, last, strict=True)) <= 1


@pytest.fixture
def two(cast, now):
    people.treats_beside(cast.couple, cast.colleague, now)
    return cast


def planned(cast, now, times=3, **given):
    stands = {
        "case": cast.couple,
        "therapist": cast.ines,
        "beside": cast.colleague,
        "starts_at": now + timedelta(days=1),
        "minutes": 50,
        "repeat": Repeat(every_weeks=1, times=times),
        "at": now,
        "actor": Actor.staff(cast.ines.id),
        "key": uuid.uuid4(),
    }
    return plan_sessions(**{**stands, **given})


def named(encounter):
    asked = Occasion.objects.filter(encounter=encounter, phase=Phase.POST, respondent__isnull=False)
    return list(asked.order_by("respondent__position").values_list("therapist", flat=True))


@pytest.mark.django_db
class TestSessions:
    def test_each_form_names_one_and_the_next_the_other(self, two, now):
        ines, other = two.ines.pk, two.colleague.pk
        assert [named(e) for e in planned(two, now)] == [[ines, other], [other, ines], [ines, other]]

    def test_the_rating_is_in_the_series_of_the_one_it_names(self, two, now):
        encounter = planned(two, now, times=1)[0]
        at = encounter.ends_at + timedelta(minutes=10)
        for member in two.couple.members.order_by("position"):
            people.answer(
                people.asked(encounter, member), at, 8.0, {"within_goal": 8.0, "within_safety": 8.0}
            )
        found = Series.objects.filter(case=two.couple, scale="self_therapist").order_by("rater__position")
        assert list(found.values_list("therapist", flat=True)) == [two.ines.pk, two.colleague.pk]

    def test_one_who_does_not_treat_the_case_cannot_be_there(self, cast, now):
        with pytest.raises(ValidationError, match="does not treat this case"):
            planned(cast, now)

    def test_after_a_handover_to_the_other_one_holds_it(self, two, now):
        encounter = planned(two, now, times=1)[0]
        actor = Actor.staff(two.ines.id)
        hand_over_case(case=two.couple, giver=two.ines, taker=two.colleague, at=now, actor=actor)
        encounter.refresh_from_db()
        assert (encounter.therapist_id, encounter.beside_id) == (two.colleague.pk, None)
        assert set(named(encounter)) == {two.colleague.pk}

    def test_it_is_said_when_the_session_is_planned(self, two, now):
        url = reverse("dashboard:new_encounter", args=[two.couple.pk])
        page = signed_in(two.ines).get(url)
        assert f"You and {two.colleague.full_name}" in words(page)
        day = local_day(two.clinic, now) + timedelta(days=3)
        sent = {
            "form_key": page.context["form_key"],
            "day": day.isoformat(),
            "start": "10:00",
            "minutes": "50",
            "beside": str(two.colleague.pk),
        }
        signed_in(two.ines).post(url, sent)
        encounter = Encounter.objects.get(case=two.couple, local_date=day)
        assert encounter.beside_id == two.colleague.pk
        both = f"with {two.ines.full_name} and {two.colleague.full_name}"
        assert both in words(signed_in(two.ines).get(reverse("dashboard:encounter", args=[encounter.pk])))
