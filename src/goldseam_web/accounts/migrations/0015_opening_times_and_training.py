import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_second_step_reset'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='staffrole',
            name='staff_role_word',
        ),
        migrations.AlterField(
            model_name='staffrole',
            name='role',
            field=models.CharField(choices=[('therapist', 'Therapist'), ('supervisor', 'Supervisor'), ('administrator', 'Administrator'), ('researcher', 'Researcher'), ('in_training', 'In training')], max_length=32),
        ),
        migrations.AddConstraint(
            model_name='staffrole',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['therapist', 'supervisor', 'administrator', 'researcher', 'in_training'])), name='staff_role_word'),
        ),
        migrations.CreateModel(
            name='OpeningTime',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('weekday', models.PositiveSmallIntegerField()),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opening_times', to='accounts.clinic')),
            ],
            options={
                'ordering': ['weekday'],
            },
        ),
        migrations.AddConstraint(
            model_name='openingtime',
            constraint=models.UniqueConstraint(fields=('clinic', 'weekday'), name='opening_time_once'),
        ),
        migrations.AddConstraint(
            model_name='openingtime',
            constraint=models.CheckConstraint(condition=models.Q(('opens__lt', models.F('closes')), ('weekday__lte', 6)), name='opening_time_is_one'),
        ),
    ]
