"""Reading many ids at once."""

import uuid

from django.db.models import CharField
from django.db.models.functions import Cast


class KnownIds(dict[str, uuid.UUID]):
    """Ids by their text, each made once: of thousands of rows most share their ids, and making one is slow."""

    def __missing__(self, text: str) -> uuid.UUID:
        found = self[text] = uuid.UUID(text)
        return found


def as_text(field: str) -> Cast:
    """An id column as the database writes it, for `KnownIds`."""
    return Cast(field, CharField())
