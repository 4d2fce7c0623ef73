"""The same people as in the tests of the application, and a couple of whom one has a signal."""

from datetime import datetime, timedelta

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.services import work_once
from goldseam_web.measures.models import Occasion
from tests.web import people
from tests.web.conftest import _no_page_names_two_things_alike, cast, now

__all__ = ["_no_page_names_two_things_alike", "cast", "now"]


@pytest.fixture
def lea(cast: people.Cast, now: datetime) -> Occasion:
    """Lea's request to answer about a meeting that ended an hour ago."""
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    return people.asked(encounter, people.member(cast.couple, "Lea"), Phase.POST)


@pytest.fixture
def strained(cast: people.Cast, lea: Occasion, now: datetime) -> AlertSignal:
    """Six weeks without tension, then a sharp drop for Tomas: a signal and an episode in the couple's case."""
    tomas = people.member(cast.couple, "Tomas")
    for weeks in range(6, 0, -1):
        ended = now - timedelta(weeks=weeks)
        people.answer(
            people.asked(people.meet(cast.couple, cast.ines, ended), tomas), ended + timedelta(minutes=9)
        )
    people.answer(people.asked(lea.encounter, tomas), now, level=1)
    while work_once(worker="test", at=now):
        pass
    return AlertSignal.objects.get(kind="strain", member=tomas)
