import django.db.models.deletion
import goldseam_web.measures.models
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('cases', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeasureVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=64)),
                ('version', models.CharField(max_length=20)),
                ('content', models.JSONField()),
                ('content_hash', models.CharField(max_length=64)),
                ('enabled', models.BooleanField(default=True)),
                ('installed_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measure_versions', to='accounts.clinic')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'key', 'version'), name='measure_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Occasion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('phase', models.CharField(choices=[('pre', 'Pre'), ('post', 'Post')], max_length=32)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('answered', 'Answered'), ('partly_answered', 'Partly Answered'), ('unanswered', 'Unanswered'), ('cancelled', 'Cancelled')], default='waiting', max_length=32)),
                ('setting', models.CharField(choices=[('home', 'Home'), ('room', 'Room'), ('phone', 'Phone'), ('paper', 'Paper')], default='home', max_length=32)),
                ('nonce', models.CharField(default=goldseam_web.measures.models.new_nonce, max_length=16)),
                ('asked_at', models.DateTimeField()),
                ('opens_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='cases.encounter')),
                ('proxy_grant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.proxygrant')),
                ('respondent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='cases.member')),
                ('respondent_staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='accounts.staff')),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.member')),
                ('therapist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'closes_at'], name='occasion_state_close')],
                'constraints': [models.CheckConstraint(condition=models.Q(('phase__in', ['pre', 'post'])), name='occasion_phase'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'answered', 'partly_answered', 'unanswered', 'cancelled'])), name='occasion_state'), models.CheckConstraint(condition=models.Q(('setting__in', ['home', 'room', 'phone', 'paper'])), name='occasion_setting'), models.CheckConstraint(condition=models.Q(('respondent', None), ('respondent_staff', None), _connector='XOR'), name='occasion_one_respondent'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='occasion_closes_after_it_opens'), models.UniqueConstraint(condition=models.Q(('respondent__isnull', False), models.Q(('state', 'cancelled'), _negated=True)), fields=('encounter', 'respondent', 'subject', 'therapist', 'phase'), name='occasion_once_per_member'), models.UniqueConstraint(condition=models.Q(('respondent_staff__isnull', False), models.Q(('state', 'cancelled'), _negated=True)), fields=('encounter', 'respondent_staff', 'phase'), name='occasion_once_per_staff')],
            },
        ),
        migrations.CreateModel(
            name='OccasionMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('measure_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='measures.measureversion')),
                ('occasion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measure_links', to='measures.occasion')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('occasion', 'position'), name='occasion_measure_position'), models.UniqueConstraint(fields=('occasion', 'measure_version'), name='occasion_measure_once')],
            },
        ),
        migrations.AddField(
            model_name='occasion',
            name='measures',
            field=models.ManyToManyField(related_name='occasions', through='measures.OccasionMeasure', to='measures.measureversion'),
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('revision', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('in_progress', 'In Progress'), ('completed', 'Completed'), ('closed', 'Closed'), ('amended', 'Amended')], default='in_progress', max_length=32)),
                ('device', models.CharField(blank=True, max_length=64)),
                ('attendance', models.JSONField(default=list)),
                ('started_at', models.DateTimeField()),
                ('rated_at', models.DateTimeField(null=True)),
                ('late', models.BooleanField(default=False)),
                ('amends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='measures.response')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('occasion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='measures.occasion')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['in_progress', 'completed', 'closed', 'amended'])), name='response_state'), models.UniqueConstraint(fields=('occasion', 'revision'), name='response_once_per_occasion')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('audience', models.CharField(choices=[('all', 'All'), ('therapist', 'Therapist'), ('know_only', 'Know Only')], max_length=32)),
                ('chosen_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='measures.response')),
            ],
            options={
                'ordering': ['chosen_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('audience__in', ['all', 'therapist', 'know_only'])), name='release_audience')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationJob',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('claimed', 'Claimed'), ('done', 'Done'), ('failed', 'Failed')], default='pending', max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('queued_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('claimed_by', models.CharField(blank=True, max_length=64)),
                ('finished_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=200)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('response', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='job', to='measures.response')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='job_state_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'claimed', 'done', 'failed'])), name='job_state')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item', models.CharField(max_length=64)),
                ('value', models.FloatField(null=True)),
                ('choice', models.CharField(blank=True, max_length=32)),
                ('skipped', models.BooleanField(default=False)),
                ('audience', models.CharField(choices=[('all', 'All'), ('therapist', 'Therapist'), ('know_only', 'Know Only')], default='therapist', max_length=32)),
                ('answered_at', models.DateTimeField()),
                ('elapsed_ms', models.PositiveIntegerField(null=True)),
                ('language', models.CharField(max_length=12)),
                ('channel', models.CharField(max_length=16)),
                ('layout', models.CharField(max_length=32)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('measure_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='measures.measureversion')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='measures.response')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('audience__in', ['all', 'therapist', 'know_only'])), name='answer_audience'), models.UniqueConstraint(fields=('response', 'item'), name='answer_once_per_item'), models.CheckConstraint(condition=models.Q(models.Q(('choice', ''), ('skipped', True), ('value', None)), models.Q(('skipped', False), models.Q(('value__isnull', False), models.Q(('choice', ''), _negated=True), _connector='OR')), _connector='OR'), name='answer_given_or_skipped')],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=255, unique=True)),
                ('measure_key', models.CharField(max_length=64)),
                ('major', models.PositiveSmallIntegerField()),
                ('scale', models.CharField(max_length=64)),
                ('phase', models.CharField(choices=[('pre', 'Pre'), ('post', 'Post')], max_length=32)),
                ('created_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('rater', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='series', to='cases.member')),
                ('rater_staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.member')),
                ('therapist', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'verbose_name_plural': 'series',
                'indexes': [models.Index(fields=['case', 'scale'], name='series_case_scale')],
                'constraints': [models.CheckConstraint(condition=models.Q(('phase__in', ['pre', 'post'])), name='series_phase'), models.CheckConstraint(condition=models.Q(('rater', None), ('rater_staff', None), _connector='XOR'), name='series_one_rater')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('scale', models.CharField(max_length=64)),
                ('value', models.FloatField(null=True)),
                ('status', models.CharField(choices=[('scored', 'Scored'), ('not_enough_answers', 'Not Enough Answers'), ('not_applied', 'Not Applied')], max_length=32)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('answered', models.PositiveSmallIntegerField()),
                ('items', models.PositiveSmallIntegerField()),
                ('minimum', models.FloatField()),
                ('maximum', models.FloatField()),
                ('higher_is_better', models.BooleanField()),
                ('rule', models.CharField(max_length=120)),
                ('scoring_version', models.CharField(max_length=20)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='cases.encounter')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='measures.response')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='measures.series')),
            ],
            options={
                'indexes': [models.Index(fields=['series', 'encounter'], name='score_series_encounter')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['scored', 'not_enough_answers', 'not_applied'])), name='score_status'), models.UniqueConstraint(fields=('response', 'series', 'scoring_version'), name='score_once'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'scored'), ('value__isnull', False)), models.Q(models.Q(('status', 'scored'), _negated=True), ('value', None)), _connector='OR'), name='score_has_value_if_scored')],
            },
        ),
    ]
