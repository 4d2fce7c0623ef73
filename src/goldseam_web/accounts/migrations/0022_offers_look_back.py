from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_ratings_shared'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='offers_look_back',
            field=models.BooleanField(default=True),
        ),
    ]
