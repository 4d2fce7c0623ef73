"""What people said of consent becomes rows that are never changed: one for each time they said something.

Nothing that was agreed to is lost, and nothing is added to it: no text goes with these rows, because it is not known
what was read, so that everybody is asked at their next link.
"""

import uuid
from collections import Counter
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.db import migrations, models


def move(apps, _editor):
    record = apps.get_model("cases", "ConsentRecord")
    rows, stored = [], Counter()
    for old in apps.get_model("cases", "Consent").objects.select_related("clinic").order_by("given_at"):
        # A withdrawal of what was never agreed to had no version.
        said = [("given", old.given_at)] if old.version else []
        if old.withdrawn_at is not None:
            said.append(("withdrawn" if said else "declined", old.withdrawn_at))
        for answer, at in said:
            stored[old.member_id] += 1
            row = record(
                clinic_id=old.clinic_id,
                member_id=old.member_id,
                purpose=old.purpose,
                answer=answer,
                way="told_staff",
                said_on=at.astimezone(ZoneInfo(old.clinic.time_zone)).date(),
                at=at,
                position=stored[old.member_id],
            )
            rows.append(row)
    record.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_client_contact'),
        ('cases', '0007_safe_ways'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('care', models.TextField()),
                ('feedback', models.TextField()),
                ('research', models.TextField()),
                ('content_hash', models.CharField(max_length=64)),
                ('since', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consent_texts', to='accounts.clinic')),
            ],
        ),
        migrations.CreateModel(
            name='ConsentRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('care', 'being asked'), ('feedback', 'being read'), ('research', 'research'), ('joint_view', 'Joint View'), ('proxy', 'Proxy')], max_length=32)),
                ('answer', models.CharField(choices=[('given', 'agreed'), ('declined', 'did not agree'), ('withdrawn', 'took it back')], max_length=32)),
                ('way', models.CharField(choices=[('phone', 'on the phone'), ('paper', 'on paper'), ('told_staff', 'said to staff')], max_length=32)),
                ('said_on', models.DateField()),
                ('at', models.DateTimeField()),
                ('position', models.PositiveIntegerField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='cases.member')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('text', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='cases.consenttext')),
            ],
            options={
                'ordering': ['-said_on', '-position'],
            },
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.UniqueConstraint(fields=('clinic', 'number'), name='consent_text_number'),
        ),
        migrations.AddIndex(
            model_name='consentrecord',
            index=models.Index(fields=['member', 'purpose'], name='consent_of_member'),
        ),
        migrations.AddConstraint(
            model_name='consentrecord',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['care', 'feedback', 'research', 'joint_view', 'proxy'])), name='consent_record_purpose'),
        ),
        migrations.AddConstraint(
            model_name='consentrecord',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['given', 'declined', 'withdrawn'])), name='consent_record_answer'),
        ),
        migrations.AddConstraint(
            model_name='consentrecord',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['phone', 'paper', 'told_staff'])), name='consent_record_way'),
        ),
        migrations.AddConstraint(
            model_name='consentrecord',
            constraint=models.UniqueConstraint(fields=('member', 'position'), name='consent_record_position'),
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(
            name='Consent',
        ),
    ]
