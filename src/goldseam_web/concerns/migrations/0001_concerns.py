import django.db.models.deletion
import goldseam_web.lib.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0008_closed_days'),
        ('cases', '0007_safe_ways'),
    ]

    operations = [
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('received', 'Received'), ('answered', 'Answered'), ('closed', 'Closed')], default='received', max_length=32)),
                ('received_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.person')),
            ],
            options={
                'ordering': ['-received_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['received', 'answered', 'closed'])), name='concern_state'), models.UniqueConstraint(condition=models.Q(('state', 'received')), fields=('person',), name='concern_received_once')],
            },
        ),
        migrations.CreateModel(
            name='ConcernNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', goldseam_web.lib.fields.EncryptedText()),
                ('at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('concern', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='concerns.concern')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='ConcernRoute',
            fields=[
                ('clinic', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='accounts.clinic')),
                ('working_days', models.PositiveSmallIntegerField(default=3)),
                ('body_name', models.CharField(blank=True, max_length=120)),
                ('body_telephone', models.CharField(blank=True, max_length=40)),
                ('body_hours', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('body_name', ''), ('body_telephone', '')), models.Q(models.Q(('body_name', ''), _negated=True), models.Q(('body_telephone', ''), _negated=True)), _connector='OR'), name='concern_body_whole')],
            },
        ),
        migrations.CreateModel(
            name='ConcernWords',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('given', goldseam_web.lib.fields.EncryptedText()),
                ('at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('concern', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='concerns.concern')),
            ],
            options={
                'verbose_name_plural': 'concern words',
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='NamedPerson',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('staff', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'position'), name='named_person_position')],
            },
        ),
    ]
