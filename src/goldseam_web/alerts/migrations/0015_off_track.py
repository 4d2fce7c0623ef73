"""Courses of progress that are not on track are told once, where a clinic has switched that on."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

STATES = [
    ('told', 'Told'),
    ('looked_at', 'Looked At'),
    ('back', 'Back'),
    ('corrected', 'Corrected'),
    ('not_compared', 'Not Compared'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0022_offers_look_back'),
        ('alerts', '0014_look_backs'),
        ('cases', '0018_two_therapists'),
        ('measures', '0008_own_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='OffTrack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=STATES, default='told', max_length=32)),
                ('evidence', models.JSONField()),
                ('told_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='tracksversion',
            name='followed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='tracksversion',
            name='tells',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='tracksversion',
            constraint=models.CheckConstraint(condition=models.Q(('tells', False), ('in_use', True), _connector='OR'), name='tracks_tell_in_use'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='off_track', to='cases.case'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='clinic',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='encounter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.encounter'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='looked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.member'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='series',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='off_track', to='measures.series'),
        ),
        migrations.AddField(
            model_name='offtrack',
            name='tracks',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.tracksversion'),
        ),
        migrations.AddIndex(
            model_name='offtrack',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['clinic', 'case'], name='off_track_running'),
        ),
        migrations.AddConstraint(
            model_name='offtrack',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['told', 'looked_at', 'back', 'corrected', 'not_compared'])), name='off_track_state'),
        ),
        migrations.AddConstraint(
            model_name='offtrack',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('series',), name='off_track_once'),
        ),
        migrations.AddConstraint(
            model_name='offtrack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ('told', 'looked_at'))), models.Q(models.Q(('state__in', ('told', 'looked_at')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='off_track_end'),
        ),
        migrations.AddConstraint(
            model_name='offtrack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('looked_at', None), ('looked_by', None)), models.Q(('looked_at__isnull', False), ('looked_by__isnull', False)), _connector='OR'), name='off_track_looked'),
        ),
    ]
