"""Statements that Django's query builder writes as SQL once, and that are only filled in afterwards; rows within rows.

Building a statement of a dozen tables takes longer than the database needs to answer it, and even one of a single
table as long as everything else about it. Django keeps no statement, and no library does for it; what turns rows into
objects stays Django's own.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    Func,
    JSONField,
    Model,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.functions import JSONObject
from django.db.models.query import ModelIterable
from django.db.models.sql import UpdateQuery

AnyModel = TypeVar("AnyModel", bound=Model)
AnyRow = TypeVar("AnyRow")
Value = UUID | date | str | int
# Moments that stand for others lie in these years, each in one of its own; what is reckoned from one lies near it.
_FIRST_YEAR, _LAST_YEAR = 1001, 1400
_NEAR = timedelta(days=180)


def _places(types: Mapping[str, type]) -> dict[str, Value]:
    """What stands in a statement where each value comes; nothing of ours is equal to one of these."""
    made: dict[type, Callable[[int], Value]] = {
        UUID: lambda k: UUID(int=0x5EA4 + k),
        date: lambda k: date(_FIRST_YEAR + k, 7, 1),
        datetime: lambda k: datetime(_FIRST_YEAR + k, 7, 1, tzinfo=UTC),
        str: lambda k: f"a value that comes later: {k}",
        int: lambda k: 31_000 + k,  # within the smallest kind of whole number that a column has
    }
    return {name: made[kind](k) for k, (name, kind) in enumerate(types.items())}


class Prepared(Generic[AnyRow]):
    """A query by named values, each of a type. ``build`` makes it; it is called once a connection.

    What it gives are objects of a model, or plain rows, as the query is one of the one or of the other. A moment may
    stand in it so much earlier or later than it was given. ``not_always``: values that it may do without.
    """

    def __init__(
        self,
        build: Callable[..., "QuerySet[Any, AnyRow]"],
        not_always: Collection[str] = (),
        /,
        **types: type,
    ) -> None:
        self._build = build
        self._types = types
        self._not_always = not_always
        # A connection belongs to one thread, and what was written for it goes when it does.
        self._written: WeakKeyDictionary[BaseDatabaseWrapper, _Written[AnyRow]] = WeakKeyDictionary()

    def rows(self, **values: Value) -> list[AnyRow]:
        """Run it with these values."""
        own = connections[DEFAULT_DB_ALIAS]
        written = self._written.get(own)
        if written is None:
            places = _places(self._types)
            written = self._written[own] = _Written(self._build(**places), places, self._not_always)
        return written.rows(values)


class PreparedUpdate:
    """An update by named values, each of a type. ``build`` gives the rows and what they are set to.

    It is called once a connection.
    """

    def __init__(
        self, build: Callable[..., "tuple[QuerySet[Any], Mapping[str, Any]]"], **types: type
    ) -> None:
        self._build = build
        self._types = types
        self._written: WeakKeyDictionary[BaseDatabaseWrapper, _Filled] = WeakKeyDictionary()

    def changed(self, **values: Value) -> int:
        """Run it with these values; how many rows it changed."""
        own = connections[DEFAULT_DB_ALIAS]
        written = self._written.get(own)
        if written is None:
            places = _places(self._types)
            rows, facts = self._build(**places)
            query: Any = rows.query.chain(UpdateQuery)
            query.add_update_values(facts)
            written = self._written[own] = _Filled(query.get_compiler(connection=connection), places)
        with written.executed(values) as cursor:
            return int(cursor.rowcount)


class _Filled:
    """The SQL of one statement, and at which places which value goes."""

    def __init__(self, compiler: Any, places: Mapping[str, Value], not_always: Collection[str] = ()) -> None:
        self._sql, parameters = compiler.as_sql()
        self._parameters: Sequence[Any] = parameters
        self._filled_by = [_filled_by(each, places) for each in parameters]
        self._fillings = {each for each in self._filled_by if each is not None}
        used = {each.name for each in self._fillings}
        if unused := set(places) - used - set(not_always):
            raise ValueError(f"values that come nowhere in the statement: {', '.join(sorted(unused))}")

    @contextmanager
    def executed(self, values: Mapping[str, Value]) -> Iterator[Any]:
        stored = {by: _as_stored(by.moved(values[by.name])) for by in self._fillings}
        filled = tuple(
            fixed if by is None else stored[by]
            for by, fixed in zip(self._filled_by, self._parameters, strict=True)
        )
        with _cursor() as cursor:
            cursor.execute(self._sql, filled)
            yield cursor


class _FilledBy(NamedTuple):
    """Which value comes at a place of a statement, and how much later than it is given, where it is a moment."""

    name: str
    later: timedelta | None = None

    def moved(self, value: Any) -> Any:
        return value if self.later is None else value + self.later


def _filled_by(parameter: Any, places: Mapping[str, Value]) -> _FilledBy | None:
    """None where it is always the same. Raises ValueError for what was made of a moment in a way not known here."""
    if not isinstance(parameter, Value):
        return None
    for name, place in places.items():
        if parameter == _as_stored(place):
            return _FilledBy(name)
    moment = _moment_in(parameter)
    if moment is None or not _FIRST_YEAR - 1 <= moment.year <= _LAST_YEAR:
        return None
    for name, place in places.items():
        if isinstance(place, date) and type(place) is type(moment) and abs(moment - place) < _NEAR:
            return _FilledBy(name, moment - place)
    raise ValueError(f"a moment that is made of a value, nobody knows how: {parameter}")


def _moment_in(parameter: Value) -> date | None:
    """A day or an instant, as this database is given it; SQLite is given text."""
    if not isinstance(parameter, str):
        return parameter if isinstance(parameter, date) else None
    if _DAY.fullmatch(parameter):
        return date.fromisoformat(parameter)
    if _INSTANT.fullmatch(parameter):
        return datetime.fromisoformat(parameter).replace(tzinfo=UTC)
    return None


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")


class _Written(Generic[AnyRow]):
    """One query, what turns its rows into values, and these into objects."""

    def __init__(
        self, queryset: "QuerySet[Any, AnyRow]", places: Mapping[str, Value], not_always: Collection[str]
    ) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._filled = _Filled(self._compiler, places, not_always)
        # The columns stay the same, and so does what turns each into a value.
        columns = [column[0] for column in self._compiler.select]
        converters = self._compiler.get_converters(columns)
        self._compiler.get_converters = lambda _columns: converters
        self._converters = converters
        self._is_plain = not issubclass(queryset._iterable_class, ModelIterable)  # noqa: SLF001 - Django's name for it
        queryset.query.get_compiler = lambda *_args, **_named: self._compiler  # type: ignore[method-assign]

    def rows(self, values: dict[str, Value]) -> list[AnyRow]:
        with self._filled.executed(values) as cursor:
            found = cursor.fetchall()
        if self._is_plain:
            return self._plain(found)
        self._compiler.execute_sql = lambda *_args, **_named: [found]
        queryset: Any = self._queryset
        rows = queryset._iterable_class(queryset)  # noqa: SLF001 - Django's way from rows to objects
        return list(rows)

    def _plain(self, found: Sequence[tuple[Any, ...]]) -> list[AnyRow]:
        """Django converts row by row; most columns of most rows are empty, and there is nothing to convert."""
        columns: list[Any] = list(zip(*found, strict=True))
        for place, (converters, column) in self._converters.items() if columns else ():
            for convert in converters:
                columns[place] = [
                    None if each is None else convert(each, column, connection) for each in columns[place]
                ]
        rows: list[Any] = list(zip(*columns, strict=True))
        return rows


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
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


class _Gathered(Func):
    """All rows of a subquery as one JSON array."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


