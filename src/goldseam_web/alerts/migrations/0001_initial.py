import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('cases', '0001_initial'),
        ('measures', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Episode',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('onset_kind', models.CharField(choices=[('precipitous', 'Precipitous'), ('erosion', 'Erosion'), ('unknown', 'Unknown')], max_length=32)),
                ('onset_grade', models.CharField(max_length=16)),
                ('baseline', models.FloatField(null=True)),
                ('spread', models.FloatField(null=True)),
                ('onset_value', models.FloatField(null=True)),
                ('nadir', models.FloatField(null=True)),
                ('depth', models.FloatField(null=True)),
                ('depth_z', models.FloatField(null=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('repaired', 'Repaired'), ('repaired_unconfirmed', 'Repaired Unconfirmed'), ('partial', 'Partial'), ('unrepaired', 'Unrepaired'), ('indeterminate', 'Indeterminate'), ('withdrawn', 'Withdrawn')], default='open', max_length=32)),
                ('duration', models.PositiveSmallIntegerField(null=True)),
                ('shape', models.CharField(blank=True, max_length=16)),
                ('client_confirmed_at', models.DateTimeField(null=True)),
                ('therapist_confirmed_at', models.DateTimeField(null=True)),
                ('contradicted_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='episodes', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='episodes', to='cases.member')),
                ('nadir_encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.encounter')),
                ('onset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.encounter')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('repair_encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.encounter')),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='episodes', to='measures.series')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['open', 'repaired', 'repaired_unconfirmed', 'partial', 'unrepaired', 'indeterminate', 'withdrawn'])), name='episode_status'), models.CheckConstraint(condition=models.Q(('onset_kind__in', ['precipitous', 'erosion', 'unknown'])), name='episode_onset_kind'), models.UniqueConstraint(fields=('case', 'number'), name='episode_number'), models.UniqueConstraint(condition=models.Q(('series__isnull', False), models.Q(('status', 'withdrawn'), _negated=True)), fields=('series', 'onset'), name='episode_once')],
            },
        ),
        migrations.CreateModel(
            name='EpisodeEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=32)),
                ('before', models.CharField(blank=True, max_length=32)),
                ('after', models.CharField(blank=True, max_length=32)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.encounter')),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='alerts.episode')),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('criterion', models.CharField(max_length=64)),
                ('criterion_version', models.CharField(max_length=20)),
                ('input_digest', models.CharField(max_length=64)),
                ('verdict', models.CharField(choices=[('met', 'Met'), ('not_met', 'Not Met'), ('not_applied', 'Not Applied'), ('not_enough_data', 'Not Enough Data')], max_length=32)),
                ('grade', models.CharField(blank=True, max_length=16)),
                ('value', models.FloatField(null=True)),
                ('expected', models.FloatField(null=True)),
                ('limit', models.FloatField(null=True)),
                ('usual_low', models.FloatField(null=True)),
                ('usual_high', models.FloatField(null=True)),
                ('p', models.FloatField(null=True)),
                ('earlier_ratings', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('evaluated_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='cases.encounter')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='measures.series')),
                ('superseded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='alerts.evaluation')),
            ],
            options={
                'indexes': [models.Index(fields=['series', 'criterion'], name='evaluation_series_criterion')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['met', 'not_met', 'not_applied', 'not_enough_data'])), name='evaluation_verdict'), models.UniqueConstraint(condition=models.Q(('superseded_by', None)), fields=('series', 'encounter', 'criterion'), name='evaluation_one_current')],
            },
        ),
        migrations.CreateModel(
            name='AlertSignal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('strain', 'Strain'), ('strain_between', 'Strain Between'), ('erosion', 'Erosion'), ('low', 'Low'), ('asked', 'Asked')], max_length=32)),
                ('grade', models.CharField(blank=True, max_length=16)),
                ('evidence', models.JSONField()),
                ('raised_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='cases.encounter')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='cases.member')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='measures.response')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='measures.series')),
                ('episode', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='alerts.episode')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='alerts.evaluation')),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'raised_at'], name='signal_case_raised')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['strain', 'strain_between', 'erosion', 'low', 'asked'])), name='signal_kind'), models.UniqueConstraint(fields=('series', 'encounter', 'kind'), name='signal_once')],
            },
        ),
        migrations.CreateModel(
            name='NormsVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=64)),
                ('content', models.JSONField()),
                ('content_hash', models.CharField(max_length=64)),
                ('in_use', models.BooleanField(default=True)),
                ('stored_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='norms_versions', to='accounts.clinic')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'content_hash'), name='norms_once'), models.UniqueConstraint(condition=models.Q(('in_use', True)), fields=('clinic',), name='norms_one_in_use')],
            },
        ),
        migrations.AddField(
            model_name='evaluation',
            name='norms',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.normsversion'),
        ),
        migrations.CreateModel(
            name='ProcessNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=32)),
                ('text', models.TextField(blank=True)),
                ('written_at', models.DateTimeField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('episode', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='alerts.episode')),
            ],
        ),
        migrations.CreateModel(
            name='Seen',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('signal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seen', to='alerts.alertsignal')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('signal', 'staff'), name='seen_once')],
            },
        ),
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('choice', models.CharField(choices=[('take_up', 'Take Up'), ('talked', 'Talked'), ('different', 'Different')], max_length=32)),
                ('at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('signal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='alerts.alertsignal')),
            ],
            options={
                'ordering': ['at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('choice__in', ['take_up', 'talked', 'different'])), name='acknowledgement_choice')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(max_length=16)),
                ('reason', models.CharField(default='raised', max_length=16)),
                ('key', models.CharField(max_length=128, unique=True)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain'), ('cancelled', 'Cancelled')], default='pending', max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('queued_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('claimed_by', models.CharField(blank=True, max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=200)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('signal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='alerts.alertsignal')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(fields=['state', 'due_at'], name='delivery_state_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'sending', 'sent', 'failed', 'uncertain', 'cancelled'])), name='delivery_state')],
            },
        ),
    ]
