"""What a database that cannot be used just now raises."""

from django.db import InterfaceError, OperationalError

# It is away, locked for longer than we wait, or it broke a transaction off: the same request may work a moment later.
DATABASE_AWAY = (OperationalError, InterfaceError)