def gathered(rows: "QuerySet[Any]", *names: str) -> Subquery:
    """These columns of all rows of a subquery as JSON; nothing where there is none.

    Not for numbers that have to come back to the last digit: SQLite writes 15 of them in JSON.
    """
    found = rows.order_by().annotate(gathered=_Gathered(JSONObject(**{name: name for name in names})))
    return Subquery(found.values("gathered"), output_field=JSONField())


def columns_of(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001 - Django's name for it


def row_from_json(model: type[AnyModel], facts: Mapping[str, Any]) -> AnyModel:
    """A row that was read as JSON; columns that are not there are read when somebody asks for them."""
    columns = [(name, read) for name, read in _readers(model) if name in facts]
    values = [facts[name] if read is None else read(facts[name]) for name, read in columns]
    return model.from_db(connection.alias, [name for name, _ in columns], values)


@cache
def _readers(model: type[Model]) -> "list[tuple[str, Callable[[Any], Any] | None]]":
    """By column, what makes of it as JSON has it what its field has; None where that is the same."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's name for it
    return [(field.attname, _reader(field)) for field in fields]


def _reader(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """In JSON a day, a time, an id and, on SQLite, JSON itself are strings, and what is true is 1."""
    if isinstance(field, BooleanField):
        return lambda given: None if given is None else bool(given)
    made: dict[Any, Callable[[str], Any]] = {
        DateTimeField: _instant,
        DateField: date.fromisoformat,
        JSONField: json.loads,
        UUIDField: UUID,
        ForeignKey: UUID,
    }
    read = next((read for kind, read in made.items() if isinstance(field, kind)), None)
    return None if read is None else lambda given: read(given) if isinstance(given, str) else given


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
