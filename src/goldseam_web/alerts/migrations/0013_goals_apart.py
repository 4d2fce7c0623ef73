"""A finding of its own: what the members of a couple or family want from coming pulls apart."""

from django.db import migrations, models

KINDS = [
    ('strain', 'Strain'),
    ('strain_between', 'Strain Between'),
    ('goals_apart', 'Goals Apart'),
    ('erosion', 'Erosion'),
    ('low', 'Low'),
    ('asked', 'Asked'),
    ('felt_off', 'Felt Off'),
    ('word_alone', 'Word Alone'),
]


class Migration(migrations.Migration):

    dependencies = [('alerts', '0012_expected_courses')]

    operations = [
        migrations.RemoveConstraint(model_name='alertsignal', name='signal_kind'),
        migrations.AlterField(
            model_name='alertsignal',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=32),
        ),
        migrations.AddConstraint(
            model_name='alertsignal',
            constraint=models.CheckConstraint(
                condition=models.Q(('kind__in', [kind for kind, _ in KINDS])), name='signal_kind'
            ),
        ),
    ]
