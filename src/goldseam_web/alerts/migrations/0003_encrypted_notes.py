"""Notes of therapists are encrypted."""

from django.db import migrations

from goldseam_web.lib.ciphers import encrypted
from goldseam_web.lib.fields import EncryptedText


def encrypt_notes(apps, _editor):
    for row in apps.get_model("alerts", "ProcessNote").objects.exclude(text="").iterator(500):
        row.text = encrypted(row.text)
        row.save(update_fields=["text"])


class Migration(migrations.Migration):

    dependencies = [("alerts", "0002_repair_and_plans")]

    operations = [
        migrations.RunPython(encrypt_notes, migrations.RunPython.noop),
        migrations.AlterField("processnote", "text", EncryptedText(blank=True)),
    ]
