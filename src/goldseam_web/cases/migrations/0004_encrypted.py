"""Names and contacts are encrypted: those that exist are, and their plain text leaves the table."""

import json

from django.db import migrations, models

from goldseam_web.lib.ciphers import CLIENT_DATA, encrypted, keyed_hash
from goldseam_web.lib.fields import EncryptedText

BATCH = 500


def encrypt_names(apps, _editor):
    identities = apps.get_model("cases", "PersonIdentity").objects
    batch = []
    for row in identities.iterator(BATCH):
        row.names = json.dumps([row.called, row.family_name], ensure_ascii=False)
        batch.append(row)
        if len(batch) == BATCH:
            identities.bulk_update(batch, ["names"])
            batch = []
    identities.bulk_update(batch, ["names"])


def encrypt_contacts(apps, _editor):
    for row in apps.get_model("cases", "PersonContact").objects.iterator(BATCH):
        row.value_hash = keyed_hash(CLIENT_DATA, row.value.strip().lower())
        row.value = encrypted(row.value)
        row.save(update_fields=["value", "value_hash"])


class Migration(migrations.Migration):

    dependencies = [("cases", "0003_paused_on")]

    operations = [
        migrations.AddField("personidentity", "names", EncryptedText(default=""), preserve_default=False),
        migrations.RunPython(encrypt_names, migrations.RunPython.noop),
        migrations.RemoveField("personidentity", "called"),
        migrations.RemoveField("personidentity", "family_name"),
        migrations.RemoveConstraint("personcontact", "contact_once"),
        migrations.AlterField("personcontact", "value", models.TextField()),
        migrations.AddField(
            "personcontact", "value_hash", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.RunPython(encrypt_contacts, migrations.RunPython.noop),
        migrations.AlterField("personcontact", "value", EncryptedText()),
        migrations.AddConstraint(
            "personcontact",
            models.UniqueConstraint(fields=("person", "kind", "value_hash"), name="contact_once"),
        ),
    ]
