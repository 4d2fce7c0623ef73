"""With which of two therapists there was tension, and who reads a form first; until now that was whom it rated."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def name_whom_they_rated(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Forms about a session of two asked about tension with whoever they named."""
    occasions = apps.get_model("measures", "Occasion")
    rated = occasions.objects.filter(pk=OuterRef("occasion")).values("therapist")[:1]
    of_two = apps.get_model("measures", "Response").objects.filter(
        occasion__encounter__beside__isnull=False, occasion__respondent__isnull=False
    )
    of_two.update(read_first_by=Subquery(rated))
    said = apps.get_model("measures", "Answer").objects.filter(item="tension", choice__in=("little", "clearly"))
    of_two.filter(pk__in=said.values("response")).update(strain_with="rated")


class Migration(migrations.Migration):
    dependencies = [("measures", "0008_own_number"), ("accounts", "0022_offers_look_back")]

    operations = [
        migrations.AddField(
            model_name="response",
            name="strain_with",
            field=models.CharField(
                blank=True,
                choices=[("rated", "Rated"), ("other", "Other"), ("both", "Both"), ("either", "Either")],
                default="",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="read_first_by",
            field=models.ForeignKey(
                null=True, on_delete=models.deletion.PROTECT, related_name="+", to="accounts.staff"
            ),
        ),
        migrations.RunPython(name_whom_they_rated, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("strain_with__in", ["", "rated", "other", "both", "either"])),
                name="response_strain_with",
            ),
        ),
    ]
