"""Many cases with a past: a few are made through the application's services, the others are their rows, copied.

A few hundred copies are made row by row, with names of their own; hundreds of thousands (`grow`) by the database.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

COPIED_ROOMS = ("cases", "measures", "alerts", "outbox")
# What all cases of a clinic share.
OF_THE_CLINIC = ("ConsentText", "NormsVersion")
# Not a part of something longer, such as a sum.
AN_ID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{32}\b")


class MadeRows:
    """The rows that were written while it watched, and copies of them with ids of their own."""

    def __init__(self, rows: "Sequence[Model]") -> None:
        self.rows = rows
        self.ids = {row.pk for row in rows if isinstance(row.pk, uuid.UUID)}

    def only(self, *names: str) -> "MadeRows":
        """The rows of these tables alone, which must not point at any other of them; ids become the same others."""
        found = MadeRows([row for row in self.rows if type(row).__name__ in names])
        found.ids = self.ids
        return found

    def copy(self, number: int) -> None:
        """Write every row once more: ids become others, the same ones everywhere."""
        by_model: dict[type[Any], list[Any]] = {}
        for row in self.rows:
            by_model.setdefault(type(row), []).append(self._copied(row, number))
        for model, copies in by_model.items():
            model.objects.bulk_create(copies, batch_size=500)

    def _copied(self, row: "Model", number: int) -> "Model":
        values = {
            name: self._other(value, number) for name, value in vars(row).items() if not name.startswith("_")
        }
        if not isinstance(row.pk, uuid.UUID):
            del values["id"]
        if type(row).__name__ == "PersonIdentity":
            from goldseam_web.cases.models import packed_names

            values["names"] = packed_names(called=row.display_name, family_name=f"Family{number}")
        return type(row)(**values)

    def _other(self, value: Any, number: int) -> Any:
        if isinstance(value, uuid.UUID):
            return uuid.uuid5(value, str(number)) if value in self.ids else value
        if isinstance(value, dict):
            return {name: self._other(each, number) for name, each in value.items()}
        if isinstance(value, list):
            return [self._other(each, number) for each in value]
        if isinstance(value, str):
            return AN_ID.sub(lambda found: str(self._other(uuid.UUID(found[0]), number)), value)
        return value


@contextmanager
def watched_rows() -> "Iterator[list[Model]]":
    """The list holds, when the block is over, the rows of cases, measures, alerts and mails that were written in it."""
    from django.apps import apps

    models = [model for room in COPIED_ROOMS for model in apps.get_app_config(room).get_models()]
    models = [model for model in models if model.__name__ not in OF_THE_CLINIC]
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in models}
    written: list[Any] = []
    yield written
    for model in models:
        written += model.objects.exclude(pk__in=before[model])


def grow(made: MadeRows, *, times: int) -> None:
    """Have the database copy these rows, with other ids; keys that must be unique become others, too.

    Text in which ids are written stays as it is, and so do names.
    """
    from django.db import connection

    by_model: dict[type[Any], list[Any]] = {}
    for row in made.rows:
        by_model.setdefault(type(row), []).append(row.pk)
    dialect = PostgreSQL if connection.vendor == "postgresql" else SQLite
    with connection.cursor() as cursor:
        cursor.execute(dialect.no_order)  # rows may come before those that they point at
        dialect.prepare(connection)
        cursor.execute(f"CREATE TEMPORARY TABLE made_ids (id {dialect.id_type} PRIMARY KEY)")
        cursor.executemany("INSERT INTO made_ids VALUES (%s)", [[dialect.id_of(one)] for one in made.ids])
        for model, keys in by_model.items():
            held = [dialect.id_of(key) if isinstance(key, uuid.UUID) else key for key in keys]
            cursor.execute(_copying(model, dialect, count=len(held)), [*held, times])
        cursor.execute("DROP TABLE made_ids")
        cursor.execute(dialect.in_order)


def _copying(model: type[Any], dialect: "type[PostgreSQL | SQLite]", *, count: int) -> str:
    """The statement that copies rows of one table; its parameters are their keys and how many times."""
    from django.db.models import CharField, UUIDField

    columns, values = [], []
    meta = model._meta  # noqa: SLF001 - as Django documents it
    for field in meta.concrete_fields:
        name = f'"{field.column}"'
        stored = field.target_field if field.is_relation else field
        if field.primary_key and not isinstance(stored, UUIDField):
            continue  # counted by the table itself
        columns.append(name)
        if isinstance(stored, UUIDField):
            values.append(
                f"CASE WHEN b.{name} IN (SELECT id FROM made_ids)"  # noqa: S608 - names of our own tables
                f" THEN {dialect.other_id(name)} ELSE b.{name} END"
            )
        elif field.unique and isinstance(field, CharField):
            values.append(dialect.other_text(name))
        elif field.unique:
            values.append(f"b.{name} + n")
        else:
            values.append(f"b.{name}")
    table, key = meta.db_table, meta.pk.column
    marks = ", ".join(["%s"] * count)
    return (
        f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(values)} '  # noqa: S608
        f'FROM (SELECT * FROM "{table}" WHERE "{key}" IN ({marks})) AS b CROSS JOIN {dialect.numbers}'
    )


class PostgreSQL:
    id_type = "uuid"
    numbers = "generate_series(1, %s) AS n"
    no_order, in_order = "SET session_replication_role = replica", "SET session_replication_role = DEFAULT"

    @staticmethod
    def prepare(connection: Any) -> None:
        """It has a sum of its own."""

    @staticmethod
    def id_of(key: uuid.UUID) -> str:
        return str(key)

    @staticmethod
    def other_id(column: str) -> str:
        return f"md5(b.{column}::text || '-' || n)::uuid"

    @staticmethod
    def other_text(column: str) -> str:
        return f"md5(b.{column} || '-' || n)"


class SQLite:
    id_type = "char(32)"
    numbers = "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s)"
    no_order, in_order = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"

    @staticmethod
    def prepare(connection: Any) -> None:
        def other(key: str, number: int) -> str:
            return hashlib.md5(f"{key}-{number}".encode(), usedforsecurity=False).hexdigest()

        connection.connection.create_function("other", 2, other, deterministic=True)

    @staticmethod
    def id_of(key: uuid.UUID) -> str:
        return key.hex

    @staticmethod
    def other_id(column: str) -> str:
        return f"other(b.{column}, n)"

    other_text = other_id
