import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('active', 'Active'), ('closed', 'Closed'), ('erased', 'Erased')], default='active', max_length=32)),
                ('legal_hold', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='persons', to='accounts.clinic')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'closed', 'erased'])), name='person_state')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('individual', 'Individual'), ('couple', 'Couple'), ('family', 'Family')], max_length=32)),
                ('state', models.CharField(choices=[('active', 'Active'), ('closed', 'Closed'), ('erased', 'Erased')], default='active', max_length=32)),
                ('opened_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('ending', models.CharField(blank=True, max_length=32)),
                ('legal_hold', models.BooleanField(default=False)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='accounts.clinic')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['individual', 'couple', 'family'])), name='case_kind'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'closed', 'erased'])), name='case_state'), models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('opened_on')), _connector='OR'), name='case_ends_after_it_opens')],
            },
        ),
        migrations.CreateModel(
            name='CaseTherapist',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('part', models.CharField(choices=[('main', 'Main'), ('co_therapist', 'Co Therapist'), ('cover', 'Cover')], default='main', max_length=32)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='therapists', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('therapist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_links', to='accounts.staff')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('part__in', ['main', 'co_therapist', 'cover'])), name='case_therapist_part'), models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('case', 'therapist'), name='case_therapist_once')],
            },
        ),
        migrations.CreateModel(
            name='Encounter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('held', 'Held'), ('cancelled', 'Cancelled')], default='planned', max_length=32)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('local_date', models.DateField()),
                ('cancelled_reason', models.CharField(blank=True, max_length=32)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('therapist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='accounts.staff')),
            ],
            options={
                'ordering': ['starts_at'],
                'indexes': [models.Index(fields=['case', 'starts_at'], name='encounter_case_start')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'held', 'cancelled'])), name='encounter_state'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='encounter_ends_after_start'), models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('case', 'starts_at'), name='encounter_once')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('client', 'Client'), ('partner', 'Partner'), ('parent', 'Parent'), ('child', 'Child'), ('other', 'Other')], max_length=32)),
                ('position', models.PositiveSmallIntegerField()),
                ('partnered', models.BooleanField(null=True)),
                ('parent', models.BooleanField(null=True)),
                ('idea', models.CharField(choices=[('own', 'Own'), ('shared', 'Shared'), ('someone_else', 'Someone Else'), ('unknown', 'Unknown')], default='unknown', max_length=32)),
                ('paused', models.BooleanField(default=False)),
                ('safety_asked_on', models.DateField(blank=True, null=True)),
                ('joined_on', models.DateField()),
                ('left_on', models.DateField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='cases.case')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='cases.person')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['client', 'partner', 'parent', 'child', 'other'])), name='member_role'), models.CheckConstraint(condition=models.Q(('idea__in', ['own', 'shared', 'someone_else', 'unknown'])), name='member_idea'), models.UniqueConstraint(fields=('case', 'position'), name='member_position'), models.UniqueConstraint(fields=('case', 'person'), name='member_once')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('care', 'Care'), ('research', 'Research'), ('joint_view', 'Joint View'), ('proxy', 'Proxy')], max_length=32)),
                ('version', models.CharField(max_length=20)),
                ('given_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='cases.member')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['care', 'research', 'joint_view', 'proxy'])), name='consent_purpose'), models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('member', 'purpose'), name='consent_once')],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('presence', models.CharField(choices=[('expected', 'Expected'), ('attended', 'Attended'), ('away', 'Away')], default='expected', max_length=32)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='cases.encounter')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='cases.member')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('presence__in', ['expected', 'attended', 'away'])), name='attendance_presence'), models.UniqueConstraint(fields=('encounter', 'member'), name='attendance_once')],
            },
        ),
        migrations.CreateModel(
            name='PersonIdentity',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='identity', serialize=False, to='cases.person')),
                ('called', models.CharField(max_length=60)),
                ('family_name', models.CharField(blank=True, max_length=60)),
                ('language', models.CharField(default='en', max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='PersonContact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('email', 'Email'), ('phone', 'Phone')], max_length=32)),
                ('value', models.CharField(max_length=254)),
                ('private', models.BooleanField(default=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='cases.person')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['email', 'phone'])), name='contact_kind'), models.UniqueConstraint(fields=('person', 'kind', 'value'), name='contact_once')],
            },
        ),
        migrations.CreateModel(
            name='ProxyGrant',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('respondent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proxy_for', to='cases.member')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proxied_by', to='cases.member')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('respondent', models.F('subject')), _negated=True), name='proxy_for_another')],
            },
        ),
        migrations.AddField(
            model_name='personidentity',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic'),
        ),
    ]
