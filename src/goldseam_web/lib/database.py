"""What a database that cannot be used just now raises, and what it has to know to go by the right index."""

from django.db import InterfaceError, OperationalError, connection

# It is away, locked for longer than we wait, or it broke a transaction off: the same request may work a moment later.
DATABASE_AWAY = (OperationalError, InterfaceError)
# Rows of an index that are looked at: enough to tell one of few values from one of many, however many there are.
COUNTED = 400


def count_for_plans() -> None:
    """Have SQLite count what its indexes tell apart, as PostgreSQL does by itself.

    Uncounted it takes every index for as good as any other, and may look for a few rows by the clinic they belong to:
    then it reads all there are. Connections that are open already go on as before.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {COUNTED}")
        cursor.execute("ANALYZE")
