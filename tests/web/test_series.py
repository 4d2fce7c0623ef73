"""Appointments planned in one go, moved, cancelled and taken back, with what is asked about them."""

import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import EncounterState, NotHeld
from goldseam_web.cases.queries import SessionNumbers, sessions_of
from goldseam_web.cases.services import Reach, Repeat
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.services import settle_past_encounters
from goldseam_web.measures.services.planned_sessions import (
    cancel_sessions,
    move_sessions,
    plan_sessions,
    restore_session,
)
from tests.web import people

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 10, 12, 14, 0, tzinfo=UTC)


class Chicago:
    """A couple in Chicago that comes on Tuesdays at ten; the clocks go back on 1 November 2026."""

    def __init__(self):
        self.clinic = people.clinic_called("Lakeside", "America/Chicago", MONDAY)
        self.ines = people.ines_okafor(self.clinic, MONDAY)
        self.case = people.couple(self.ines, MONDAY)
        self.actor = Actor.staff(self.ines.id)
        self.first = datetime(2026, 10, 13, 10, 0, tzinfo=CHICAGO)

    def plan(self, **given):
        stands = {
            "case": self.case,
            "therapist": self.ines,
            "starts_at": self.first,
            "minutes": 50,
            "repeat": Repeat(every_weeks=1, times=12),
            "at": MONDAY,
            "actor": self.actor,
            "key": uuid.uuid4(),
        }
        return plan_sessions(**{**stands, **given})

    def cancel(self, encounter, because=NotHeld.BY_CLIENT, *, reach=Reach.ONE, at=MONDAY):
        return cancel_sessions(encounter=encounter, reach=reach, because=because, at=at, actor=self.actor)

    def move(self, encounter, starts_at, *, reach=Reach.ONE, at=MONDAY, minutes=50):
        return move_sessions(
            encounter=encounter,
            reach=reach,
            starts_at=starts_at,
            minutes=minutes,
            away=[],
            at=at,
            actor=self.actor,
        )

    def starts(self):
        kept = self.case.encounters.exclude(state=EncounterState.CANCELLED).order_by("starts_at")
        return [one.starts_at.astimezone(CHICAGO).strftime("%d %b %H:%M") for one in kept]


@pytest.fixture
def chicago():
    return Chicago()


