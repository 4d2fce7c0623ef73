"""Since when nobody looks over a member of staff's shoulder: those who are there, since this migration."""

from django.db import migrations, models
from django.utils import timezone


def alone_now(apps, schema_editor):
    apps.get_model("accounts", "Staff").objects.update(alone_since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_clinic_lead")]

    operations = [
        migrations.AddField("staff", "alone_since", models.DateTimeField(null=True)),
        migrations.RunPython(alone_now, migrations.RunPython.noop),
    ]
