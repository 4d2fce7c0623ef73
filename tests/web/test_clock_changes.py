"""The nights on which clocks change: lengths and windows are reckoned in instants.

Chicago, read off a calendar: at 2:00 on 8 March 2026 clocks go to 3:00 (8:00 UTC); at 2:00 on 1 November they go back
to 1:00 (7:00 UTC).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.services import plan_encounter
from goldseam_web.dashboard.forms import SessionForm
from goldseam_web.measures.services import plan_occasions
from goldseam_web.measures.services.occasions import end_encounter
from tests.web import people

CHICAGO = ZoneInfo("America/Chicago")
HOURS_48 = timedelta(hours=48)
LENGTH = timedelta(minutes=50)
NIGHTS = [
    datetime(2026, 3, 7, 15, 0, tzinfo=CHICAGO),
    datetime(2026, 3, 8, 1, 30, tzinfo=CHICAGO),
    datetime(2026, 3, 8, 15, 0, tzinfo=CHICAGO),
    datetime(2026, 10, 31, 15, 0, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 0, 30, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO, fold=1),
]


@pytest.fixture
def plan(ruth):
    ines, case, _ = ruth

    def planned(starts_at):
        at = starts_at - timedelta(days=3)
        return plan_encounter(case=case, therapist=ines, starts_at=starts_at, minutes=50, at=at, actor=SYSTEM)

    return planned


@pytest.mark.parametrize("starts_at", NIGHTS)
def test_a_session_lasts_as_long_as_was_said_and_its_links_are_open_for_48_hours(ruth, plan, starts_at):
    _, _, who = ruth
    encounter = plan(starts_at)
    started = starts_at.astimezone(UTC)
    assert (encounter.starts_at, encounter.ends_at) == (started, started + LENGTH)
    assert encounter.local_date == starts_at.date()
    plan_occasions(encounter=encounter, at=started - timedelta(days=3), actor=SYSTEM)
    before, after = people.asked(encounter, who, Phase.PRE), people.asked(encounter, who)
    assert (before.opens_at, before.closes_at) == (started - HOURS_48, started)
    assert (after.opens_at, after.closes_at) == (started + LENGTH, started + LENGTH + HOURS_48)


@pytest.mark.parametrize("starts_at", NIGHTS)
def test_a_close_that_was_promised_does_not_move_when_the_session_ends(ruth, plan, starts_at):
    _, _, who = ruth
    encounter = plan(starts_at)
    plan_occasions(encounter=encounter, at=starts_at - timedelta(days=3), actor=SYSTEM)
    promised = people.asked(encounter, who).closes_at
    end_encounter(encounter=encounter, at=encounter.ends_at.astimezone(CHICAGO), actor=SYSTEM)
    assert people.asked(encounter, who).closes_at == promised


@pytest.mark.parametrize("minute", range(0, 60, 5))
@pytest.mark.parametrize("fold", [0, 1])
def test_every_time_of_the_doubled_hour_can_be_booked(plan, minute, fold):
    starts_at = datetime(2026, 11, 1, 1, minute, tzinfo=CHICAGO, fold=fold)
    encounter = plan(starts_at)
    assert encounter.ends_at - encounter.starts_at == LENGTH
    assert encounter.starts_at == datetime(2026, 11, 1, 6 + fold, minute, tzinfo=UTC)


def test_the_hour_the_clocks_leave_out_is_refused():
    """In Chicago 02:00 is followed by 03:00 on 8 March 2026."""
    given = {"day": "2026-03-08", "start": "02:30", "minutes": "50"}
    form = SessionForm(given, today=date(2026, 3, 1), zone=CHICAGO)
    assert not form.is_valid()
    assert "this time does not come" in form.errors["start"][0]


def test_the_form_gives_instants():
    given = {"day": "2026-11-01", "start": "03:00", "minutes": "50"}
    form = SessionForm(given, today=date(2026, 10, 30), zone=CHICAGO)
    assert form.is_valid()
    starts_at = form.starts_at
    assert starts_at is not None
    assert (starts_at, starts_at.tzinfo) == (datetime(2026, 11, 1, 9, 0, tzinfo=UTC), UTC)
    assert starts_at.astimezone(CHICAGO).date() == date(2026, 11, 1)
