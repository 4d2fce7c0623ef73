"""A therapist plans a series in one form, moves and calls off, and finds all of it in a list."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from goldseam_web.cases.models import EncounterState, NotHeld
from goldseam_web.lib.clock_time import time_of_day
from goldseam_web.measures.services import settle_past_encounters
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(f"dashboard:{name}", args=[row.pk])


@pytest.fixture
def series(cast, now):
    """Three weekly sessions of the couple, booked by the page."""
    day = (now + timedelta(days=5)).date().isoformat()
    form = {"day": day, "start": "09:00", "minutes": "50", "every": "1", "times": "3"}
    signed_in(cast.ines).post(url("new_encounter", cast.couple), form)
    return list(cast.couple.encounters.order_by("starts_at"))


def test_a_series_is_one_form_and_the_list_shows_it(cast, series):
    assert len(series) == 3
    page = words(signed_in(cast.ines).get(url("appointments", cast.couple)))
    assert [f"Session {k}" in page for k in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_series_without_a_number_is_an_error_at_its_field(cast, now):
    day = (now + timedelta(days=5)).date().isoformat()
    form = {"day": day, "start": "09:00", "minutes": "50", "every": "2", "times": "1"}
    response = signed_in(cast.ines).post(url("new_encounter", cast.couple), form)
    assert response.status_code == 400
    assert "Give a number of times from 2 to 60." in words(response)
    assert not cast.couple.encounters.exists()


def test_the_next_one_is_filled_in_a_week_after_the_last(cast, series):
    page = signed_in(cast.ines).get(url("new_encounter", cast.couple)).content.decode()
    after = series[-1].local_date + timedelta(days=7)
    assert f'value="{after.isoformat()}"' in page
    assert 'value="09:00"' in page


def test_after_a_session_without_a_next_one_the_same_time_next_week_is_offered(cast, now):
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    client = signed_in(cast.ines)
    assert "Same time next week" in words(client.get(url("encounter", encounter)))
    people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
    assert "Same time next week" not in words(client.get(url("encounter", encounter)))


def test_cancelled_by_the_client_this_and_following(cast, series):
    client = signed_in(cast.ines)
    assert "Nobody came" not in words(client.get(url("cancel_encounter", series[1])))
    client.post(url("cancel_encounter", series[1]), {"because": "by_client", "reach": "following"})
    assert [e.state for e in cast.couple.encounters.order_by("starts_at")] == [
        EncounterState.PLANNED,
        EncounterState.CANCELLED,
        EncounterState.CANCELLED,
    ]
    page = words(client.get(url("appointments", cast.couple)))
    assert page.count("Cancelled by the client") == 2


def test_without_a_reason_nothing_is_cancelled(cast, series):
    response = signed_in(cast.ines).post(url("cancel_encounter", series[1]), {})
    assert response.status_code == 400
    assert "Choose one of the reasons." in words(response)


def test_nobody_came_and_taken_back(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now - timedelta(hours=2), at=now - timedelta(days=1))
    settle_past_encounters(at=now)
    client = signed_in(cast.ines)
    client.post(url("cancel_encounter", encounter), {"because": "nobody_came"})
    encounter.refresh_from_db()
    assert (encounter.state, encounter.cancelled_reason) == (EncounterState.CANCELLED, NotHeld.NOBODY_CAME)
    assert "It takes place after all" in words(client.get(url("encounter", encounter)))
    client.post(url("restore_encounter", encounter))
    encounter.refresh_from_db()
    assert encounter.state == EncounterState.HELD


def test_all_ahead_move_to_another_time(cast, series):
    day = series[0].local_date.isoformat()
    form = {"day": day, "start": "11:00", "minutes": "60", "reach": "ahead"}
    response = signed_in(cast.ines).post(url("correct_encounter", series[0]), form, follow=True)
    assert "3 sessions are moved." in words(response)
    zone = ZoneInfo(cast.clinic.time_zone)
    starts = {time_of_day(e.starts_at, zone=zone) for e in cast.couple.encounters.all()}
    assert starts == {"11:00"}


def test_a_session_alone_offers_no_choice_of_a_series(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
    assert "all of the series" not in words(signed_in(cast.ines).get(url("correct_encounter", encounter)))


def test_a_series_whose_first_session_runs_is_entered_with_the_clients_in_the_room(cast, now):
    """As a single one is: whoever enters it has been with them since it began, whatever they said before."""
    start = (now - timedelta(minutes=10)).astimezone(ZoneInfo(cast.clinic.time_zone))
    form = {
        "day": start.date().isoformat(),
        "start": f"{start:%H:%M}",
        "every": "1",
        "times": "3",
        "minutes": "50",
    }
    client = signed_in(cast.ines)
    client.post(url("new_encounter", cast.couple), form)
    cast.ines.refresh_from_db()
    assert cast.ines.alone_since < cast.couple.encounters.earliest("starts_at").starts_at


@pytest.mark.parametrize("act", ["moved", "taken back"])
def test_a_session_that_comes_to_run_now_is_entered_too(cast, now, act):
    """Moved into the present, or taking place after all: the clients have been there since it began."""
    start = (now - timedelta(minutes=10)).astimezone(ZoneInfo(cast.clinic.time_zone))
    client = signed_in(cast.ines)
    if act == "moved":
        encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)
        form = {"day": start.date().isoformat(), "start": f"{start:%H:%M}", "minutes": "50"}
        client.post(url("correct_encounter", encounter), form)
    else:
        encounter = people.plan(cast.couple, cast.ines, start, at=now - timedelta(days=1))
        client.post(url("cancel_encounter", encounter), {"because": "nobody_came"})
        client = signed_in(cast.ines)
        client.post(url("restore_encounter", encounter))
    encounter.refresh_from_db()
    cast.ines.refresh_from_db()
    assert cast.ines.alone_since < encounter.starts_at
