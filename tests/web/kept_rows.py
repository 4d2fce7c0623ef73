"""What many tests begin with is made once a process; for the others its rows are put back, moved to their moment.

`kept` wraps a fixture that makes rows through the services. The first time, what it changed and returned is written
down. In a later test that has written nothing else so far it is put back, every moment as much later as the test is.
A test that wrote something before, or comes minutes later, has all of it made anew.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache, wraps
from io import BytesIO
from itertools import count
from typing import Any, TypeVar, cast

from django.apps import apps
from django.conf import settings
from django.core.cache import cache as kept_answers
from django.db import connection, transaction
from django.db.models import DateTimeField, Field, Model

Made = TypeVar("Made")
Row = tuple[Any, ...]

# Days stay as they were written down: in a test that comes much later they might be others.
FRESH = timedelta(minutes=2)
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Table:
    """Names in the database: of the table, its key, its columns, and those of them that hold a moment."""

    name: str
    key: str
    columns: tuple[str, ...]
    moments: frozenset[str]

    def rows(self) -> dict[Any, Row]:
        """All rows by key, as the database gives them."""
        place = self.columns.index(self.key)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self._listed} FROM {self._quoted}")  # noqa: S608  names of our own
            return {row[place]: tuple(row) for row in cursor.fetchall()}

    def put(self, rows: Sequence[Row], *, instead_of: Sequence[Any], later: timedelta) -> None:
        """Put rows in, in place of those with the given keys."""
        with connection.cursor() as cursor:
            if instead_of:
                marks = ", ".join(["%s"] * len(instead_of))
                cursor.execute(f"DELETE FROM {self._quoted} WHERE {self.key} IN ({marks})", instead_of)  # noqa: S608
            if rows:
                marks = ", ".join(["%s"] * len(self.columns))
                moved = [self._moved(row, later) for row in rows]
                cursor.executemany(
                    f"INSERT INTO {self._quoted} ({self._listed}) VALUES ({marks})",  # noqa: S608
                    moved,
                )

    def _moved(self, row: Row, later: timedelta) -> Row:
        return tuple(
            _later(value, later) if name in self.moments else value
            for name, value in zip(self.columns, row, strict=True)
        )

    @property
    def _quoted(self) -> str:
        return connection.ops.quote_name(self.name)

    @property
    def _listed(self) -> str:
        return ", ".join(map(connection.ops.quote_name, self.columns))


@cache
def _tables() -> tuple[Table, ...]:
    """Every table of the application's models."""
    return tuple(
        Table(
            model._meta.db_table,
            model._meta.pk.column,
            tuple(each.column for each in model._meta.concrete_fields),
            frozenset(each.column for each in model._meta.concrete_fields if _moves(each)),
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    )


def _moves(column: "Field[Any, Any]") -> bool:
    """Moments move, but those of the audit: they are under its seal."""
    return isinstance(column, DateTimeField) and column.model._meta.app_label != "audit"


def _later(moment: Any, by: timedelta) -> Any:
    """A moment as the database gives it: text in SQLite."""
    if isinstance(moment, str):
        return str(datetime.fromisoformat(moment) + by)
    return None if moment is None else moment + by


@dataclass(frozen=True)
class Recording:
    """What a function did: by table, the rows that are new or other, and the keys of those that are gone or other."""

    number: int
    at: datetime
    changes: Mapping[Table, tuple[list[Row], list[Any]]]
    returned: bytes

    def put_back(self, given: Sequence[object], later: timedelta) -> Any:
        """Do it again, and return the same."""
        with transaction.atomic():
            for table, (rows, others) in self.changes.items():
                table.put(rows, instead_of=others, later=later)
        kept_answers.clear()
        return _Reader(self.returned, _reachable(given), later).load()


@dataclass
class _RunningTest:
    """Whether the running test has written anything itself, and what has been put back in it."""

    written: bool = True
    so_far: tuple[int, ...] = ()


_running = _RunningTest()
_recordings: dict[tuple[Any, ...], Recording] = {}
_numbers = count()


@contextmanager
def watched() -> Iterator[None]:
    """A test's time, in which it is noticed what is written but by `kept` functions."""
    _running.written, _running.so_far = False, ()
    with connection.execute_wrapper(_notice):
        yield
    _running.written = True


def _notice(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    _running.written |= sql.startswith(WRITES)
    return execute(sql, params, many, context)


def kept(make: Callable[..., Made]) -> Callable[..., Made]:
    """A fixture that is made once: below `pytest.fixture`, where all that is given beside ``now`` is kept too."""

    @wraps(make)
    def made_or_put_back(*of: object, **given: Any) -> Made:
        if _running.written:
            return make(*of, **given)
        at, known = given["now"], list(given.values())
        place = (make, _running.so_far, *settings.GOLDSEAM_ENCRYPTION_KEYS)
        recording = _recordings.get(place)
        if recording is not None and timedelta() <= at - recording.at < FRESH:
            made = recording.put_back(known, at - recording.at)
        else:
            before = {table: table.rows() for table in _tables()}
            made = make(*of, **given)
            recording = Recording(next(_numbers), at, _changes(before), _written_down(made, known))
            _recordings[place] = recording
        _running.written, _running.so_far = False, (*_running.so_far, recording.number)
        return cast("Made", made)

    return made_or_put_back


def _changes(before: Mapping[Table, dict[Any, Row]]) -> dict[Table, tuple[list[Row], list[Any]]]:
    found = {}
    for table, earlier in before.items():
        now = table.rows()
        new = {key: row for key, row in now.items() if earlier.get(key) != row}
        others = [key for key in earlier if key not in now or key in new]
        if new or others:
            found[table] = (list(new.values()), others)
    return found


# --- what was returned ----------------------------------------------------------------------------


def _reachable(given: Sequence[object]) -> list[object]:
    """What is given, and the rows these already know: a copy of them would not hear of changes."""
    found: list[object] = []
    waiting = list(given)
    while waiting:
        each = waiting.pop(0)
        if any(each is known for known in found):
            continue
        found.append(each)
        if isinstance(each, Model):
            waiting += [row for _, row in sorted(each._state.fields_cache.items()) if isinstance(row, Model)]
        elif isinstance(each, list | tuple):
            waiting += each
        elif is_dataclass(each):
            waiting += [getattr(each, one.name) for one in fields(each)]
    return found


def _written_down(made: object, given: Sequence[object]) -> bytes:
    text = BytesIO()
    _Writer(text, _reachable(given)).dump(made)
    return text.getvalue()


class _Writer(pickle.Pickler):
    """Writes moments so that they can be moved, and what was given by its place."""

    def __init__(self, text: BytesIO, known: Sequence[object]) -> None:
        super().__init__(text)
        self.known = {id(each): place for place, each in enumerate(known)}

    def persistent_id(self, each: object) -> object:
        if isinstance(each, datetime):
            return each
        return ("given", self.known[id(each)]) if id(each) in self.known else None


class _Reader(pickle.Unpickler):
    def __init__(self, text: bytes, known: Sequence[object], later: timedelta) -> None:
        super().__init__(BytesIO(text))
        self.known, self.later = known, later

    def persistent_load(self, pid: Any) -> object:
        return pid + self.later if isinstance(pid, datetime) else self.known[pid[1]]
