"""Who may be slipping away is said on the caseload, before anybody has to notice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from goldseam_web.cases.models import Encounter, EncounterState, NotHeld
from goldseam_web.cases.services import cancel_encounter
from goldseam_web.cases.without_next import Slipping, slipping_away
from tests.web import people
from tests.web.staff_pages import signed_in, words

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
HELD, PLANNED, CANCELLED = EncounterState.HELD, EncounterState.PLANNED, EncounterState.CANCELLED


def appointments(*given):
    """Appointments of 50 minutes by their days from now and their state."""
    rows = [(NOW + timedelta(days=days), state) for days, state in given]
    return [Encounter(starts_at=at, ends_at=at + timedelta(minutes=50), state=state) for at, state in rows]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], None),
        ([(3, PLANNED)], None),
        ([(-7, HELD), (1, PLANNED)], None),
        ([(-7, HELD)], Slipping.NO_NEXT),
        ([(-7, HELD), (2, CANCELLED)], Slipping.NO_NEXT),
        ([(-7, CANCELLED), (1, PLANNED)], None),
        ([(-7, CANCELLED)], Slipping.NO_NEXT),
        ([(-21, HELD), (-14, CANCELLED), (-7, CANCELLED), (1, PLANNED)], Slipping.NOT_HELD_TWICE),
        ([(-21, CANCELLED), (-14, CANCELLED), (-7, HELD), (1, PLANNED)], None),
        ([(-28, HELD), (1, PLANNED)], None),
        ([(-29, HELD), (1, PLANNED)], Slipping.LONG_AGO),
        # Four sessions 28 days apart: twice that is 56.
        ([(-140, HELD), (-112, HELD), (-84, HELD), (-50, HELD), (6, PLANNED)], None),
        ([(-149, HELD), (-121, HELD), (-93, HELD), (-65, HELD), (6, PLANNED)], Slipping.LONG_AGO),
    ],
)
def test_what_the_appointments_of_a_case_say(given, expected):
    """By hand, from the rule: none ahead; two in a row not held; 28 days, or twice the median gap of three or more."""
    found = slipping_away(appointments(*given), at=NOW, zone=ZONE)
    assert (found.why if found else None) == expected


@pytest.mark.django_db
class TestCaseload:
    def test_it_says_since_when_there_is_no_next_appointment(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=3))
        day = (now - timedelta(days=3)).astimezone(ZoneInfo(cast.clinic.time_zone))
        page = words(signed_in(cast.ines).get("/"))
        assert f"No next appointment since {day.day} {day:%B}" in page

    def test_the_filter_shows_them_alone(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=3))
        people.plan(cast.individual, cast.ines, now + timedelta(days=3), at=now)
        page = words(signed_in(cast.ines).get("/", {"group": "slipping"}))
        assert "Lea & Tomas" in page
        assert "Ruth" not in page

    def test_with_a_next_appointment_nothing_is_said(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=3))
        people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
        assert "No next appointment" not in words(signed_in(cast.ines).get("/"))

    def test_two_cancelled_in_a_row(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=21))
        for days in (14, 7):
            missed = people.plan(
                cast.couple, cast.ines, now - timedelta(days=days), at=now - timedelta(days=22)
            )
            facts = {"at": now, "actor": people.Actor.staff(cast.ines.id)}
            cancel_encounter(encounter=missed, because=NotHeld.BY_CLIENT, **facts)
        people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
        assert "Two in a row did not take place" in words(signed_in(cast.ines).get("/"))
