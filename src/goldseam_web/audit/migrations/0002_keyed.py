"""Entries are marked with a key, and seals made with it: those that exist are marked and sealed anew.

Whether the chain held until then can not be seen afterwards, so it is verified first and put on record.
"""

import hashlib
import json

from django.db import migrations, models
from django.utils import timezone

from goldseam_web.audit.chain import FIRST_SEAL, new_mark, new_seal

BATCH = 500


def seal_before(entry, previous):
    """The seal as it was made until now."""
    content = {
        "previous": previous,
        "position": entry.position,
        "id": entry.pk,
        "clinic": str(entry.clinic_id),
        "at": entry.at.isoformat(),
        "actor": [entry.actor_kind, str(entry.actor_id)],
        "action": entry.action,
        "object": [entry.object_kind, entry.object_id],
        "details": entry.details,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def mark_all(apps, _editor):
    entries = apps.get_model("audit", "AuditEntry").objects
    sealed = broken = 0
    before = after = FIRST_SEAL
    batch = []
    for entry in entries.filter(position__isnull=False).order_by("position").iterator(BATCH):
        sealed += 1
        broken += entry.position != sealed or entry.seal != seal_before(entry, before)
        before = entry.seal
        entry.mark = new_mark(entry)
        # A hole stays a hole: positions are as they were.
        after = entry.seal = new_seal(previous=after, position=entry.position, entry_id=entry.pk, mark=entry.mark)
        batch.append(entry)
        if len(batch) == BATCH:
            entries.bulk_update(batch, ["mark", "seal"])
            batch = []
    entries.bulk_update(batch, ["mark", "seal"])
    for entry in entries.filter(position=None).iterator(BATCH):
        entry.mark = new_mark(entry)
        entry.save(update_fields=["mark"])
    if sealed:
        _put_on_record(apps, sealed, broken)


def _put_on_record(apps, sealed, broken):
    entry = apps.get_model("audit", "AuditEntry")(
        at=timezone.now(),
        actor_kind="system",
        action="audit.keyed",
        details={"sealed": sealed, "broken": broken},
    )
    entry.mark = new_mark(entry)
    entry.save()


class Migration(migrations.Migration):

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("auditentry", "mark", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.RunPython(mark_all, migrations.RunPython.noop),
        migrations.AlterField("auditentry", "mark", models.CharField(max_length=64, unique=True)),
    ]
