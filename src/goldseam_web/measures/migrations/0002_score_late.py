"""Lateness belongs to a score: it is judged by when its own items were answered, not by when the form was finished."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_from_response(apps, _schema_editor):
    response = apps.get_model("measures", "Response").objects.filter(pk=OuterRef("response_id"))
    scores = apps.get_model("measures", "Score").objects.filter(response__late=True)
    scores.update(late=Subquery(response.values("late")[:1]))


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial")]

    operations = [
        migrations.AddField("score", "late", models.BooleanField(default=False)),
        migrations.RunPython(take_from_response, migrations.RunPython.noop),
    ]
