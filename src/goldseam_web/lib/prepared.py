"""Statements that Django's query builder writes as SQL once, and that are only filled in afterwards.

Building a statement of a dozen tables takes longer than the database needs to answer it. Django keeps no statement, and
no library does for it; what turns rows into objects stays Django's own.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

AnyModel = TypeVar("AnyModel", bound=Model)
Value = UUID | date | str


def _places(types: Mapping[str, type]) -> dict[str, Value]:
    """What stands in a statement where each value comes; nothing of ours is equal to one of these."""
    made: dict[type, Callable[[int], Value]] = {
        UUID: lambda k: UUID(int=0x5EA4 + k),
        date: lambda k: date(1001, 1, 1 + k),
        str: lambda k: f"a value that comes later: {k}",
    }
    return {name: made[kind](k) for k, (name, kind) in enumerate(types.items())}


class Prepared(Generic[AnyModel]):
    """A query of one model by named values, each of a type. ``build`` makes it; it is called once a connection."""

    def __init__(self, build: Callable[..., "QuerySet[AnyModel]"], **types: type) -> None:
        self._build = build
        self._types = types
        # A connection belongs to one thread, and what was written for it goes when it does.
        self._written: WeakKeyDictionary[BaseDatabaseWrapper, _Written[AnyModel]] = WeakKeyDictionary()

    def rows(self, **values: Value) -> list[AnyModel]:
        """Run it with these values."""
        own = connections[DEFAULT_DB_ALIAS]
        written = self._written.get(own)
        if written is None:
            places = _places(self._types)
            written = self._written[own] = _Written(self._build(**places), places)
        return written.rows(values)


class _Written(Generic[AnyModel]):
    """The SQL of one query, and at which places which value goes."""

    def __init__(self, queryset: "QuerySet[AnyModel]", places: Mapping[str, Value]) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters: Sequence[Any] = parameters
        names = {_as_stored(place): name for name, place in places.items()}
        self._names = [names.get(each) if isinstance(each, Value) else None for each in parameters]
        # The columns stay the same, and so does what turns each into a value.
        columns = [column[0] for column in self._compiler.select]
        converters = self._compiler.get_converters(columns)
        self._compiler.get_converters = lambda _columns: converters
        queryset.query.get_compiler = lambda *_args, **_named: self._compiler  # type: ignore[method-assign]

    def rows(self, values: dict[str, Value]) -> list[AnyModel]:
        stored = {name: _as_stored(value) for name, value in values.items()}
        filled = tuple(
            stored[name] if name else fixed for name, fixed in zip(self._names, self._parameters, strict=True)
        )
        with _cursor() as cursor:
            cursor.execute(self._sql, filled)
            found = cursor.fetchall()
        self._compiler.execute_sql = lambda *_args, **_named: [found]
        rows: Any = self._queryset._iterable_class(self._queryset)  # noqa: SLF001 - Django's way from rows to objects
        return list(rows)


@cache
def _preparing_cursor() -> Any:
    """Of psycopg, which is there where PostgreSQL is."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    own: Any = ServerBindingCursor

    class PreparingCursor(own):  # type: ignore[misc]
        def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
            done = super().execute(query, params, prepare=True)
            if (
                connection.queries_logged
            ):  # of what it sends as prepared psycopg keeps no text, which Django logs
                self._query = SimpleNamespace(query=query.encode())
            return done

    return PreparingCursor


def _cursor() -> Any:
    """One whose statements PostgreSQL plans once: planning these takes several times as long as running them."""
    own: Any = connection
    if own.vendor != "postgresql":
        return own.cursor()
    own.ensure_connection()
    return own._prepare_cursor(_preparing_cursor()(own.connection))  # noqa: SLF001 - with Django's errors and its log


def _as_stored(value: Value) -> Any:
    """The value as this database is given it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
