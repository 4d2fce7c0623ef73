"""When answers may have to be told further becomes a part of what people agree to.

Until now every client page had one sentence of it, whatever the clinic's words were: it stays with the words that were
read beside it, and their hash is that of all they are. Nobody is asked again.
"""

import hashlib
import json

from django.db import migrations, models

READ_UNTIL_NOW = "Where somebody is in danger, it may have to be told further."


def hash_all_of_it(apps, schema_editor):
    texts = apps.get_model("cases", "ConsentText")
    for text in texts.objects.all():
        content = json.dumps([text.care, text.feedback, text.research, text.limits], ensure_ascii=False)
        text.content_hash = hashlib.sha256(content.encode()).hexdigest()
        text.save(update_fields=["content_hash"])


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_safety_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name="consenttext",
            name="limits",
            field=models.TextField(default=READ_UNTIL_NOW),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="consenttext",
            name="looked_over_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(hash_all_of_it, migrations.RunPython.noop),
    ]
