"""Field factories that every table shares, so that a rule is written once."""

import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models

from goldseam_web.lib.ciphers import decrypted, encrypted


def public_id() -> "models.UUIDField[uuid.UUID, uuid.UUID]":
    """Primary key that may appear in a URL: it tells nothing and cannot be counted."""
    return models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)


def word(choices: type[models.TextChoices], **options: Any) -> "models.CharField[str, str]":
    """A state or kind, stored as the word people say for it."""
    return models.CharField(max_length=32, choices=choices.choices, **options)


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Let the database refuse a word that is not in the list."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField  # which takes no parameters when it runs


class EncryptedText(_Text):
    """Text that is encrypted in the database. It can be stored and read, not searched or sorted by."""

    def from_db_value(self, stored: str | None, *_facts: Any) -> str | None:
        return decrypted(stored) if stored else stored

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypted(text) if text else text

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse comparisons: two encryptions of one text differ, so that none would ever find anything."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be compared in the database.")
        return super().get_lookup(lookup_name)
