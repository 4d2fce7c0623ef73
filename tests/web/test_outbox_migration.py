"""Messages about alerts were moved to the room of all messages: every row keeps what it had, there and back."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.services import evaluate
from goldseam_web.alerts.services.alert_messages import queue_messages
from goldseam_web.measures.models import Response
from goldseam_web.outbox.models import Message
from tests.web import histories, people

BEFORE = [("alerts", "0003_encrypted_notes")]
STATES = ("pending", "sending", "sent", "failed", "uncertain", "cancelled")


def migrate(targets):
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


@pytest.mark.django_db(transaction=True)
def test_every_row_and_key_moves_there_and_back(ines, now):
    if not MigrationExecutor(connection).loader.migrated_apps:
        pytest.skip("needs the migrations")
    case = people.individual(ines, now)
    [encounter] = histories.sessions(case, ines, 1, now)
    histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
    [signal] = evaluate(response=Response.objects.get(), at=now)
    Message.objects.all().delete()
    newest = [(app, name) for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes()]
    try:
        old = migrate(BEFORE).get_model("alerts", "Delivery")
        for k, state in enumerate(STATES):
            old.objects.create(
                clinic_id=signal.clinic_id,
                signal_id=signal.pk,
                recipient_id=ines.pk,
                channel="email",
                reason=("raised", "escalated", "not_taken_up")[k % 3],
                key=f"{signal.response_id}:{ines.pk}:email:raised" if k == 0 else f"key {k}",
                state=state,
                attempts=k,
                queued_at=now,
                due_at=now,
                claimed_by=f"worker {k}",
            )
        stored = sorted(old.objects.values_list("id", "key", "state", "attempts", "claimed_by", "signal_id"))
        migrate(newest)
        kept = ("id", "key", "state", "attempts", "claimed_by", "subject")
        assert sorted(Message.objects.values_list(*kept)) == stored
        purposes = Message.objects.order_by("attempts").values_list("purpose", flat=True)
        assert list(purposes) == ["raised", "escalated", "not_taken_up"] * 2
        # The words of the key are those that the version before wrote, or people are written to twice.
        assert queue_messages(signal=signal, at=now) == []
        again = migrate(BEFORE).get_model("alerts", "Delivery")
        back = ("id", "key", "state", "attempts", "claimed_by", "signal_id")
        assert sorted(again.objects.values_list(*back)) == stored
    finally:
        migrate(newest)
    assert AlertSignal.objects.count() == 1
    assert apps.get_model("outbox", "Message").objects.count() == len(STATES)
