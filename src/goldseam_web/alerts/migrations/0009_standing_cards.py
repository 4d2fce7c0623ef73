import uuid

import django.db.models.deletion
from django.db import migrations, models

FORM_PARTS = {
    'series': 'measures.series',
    'encounter': 'cases.encounter',
    'response': 'measures.response',
    'evaluation': 'alerts.evaluation',
}
KINDS = ['strain', 'strain_between', 'erosion', 'low', 'asked', 'felt_off', 'word_alone']
BY_CARD = ('felt_off', 'word_alone')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_tells_when_read'),
        ('alerts', '0008_what_waits'),
        ('cases', '0013_people'),
        ('measures', '0006_responses_in_progress'),
    ]

    operations = [
        migrations.CreateModel(
            name='StandingCard',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('secret_hash', models.CharField(max_length=64)),
                ('given_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_cards', to='cases.member')),
            ],
            options={
                'ordering': ['given_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('member',), name='standing_card_one_runs')],
            },
        ),
        migrations.CreateModel(
            name='SaidByCard',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='said', to='alerts.standingcard')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('signal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='said_by_card', to='alerts.alertsignal')),
            ],
            options={'ordering': ['at']},
        ),
        migrations.RemoveConstraint(model_name='alertsignal', name='signal_kind'),
        migrations.AlterField(
            model_name='alertsignal',
            name='kind',
            field=models.CharField(choices=[('strain', 'Strain'), ('strain_between', 'Strain Between'), ('erosion', 'Erosion'), ('low', 'Low'), ('asked', 'Asked'), ('felt_off', 'Felt Off'), ('word_alone', 'Word Alone')], max_length=32),
        ),
        *(
            migrations.AlterField(
                model_name='alertsignal',
                name=name,
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to=to),
            )
            for name, to in FORM_PARTS.items()
        ),
        migrations.AddConstraint(
            model_name='alertsignal',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='signal_kind'),
        ),
        migrations.AddConstraint(
            model_name='alertsignal',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('encounter', None), ('evaluation', None), ('kind__in', BY_CARD), ('response', None), ('series', None)),
                    models.Q(
                        models.Q(('kind__in', BY_CARD), _negated=True),
                        ('encounter__isnull', False),
                        ('evaluation__isnull', False),
                        ('response__isnull', False),
                        ('series__isnull', False),
                    ),
                    _connector='OR',
                ),
                name='signal_by_form_or_card',
            ),
        ),
    ]
