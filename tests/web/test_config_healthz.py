from datetime import timedelta

import pytest

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.outbox.models import Message, MessageState
from tests.web import histories, people
from tests.web.staff_pages import signed_in


@pytest.mark.django_db
def test_health_page_answers_without_sign_in(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.fixture
def unheard(cast, now):
    """Ruth said there was tension; the link of her only therapist has ended, and nobody supervises."""
    cast.supervisor.supervises.all().delete()
    [encounter] = histories.sessions(cast.individual, cast.ines, 1, now)
    response = histories.rate(encounter, people.member(cast.individual, "Ruth"), 8.0, {"tension": "clearly"})
    cast.individual.therapists.update(ends_on=now.date() - timedelta(7))
    histories.judge([response], notify=True)
    return cast


def test_an_administrator_reads_how_many_findings_nobody_can_hear_of(unheard):
    response = signed_in(unheard.administrator).get("/healthz")
    assert response.status_code == 200
    first, second = response.content.decode().splitlines()
    assert first == "ok"
    assert second.startswith("WRONG findings: 1 that nobody can hear of")


@pytest.mark.parametrize("seat", ["ines", "supervisor", "researcher", "stranger"])
def test_nobody_else_does(unheard, seat):
    """A partner who watched the number would learn that the other has answered."""
    assert signed_in(getattr(unheard, seat)).get("/healthz").content == b"ok\n"


def test_an_administrator_reads_how_many_messages_were_refused(unheard, now):
    Message.objects.create(
        clinic=unheard.clinic,
        purpose="raised",
        subject=AlertSignal.objects.get().pk,
        staff=unheard.ines,
        channel="email",
        key="refused",
        state=MessageState.FAILED,
        queued_at=now,
        due_at=now,
    )
    said = signed_in(unheard.administrator).get("/healthz").content.decode()
    assert "WRONG messages: 1 could not be delivered" in said
    assert "Okafor" not in said
