"""The names on a client's first page are those of the access rules, day by day."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldseam_web.accounts.models import Role, Staff, StaffRole, Supervision
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.models import CaseTherapist, TherapistPart
from goldseam_web.cases.readers import readers_on
from tests.web import people
from tests.web.staff_pages import words

pytestmark = pytest.mark.django_db
DAYS = st.integers(-4, 4)


@pytest.fixture
def started(cast, now):
    """Lea was asked about a session with Ines an hour ago."""
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    return people.asked(encounter, people.member(cast.couple, "Lea"))


def first_page(occasion):
    return words(Client().get(people.link(occasion)))


class TestWords:
    def test_the_supervisor_is_named_with_what_she_is(self, cast, started):
        page = first_page(started)
        assert "Ines sees your answers." in page
        assert f"So can {cast.supervisor.full_name}, who supervises the work." in page

    def test_a_cover_is_named_as_one(self, cast, started, now):
        today = now.date()
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            therapist=cast.colleague,
            part=TherapistPart.COVER,
            starts_on=today - timedelta(days=2),
        )
        page = first_page(started)
        covers, supervises = f"{cast.colleague.full_name}, who covers", "who supervises the work"
        assert f"So can {covers}, and {cast.supervisor.full_name}, {supervises}." in page

    def test_without_supervisor_and_cover_nobody_else_is_named(self, cast, started):
        cast.supervisor.supervises.all().delete()
        page = first_page(started)
        assert "Ines sees your answers." in page
        assert "So can" not in page

    def test_whoever_came_after_it_was_asked_is_said_to_have_come(self, cast, now):
        """The link opened four days ago and runs for a week; the colleague came yesterday."""
        cast.clinic.window_hours = 168
        cast.clinic.save()
        encounter = people.meet(cast.couple, cast.ines, now - timedelta(days=4))
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            therapist=cast.colleague,
            part=TherapistPart.CO_THERAPIST,
            starts_on=now.date() - timedelta(days=2),
        )
        page = first_page(people.asked(encounter, people.member(cast.couple, "Lea")))
        since = f"This has changed since you were asked: {cast.colleague.full_name} can read it too."
        assert since in page

    def test_where_the_therapist_has_left_the_supervisor_is_named_first(self, cast, started, now):
        cast.couple.therapists.update(ends_on=now.date() - timedelta(days=2))
        page = first_page(started)
        assert f"{cast.supervisor.full_name}, who supervises the work, sees your answers." in page
        assert "Ines sees" not in page

    def test_only_stands_before_no_name(self, started):
        assert " only " not in first_page(started).lower()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_names_are_those_who_can_open_the_case_that_day(data, cast, now):
    """Links, roles and supervisions begin and end by lot; every member of staff is asked every day."""
    staff = [cast.ines, cast.colleague, cast.supervisor, cast.administrator]
    today = now.date()
    draw = data.draw
    StaffRole.objects.filter(staff__in=staff).delete()
    Supervision.objects.filter(clinic=cast.clinic).delete()
    cast.couple.therapists.all().delete()

    def dated():
        starts = draw(DAYS)
        return {
            "starts_on": today + timedelta(days=starts),
            "ends_on": draw(st.none() | st.integers(starts, 5).map(lambda k: today + timedelta(days=k))),
        }

    for one in staff:
        Staff.objects.filter(pk=one.pk).update(active=draw(st.booleans()))
        for role in draw(st.sets(st.sampled_from([Role.THERAPIST, Role.SUPERVISOR]))):
            StaffRole.objects.create(clinic=cast.clinic, staff=one, role=role, **dated())
    for one in draw(st.lists(st.sampled_from(staff), max_size=3, unique=True)):
        part = draw(st.sampled_from(TherapistPart.values))
        CaseTherapist.objects.create(
            clinic=cast.clinic, case=cast.couple, therapist=one, part=part, **dated()
        )
    for above, below in draw(st.lists(st.permutations(staff).map(lambda p: tuple(p[:2])), max_size=3)):
        Supervision.objects.create(clinic=cast.clinic, supervisor=above, therapist=below, **dated())
    cast.clinic.lead = draw(st.none() | st.sampled_from(staff))
    cast.clinic.save()
    cast.couple.refresh_from_db()

    for day in range(-5, 7):
        at = now + timedelta(days=day)
        local = at.astimezone(ZoneInfo(cast.clinic.time_zone)).date()
        can_open = {
            one.pk
            for one in staff
            if (viewer := viewer_of(one.user, at=at)) and visible_cases(viewer).filter(pk=cast.couple.pk)
        }
        assert {reader.staff.pk for reader in readers_on(cast.couple, local)} == can_open
