"""A clinic says when it is closed, and a series leaves these days out."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.closed_days import close_days, closed_days
from goldseam_web.accounts.opening_tables import ClosedDay
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
PAGE = "/office/closed-days/"


def test_several_days_are_closed_in_one_go_and_one_is_opened_again(cast, now):
    first = now.date() + timedelta(days=30)
    client = signed_in(cast.administrator)
    last = first + timedelta(days=2)
    client.post(PAGE, {"first": first.isoformat(), "last": last.isoformat(), "name": "Holidays"})
    assert list(closed_days(cast.clinic, since=first)) == [first + timedelta(days=k) for k in range(3)]
    client.post(PAGE, {"open": first.isoformat()})
    assert list(closed_days(cast.clinic, since=first)) == [first + timedelta(days=k) for k in (1, 2)]
    assert AuditEntry.objects.filter(action="clinic.close_days").count() == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"first": "2026-12-31", "last": "2026-12-30", "name": "x"}, "the first day comes first"),
        ({"first": "2026-12-31", "last": "2028-12-30", "name": "x"}, "a year at most"),
        ({"first": "never", "name": "x"}, "Enter a valid date"),
        ({"first": "2026-12-31"}, "This field is required"),
    ],
)
def test_what_cannot_be_meant_is_refused(cast, given, message):
    response = signed_in(cast.administrator).post(PAGE, given)
    assert response.status_code == 400
    assert message in words(response)
    assert not ClosedDay.objects.exists()


def test_a_day_that_is_no_day_opens_nothing(cast):
    assert signed_in(cast.administrator).post(PAGE, {"open": "soon"}).status_code == 200


def test_how_many_appointments_lie_on_a_closed_day_is_said_and_not_whose(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=30), at=now)
    day = encounter.local_date
    close_days(clinic=cast.clinic, first=day, last=day, name="Holiday", at=now, actor=SYSTEM)
    page = words(signed_in(cast.administrator).get(PAGE))
    assert "1 appointment planned that day" in page
    assert "Brandt" not in page


def test_a_series_leaves_it_out_and_says_so(cast, now):
    first = now.date() + timedelta(days=5)
    closed = first + timedelta(weeks=1)
    close_days(clinic=cast.clinic, first=closed, last=closed, name="Holiday", at=now, actor=SYSTEM)
    form = {"day": first.isoformat(), "start": "09:00", "minutes": "50", "every": "1", "times": "3"}
    client = signed_in(cast.ines)
    response = client.post(reverse("dashboard:new_encounter", args=[cast.couple.pk]), form, follow=True)
    assert f"The clinic is closed on {closed.day} {closed:%B}" in words(response)
    days = sorted(cast.couple.encounters.values_list("local_date", flat=True))
    assert days == [first, first + timedelta(weeks=2), first + timedelta(weeks=3)]


def test_another_clinics_days_are_its_own(cast, now):
    day = date(2030, 1, 1)
    close_days(clinic=cast.stranger.clinic, first=day, last=day, name="x", at=now, actor=SYSTEM)
    assert closed_days(cast.clinic, since=now.date()) == {}
