"""The page each client is offered at the end: its link, its words, and who else may read them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import goldseam_web.lib.fields
import goldseam_web.measures.nonce

STATES = [('offered', 'Offered'), ('declined', 'Declined'), ('released', 'Released'), ('opened', 'Opened')]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0020_lot_percent'),
        ('alerts', '0013_goals_apart'),
        ('cases', '0017_shared_goal'),
    ]

    operations = [
        migrations.CreateModel(
            name='LookBack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('nonce', models.CharField(default=goldseam_web.measures.nonce.new_nonce, max_length=16)),
                ('by_word', models.BooleanField()),
                ('state', models.CharField(choices=STATES, default='offered', max_length=32)),
                ('offered_at', models.DateTimeField()),
                ('words', goldseam_web.lib.fields.EncryptedText(blank=True)),
                ('stayed_open', goldseam_web.lib.fields.EncryptedText(blank=True)),
                ('lines', goldseam_web.lib.fields.EncryptedText(blank=True)),
                ('with_members', models.JSONField(default=list)),
                ('acted_on', models.DateTimeField(null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='look_back', to='cases.member')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', [state for state, _ in STATES])), name='look_back_state')],
            },
        ),
    ]
