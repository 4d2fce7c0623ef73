"""Field factories that every table shares, so that a rule is written once."""

import uuid
from typing import Any

from django.db import models


def public_id() -> "models.UUIDField[uuid.UUID, uuid.UUID]":
    """Primary key that may appear in a URL: it tells nothing and cannot be counted."""
    return models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)


def word(choices: type[models.TextChoices], **options: Any) -> "models.CharField[str, str]":
    """A state or kind, stored as the word people say for it."""
    return models.CharField(max_length=32, choices=choices.choices, **options)


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Let the database refuse a word that is not in the list."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)
