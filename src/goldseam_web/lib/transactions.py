"""How every service opens its transaction and locks rows: docs/develop/locks.md says in which order.

Libraries that try a transaction again either refuse one that lies in another (django-pgtransaction), as our services
do, or know nothing of transactions (tenacity).
"""

import random
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model, QuerySet

# Deadlock and serialisation failure: PostgreSQL, appendix A. The same work may succeed the next time. So may one whose
# row somebody else has just written (unique violation): it finds that row then, and says so or goes on with it.
THROWN_BACK = ("40P01", "40001", "23505")
# Who was thrown back and comes again at once may take a row before the other, which waited for it, has woken up, and
# both stand in each other's way a second time. Each try waits longer, and nobody as long as the other.
SECONDS_BEFORE_NEXT = ((0.02, 0.06), (0.1, 0.3), (0.3, 0.9))

P = ParamSpec("P")
Result = TypeVar("Result")
AnyModel = TypeVar("AnyModel", bound=Model)
# What is done at the end is done in this order: cases are marked, then counters of staff and of clinics are raised.
CASES, STAFF, CLINICS = range(3)
Last = dict[tuple[int, UUID], Callable[[], object]]
# Where an act is of several rows together.
ALL_ROWS = UUID(int=0)
# What the running use case does last, by the row it does it to; None while there is none.
_at_the_end: ContextVar[Last | None] = ContextVar("at_the_end", default=None)


def one_transaction(service: Callable[P, Result]) -> Callable[P, Result]:
    """Do all of it or nothing, and do it again, three times at most, when the database threw it back.

    A service called by another is a part of that one's transaction and is done again with it. What is decorated sends
    nothing outside, for that would be sent again.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        if _at_the_end.get() is None:
            return _tried_again(partial(service, *args, **kwargs))
        with transaction.atomic():  # noqa: TID251  the one place
            return service(*args, **kwargs)

    return run


def _tried_again(act: Callable[[], Result]) -> Result:
    for shortest, longest in SECONDS_BEFORE_NEXT:
        try:
            return _outermost(act)
        except (OperationalError, IntegrityError) as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", "") not in THROWN_BACK:
                raise
        time.sleep(random.uniform(shortest, longest))  # noqa: S311  no secret
    return _outermost(act)


def _outermost(act: Callable[[], Result]) -> Result:
    last: Last = {}
    token = _at_the_end.set(last)
    try:
        with transaction.atomic():  # noqa: TID251  the one place
            result = act()
            for row in sorted(last):
                last[row]()
            return result
    finally:
        _at_the_end.reset(token)


def at_the_end(row: UUID, act: Callable[[], object], *, place: int = CLINICS) -> None:
    """Change a row that everybody changes as the last thing before the commit, once, so that it is locked shortly."""
    last = _at_the_end.get()
    if last is None:
        act()
    else:
        last[place, row] = act


@dataclass
class _Together:
    act: Callable[[Sequence[UUID]], object]
    rows: set[UUID] = field(default_factory=set)

    def __call__(self) -> None:
        self.act(sorted(self.rows))


def together_at_the_end(row: UUID, act: Callable[[Sequence[UUID]], object], *, place: int) -> None:
    """Do something as the last thing before the commit for all rows it was asked for, at once.

    One row after another it would lock what they have in common in an order that another transaction does not keep to.
    """
    last = _at_the_end.get()
    if last is None:
        act([row])
        return
    asked = last.get((place, ALL_ROWS))
    together = asked if isinstance(asked, _Together) else _Together(act)
    together.rows.add(row)
    last[place, ALL_ROWS] = together


def locked(rows: "QuerySet[AnyModel]", *, row: str = "self") -> "QuerySet[AnyModel]":
    """Lock the rows a service is about to change, in the order of their ids; or the ``row`` that is read with each.

    Rows that point to them may be written meanwhile: only their keys stay as they are, and those never change.
    """
    return rows.select_for_update(of=(row,), no_key=True).order_by("pk")