class TestPlanned:
    def test_tuesdays_at_ten_stay_at_ten_when_the_clocks_go_back(self, chicago):
        """By the calendar of 2026."""
        booked = chicago.plan(repeat=Repeat(every_weeks=1, times=5))
        assert chicago.starts() == [
            "13 Oct 10:00",
            "20 Oct 10:00",
            "27 Oct 10:00",
            "03 Nov 10:00",
            "10 Nov 10:00",
        ]
        gaps = [b.starts_at - a.starts_at for a, b in pairwise(booked)]
        assert gaps == [
            timedelta(hours=168),
            timedelta(hours=168),
            timedelta(hours=169),
            timedelta(hours=168),
        ]

    def test_closed_days_are_left_out_and_the_number_of_sessions_stays(self, chicago):
        closed = [date(2026, 10, 20), date(2026, 11, 3)]
        chicago.plan(repeat=Repeat(every_weeks=1, times=3, closed=closed))
        assert chicago.starts() == ["13 Oct 10:00", "27 Oct 10:00", "10 Nov 10:00"]

    def test_everybody_is_asked_about_every_session_once(self, chicago):
        chicago.plan()
        key = uuid.uuid4()
        chicago.plan(starts_at=chicago.first + timedelta(days=1), key=key)
        chicago.plan(starts_at=chicago.first + timedelta(days=1), key=key)
        asked = Occasion.objects.filter(case=chicago.case, respondent__isnull=False)
        assert asked.filter(phase=Phase.POST).count() == 2 * 24
        assert asked.filter(phase=Phase.PRE).count() == 2 * 24

    def test_a_day_that_is_taken_is_named_and_nothing_is_booked(self, chicago):
        people.plan(chicago.case, chicago.ines, datetime(2026, 10, 27, 10, 30, tzinfo=CHICAGO), at=MONDAY)
        with pytest.raises(ValidationError, match="27 October 2026: There is already a session") as refused:
            chicago.plan()
        assert len(refused.value.messages) == 1
        assert chicago.starts() == ["27 Oct 10:30"]

    @pytest.mark.parametrize(
        ("every_weeks", "times", "message"),
        [
            (0, 5, "0 weeks given"),
            (9, 5, "9 weeks given"),
            (1, 0, "0 times given"),
            (1, 61, "61 times given"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, chicago, every_weeks, times, message):
        with pytest.raises(ValidationError, match=message):
            chicago.plan(repeat=Repeat(every_weeks=every_weeks, times=times))

    def test_the_hour_left_out_in_spring_is_refused_with_its_day(self, chicago):
        """The second Sunday in March: the clocks go from 2:00 to 3:00."""
        night = datetime(2027, 3, 7, 2, 30, tzinfo=CHICAGO)
        with pytest.raises(ValidationError, match="14 March 2027: The clocks are put forward over 02:30"):
            chicago.plan(starts_at=night, repeat=Repeat(every_weeks=1, times=3))

    @given(
        first=st.dates(date(2025, 1, 1), date(2030, 1, 1)),
        every=st.integers(1, 8),
        times=st.integers(1, 60),
        closed=st.sets(st.integers(0, 40), max_size=20),
    )
    def test_days_are_of_one_weekday_open_and_as_many_as_asked_for(self, first, every, times, closed):
        days = Repeat(every, times, {first + timedelta(weeks=every * k) for k in closed}).days(first)
        assert len(days) == times
        assert {(day - first).days % (7 * every) for day in days} == {0}
        assert days == sorted(set(days))
        assert not {first + timedelta(weeks=every * k) for k in closed} & set(days)


class TestMoved:
    def test_one_alone(self, chicago):
        second = chicago.plan(repeat=Repeat(1, 3))[1]
        chicago.move(second, datetime(2026, 10, 21, 9, 0, tzinfo=CHICAGO))
        assert chicago.starts() == ["13 Oct 10:00", "21 Oct 09:00", "27 Oct 10:00"]

    def test_this_and_following_by_a_week_over_each_other_and_over_the_clock_change(self, chicago):
        second = chicago.plan(repeat=Repeat(1, 4))[1]
        chicago.move(second, datetime(2026, 10, 27, 11, 0, tzinfo=CHICAGO), reach=Reach.FOLLOWING)
        assert chicago.starts() == ["13 Oct 10:00", "27 Oct 11:00", "03 Nov 11:00", "10 Nov 11:00"]

    def test_and_back_again(self, chicago):
        second = chicago.plan(repeat=Repeat(1, 4))[1]
        before = chicago.starts()
        chicago.move(second, datetime(2026, 10, 27, 11, 0, tzinfo=CHICAGO), reach=Reach.FOLLOWING)
        second.refresh_from_db()
        chicago.move(second, datetime(2026, 10, 20, 10, 0, tzinfo=CHICAGO), reach=Reach.FOLLOWING)
        assert chicago.starts() == before

    def test_all_that_lie_ahead_but_not_what_took_place(self, chicago):
        booked = chicago.plan(repeat=Repeat(1, 4))
        later = booked[1].ends_at + timedelta(minutes=1)
        settle_past_encounters(at=later)
        chicago.move(booked[3], datetime(2026, 11, 4, 10, 0, tzinfo=CHICAGO), reach=Reach.AHEAD, at=later)
        assert chicago.starts() == ["13 Oct 10:00", "20 Oct 10:00", "28 Oct 10:00", "04 Nov 10:00"]

    def test_links_open_and_close_with_the_new_times(self, chicago):
        second = chicago.plan(repeat=Repeat(1, 3))[1]
        chicago.move(second, datetime(2026, 10, 21, 9, 0, tzinfo=CHICAGO), reach=Reach.FOLLOWING)
        second.refresh_from_db()
        lea = people.member(chicago.case, "Lea")
        assert people.asked(second, lea, Phase.PRE).closes_at == second.starts_at
        assert people.asked(second, lea).opens_at == second.ends_at

    def test_where_one_of_them_cannot_be_moved_none_is(self, chicago):
        second = chicago.plan(repeat=Repeat(1, 3))[1]
        people.plan(chicago.case, chicago.ines, datetime(2026, 10, 28, 9, 0, tzinfo=CHICAGO), at=MONDAY)
        before = chicago.starts()
        with pytest.raises(ValidationError, match="already a session"):
            chicago.move(second, datetime(2026, 10, 21, 9, 0, tzinfo=CHICAGO), reach=Reach.FOLLOWING)
        assert chicago.starts() == before


class TestCancelled:
    def test_nobody_is_asked_about_it_and_it_has_no_number(self, chicago):
        first, second, third = chicago.plan(repeat=Repeat(1, 3))
        chicago.cancel(second)
        settle_past_encounters(at=third.ends_at)
        assert {o.state for o in second.occasions.all()} == {OccasionState.CANCELLED}
        assert SessionNumbers.of(chicago.case.encounters.all()).by_encounter == {first.id: 1, third.id: 2}

    def test_the_window_of_the_session_before_is_long_again(self, chicago):
        """48 hours: the next session, a day later, had cut it short."""
        [first] = chicago.plan(repeat=Repeat(1, 1))
        [next_day] = chicago.plan(starts_at=chicago.first + timedelta(days=1), repeat=Repeat(1, 1))
        lea = people.member(chicago.case, "Lea")
        assert people.asked(first, lea).closes_at == next_day.starts_at
        chicago.cancel(next_day)
        assert people.asked(first, lea).closes_at == first.ends_at + timedelta(hours=48)

    def test_this_and_following(self, chicago):
        booked = chicago.plan(repeat=Repeat(1, 4))
        chicago.cancel(booked[2], NotHeld.BY_CLINIC, reach=Reach.FOLLOWING)
        assert chicago.starts() == ["13 Oct 10:00", "20 Oct 10:00"]

    def test_nobody_came_to_one_that_the_clock_had_counted(self, chicago):
        first, second = chicago.plan(repeat=Repeat(1, 2))
        later = first.ends_at + timedelta(hours=1)
        settle_past_encounters(at=later)
        chicago.cancel(first, NotHeld.NOBODY_CAME, at=later)
        settle_past_encounters(at=second.ends_at)
        assert list(sessions_of(people.member(chicago.case, "Lea"))) == [1]

    def test_nobody_can_have_missed_what_lies_ahead(self, chicago):
        first, *_ = chicago.plan(repeat=Repeat(1, 2))
        with pytest.raises(ValidationError, match="lies ahead"):
            chicago.cancel(first, NotHeld.NOBODY_CAME)

    def test_what_was_answered_about_took_place(self, chicago):
        first, *_ = chicago.plan(repeat=Repeat(1, 2))
        later = first.ends_at + timedelta(hours=1)
        settle_past_encounters(at=later)
        people.answer(people.asked(first, people.member(chicago.case, "Lea")), later)
        with pytest.raises(ValidationError, match="answered about"):
            chicago.cancel(first, at=later)

    def test_taken_back_everybody_is_asked_by_the_link_they_had(self, chicago):
        first, *_ = chicago.plan(repeat=Repeat(1, 2))
        before = {o.pk: (o.nonce, o.state, o.opens_at, o.closes_at) for o in first.occasions.all()}
        chicago.cancel(first)
        restore_session(encounter=first, at=MONDAY, actor=chicago.actor)
        assert {o.pk: (o.nonce, o.state, o.opens_at, o.closes_at) for o in first.occasions.all()} == before
        first.refresh_from_db()
        assert (first.state, first.cancelled_reason) == (EncounterState.PLANNED, "")

    def test_not_taken_back_where_another_has_its_time(self, chicago):
        first, *_ = chicago.plan(repeat=Repeat(1, 2))
        chicago.cancel(first)
        people.plan(chicago.case, chicago.ines, chicago.first, at=MONDAY)
        with pytest.raises(ValidationError, match="already a session"):
            restore_session(encounter=first, at=MONDAY, actor=chicago.actor)
