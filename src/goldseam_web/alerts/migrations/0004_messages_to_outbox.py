"""Messages about alerts move to the room of all messages: every row, with its id and key."""

from django.db import migrations

KEPT = (
    *("id", "clinic_id", "channel", "key", "state", "sent_at"),
    *("attempts", "queued_at", "due_at", "claimed_at", "claimed_by", "last_error"),
)


def move(apps, _editor):
    messages = apps.get_model("outbox", "Message")
    moved = (
        messages(
            purpose=row.reason,
            subject=row.signal_id,
            staff_id=row.recipient_id,
            **{name: getattr(row, name) for name in KEPT},
        )
        for row in apps.get_model("alerts", "Delivery").objects.iterator(500)
    )
    messages.objects.bulk_create(moved, batch_size=500)


def move_back(apps, _editor):
    deliveries = apps.get_model("alerts", "Delivery")
    of_alerts = apps.get_model("outbox", "Message").objects.filter(
        purpose__in=["raised", "escalated", "not_taken_up"]
    )
    moved = (
        deliveries(
            reason=row.purpose,
            signal_id=row.subject,
            recipient_id=row.staff_id,
            **{name: getattr(row, name) for name in KEPT},
        )
        for row in of_alerts.iterator(500)
    )
    deliveries.objects.bulk_create(moved, batch_size=500)
    of_alerts.delete()


class Migration(migrations.Migration):

    dependencies = [("alerts", "0003_encrypted_notes"), ("outbox", "0001_initial")]

    operations = [
        migrations.RunPython(move, move_back),
        migrations.DeleteModel("Delivery"),
    ]
