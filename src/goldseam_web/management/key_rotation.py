"""Bringing what is encrypted under the key that encrypts now: value by value, so that it may be interrupted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from django.db.models import Field, Model

from goldseam_web.cases.contacts import contact_hash
from goldseam_web.cases.models import PersonContact
from goldseam_web.lib.ciphers import CLIENT_DATA, SECOND_FACTOR, cipher, decrypted, is_under_first_key
from goldseam_web.lib.countries import country_of_zone
from goldseam_web.lib.fields import EncryptedText

_BATCH = 500


@dataclass(frozen=True)
class _Column:
    """A column of encrypted text."""

    model: type[Model]
    name: str

    @property
    def field(self) -> "Field[Any, Any]":
        return self.model._meta.get_field(self.name)  # type: ignore[return-value]  # noqa: SLF001  Django's name


def encrypted_columns() -> list[_Column]:
    """Every one there is: a list kept by hand would be forgotten with the next table."""
    return [
        _Column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001  Django's name
        if isinstance(field, EncryptedText)
    ]


def rotate_keys() -> int:
    """Encrypt anew whatever is not under the first key; how many values. UnknownKeyError before anything is changed."""
    check_keys_open()
    changed = sum(_rotated_column(column) for column in encrypted_columns())
    return changed + _rotated_hashes() + _rotated_second_factors()


def check_keys_open(*, only_first: bool = False) -> None:
    """UnknownKeyError if there is a value that no configured key opens; looking at one of each column, or at all."""
    for column in encrypted_columns():
        for _, stored in islice(_stored(column), 1 if only_first else None):
            decrypted(stored)


def _rotated_column(column: _Column) -> int:
    old = [(key, value) for key, value in _stored(column) if not is_under_first_key(CLIENT_DATA, value)]
    return sum(replace_value(column, key, value) for key, value in old)


def replace_value(column: _Column, key: Any, stored: str) -> int:
    """Write one value anew, unless somebody has changed it meanwhile."""
    anew = cipher(CLIENT_DATA).rotate(stored).decode()
    table, name, pk = (connection.ops.quote_name(part) for part in _names(column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = %s WHERE {pk} = %s AND {name} = %s",  # noqa: S608  our own names
            [anew, key, stored],
        )
        return int(cursor.rowcount)


def _stored(column: _Column) -> Iterator[tuple[Any, str]]:
    """Keys and values as they stand in the table, empty ones left out."""
    table, name, pk = (connection.ops.quote_name(part) for part in _names(column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {pk}, {name} FROM {table} WHERE {name} <> ''")  # noqa: S608  our own names
        yield from cursor.fetchall()


def _names(column: _Column) -> tuple[str, str, str]:
    meta = column.model._meta  # noqa: SLF001  Django's name
    return meta.db_table, str(column.field.column), str(meta.pk.column)


def _rotated_hashes() -> int:
    changed = 0
    for contact in PersonContact.objects.select_related("clinic").iterator(_BATCH):
        country = country_of_zone(contact.clinic.time_zone)
        anew = contact_hash(contact.kind, contact.value, country=country)
        if contact.value_hash != anew:
            changed += PersonContact.objects.filter(pk=contact.pk).update(value_hash=anew)
    return changed


def _rotated_second_factors() -> int:
    """The secrets of authenticator apps and the seed of recovery codes, as the sign-in library stores them."""
    changed = 0
    for row in Authenticator.objects.iterator(_BATCH):
        old = {name: value for name, value in row.data.items() if _is_old_secret(name, value)}
        if old:
            row.data.update(
                {name: cipher(SECOND_FACTOR).rotate(value).decode() for name, value in old.items()}
            )
            row.save(update_fields=["data"])
            changed += len(old)
    return changed


def _is_old_secret(name: str, value: object) -> bool:
    return (
        name in {"secret", "seed"} and isinstance(value, str) and not is_under_first_key(SECOND_FACTOR, value)
    )
