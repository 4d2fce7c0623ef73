from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_opening_times_and_training"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="age_of_consent",
            field=models.PositiveSmallIntegerField(default=16),
        ),
        migrations.AddField(
            model_name="clinic",
            name="leaflet_words",
            field=models.TextField(blank=True, default=""),
        ),
    ]
