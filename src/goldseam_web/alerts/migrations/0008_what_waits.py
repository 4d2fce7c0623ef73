"""What waits is found by an index: signals nobody has opened, plans, and episodes that may still change."""

from django.db import migrations, models
from django.db.models import Case, OuterRef, Q, Subquery, When

PLANNED = ["take_up", "not_yet"]


def fill(apps, _schema_editor):
    """From what was opened and said so far."""
    signal, seen, said = (
        apps.get_model("alerts", name) for name in ("AlertSignal", "Seen", "Acknowledgement")
    )
    first = seen.objects.filter(signal=OuterRef("pk")).order_by("at").values("at")[:1]
    last = said.objects.filter(signal=OuterRef("pk")).order_by("-at").values("choice")[:1]
    plans = said.objects.filter(signal=OuterRef("pk"), choice__in=PLANNED).order_by("at").values("at")[:1]
    # Each row once: of a row that was written twice PostgreSQL checks the keys at the end, and makes no index before.
    signal.objects.alias(last=Subquery(last)).update(
        first_seen_at=Subquery(first),
        open_plan_since=Case(When(last__in=PLANNED, then=Subquery(plans)), default=None),
    )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0007_kept_standings")]

    operations = [
        migrations.AddField(
            model_name="alertsignal",
            name="first_seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alertsignal",
            name="open_plan_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="alertsignal",
            index=models.Index(
                condition=Q(("first_seen_at", None)), fields=["clinic", "raised_at"], name="signal_unseen"
            ),
        ),
        migrations.AddIndex(
            model_name="alertsignal",
            index=models.Index(
                condition=Q(("open_plan_since__isnull", False)), fields=["clinic"], name="signal_planned"
            ),
        ),
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(
                condition=Q(("closed_at", None)), fields=["clinic"], name="episode_not_closed"
            ),
        ),
    ]
