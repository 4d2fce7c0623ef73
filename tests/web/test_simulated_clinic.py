"""Weeks of a clinic on a clock that is passed in; ``benchmarks/clinic/half_a_year.py`` lives through half a year."""

from datetime import timedelta

import pytest

from benchmarks.clinic.half_a_year import SimulatedClinic
from goldseam_web.measures import client_letters
from goldseam_web.measures.services import requests_by_mail

pytestmark = pytest.mark.django_db
SMALL = {"therapists": 1, "cases": 6, "weeks": 2, "tick": timedelta(hours=2)}


@pytest.fixture(autouse=True)
def _reached(settings):
    settings.GOLDSEAM_MAIL_CONFIGURED = True
    settings.GOLDSEAM_BASE_URL = "https://seehof.example"


def test_everybody_is_asked_once_at_a_right_time_and_nobody_else():
    """Against a calendar that the simulation keeps by itself."""
    found = SimulatedClinic(**SMALL).run(judge=False)
    assert found["first_faults"] == []
    assert found["mails"]["asked pre"] > 5
    assert found["mails"]["asked post"] > 5


def test_the_calendar_notices_requests_at_any_hour(monkeypatch):
    """It would be worth nothing if it could not."""
    monkeypatch.setattr(client_letters, "in_hours", lambda *_given: True)
    monkeypatch.setattr(requests_by_mail, "next_in_hours", lambda _ways, at, _zone: at)
    found = SimulatedClinic(**{**SMALL, "weeks": 1}).run(judge=False)
    assert found["faults"] > 0
