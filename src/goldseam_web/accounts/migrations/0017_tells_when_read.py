from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_age_of_consent'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='tells_when_read',
            field=models.BooleanField(default=False),
        ),
    ]
