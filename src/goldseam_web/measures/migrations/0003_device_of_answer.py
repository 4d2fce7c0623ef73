"""The device of each answer, instead of the one a form was begun on; answers so far were given on that one."""

from django.db import migrations, models


def keep_devices(apps, schema_editor):
    first = apps.get_model("measures", "Response").objects.filter(pk=models.OuterRef("response"))
    apps.get_model("measures", "Answer").objects.update(device=models.Subquery(first.values("device")[:1]))


class Migration(migrations.Migration):
    dependencies = [("measures", "0002_score_late")]

    operations = [
        migrations.AddField("answer", "device", models.CharField(blank=True, max_length=64)),
        migrations.RunPython(keep_devices, migrations.RunPython.noop),
        migrations.RemoveField("response", "device"),
    ]
