"""What SQLite has freed it has not erased: write the file anew, so that the plain names are nowhere in it."""

from django.db import migrations


def write_anew(_apps, editor):
    if editor.connection.vendor == "sqlite":
        with editor.connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("cases", "0004_encrypted")]
    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
