"""Since when a member is paused, instead of whether; those who are, since this migration."""

from django.db import migrations, models
from django.utils import timezone


def keep_paused(apps, schema_editor):
    apps.get_model("cases", "Member").objects.filter(paused=True).update(paused_on=timezone.now().date())


def keep_paused_back(apps, schema_editor):
    apps.get_model("cases", "Member").objects.exclude(paused_on=None).update(paused=True)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_last_phase_and_endings")]

    operations = [
        migrations.AddField("member", "paused_on", models.DateField(blank=True, null=True)),
        migrations.RunPython(keep_paused, keep_paused_back),
        migrations.RemoveField("member", "paused"),
    ]
