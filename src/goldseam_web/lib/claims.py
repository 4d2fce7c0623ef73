"""A table as a queue: rows that are claimed, tried, put back with a growing pause, and given up.

A claim is an update that carries its condition, so that of two workers that saw the same row only one gets it. Whatever
a worker writes afterwards carries its claim as the condition: who has lost the row meanwhile changes nothing.

Of work that can be done again a living worker says every few seconds that it is still at it. What nothing was said of
for longer was a dead worker's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Event, Thread
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import CharField, DateTimeField, Model, PositiveSmallIntegerField, Q, QuerySet
from django.utils import timezone

from goldseam_web.lib.prepared import Prepared, PreparedUpdate
from goldseam_web.lib.transactions import one_transaction

BEAT = timedelta(seconds=5)
# Taken over within half a minute, the time until somebody looks included; four beats have failed to come by then.
LOST = timedelta(seconds=20)
# Work that is never taken over, and says nothing meanwhile: after this time nobody is at it any more.
STALE = timedelta(minutes=5)
LOOKED_AT = 10  # rows tried before a worker says that there is nothing to do


class ClaimedRow(Model):
    """The columns of a row that workers claim. ``state`` is one of the words its own table allows."""

    state: "CharField[str, str]"
    attempts = PositiveSmallIntegerField(default=0)
    queued_at = DateTimeField()
    due_at = DateTimeField()
    claimed_at = DateTimeField(null=True)
    claimed_by = CharField(max_length=64, blank=True)
    last_error = CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


AnyRow = TypeVar("AnyRow", bound=ClaimedRow)


@dataclass(frozen=True)
class ClaimQueue(Generic[AnyRow]):
    """How one table is worked: its words for waiting, claimed and given up, and the pauses between tries.

    ``takes_over`` says whether the claim of a silent worker may be taken over, which is right only for work that can be
    done again, and is done while ``held``; ``read_with`` names the rows that the work needs beside its own.
    """

    table: type[AnyRow]
    waiting: str
    claimed: str
    given_up: str
    pauses: Sequence[timedelta]
    takes_over: bool
    read_with: Sequence[str] = ()

    def claim(self, *, worker: str, at: datetime) -> AnyRow | None:
        """Claim the row that is due first, or None if nothing is due."""
        return self._first_of(self._due(at), worker, at)

    def claim_several(self, *, worker: str, at: datetime, most: int) -> list[AnyRow]:
        """Claim the row that is due first; where more wait that nobody has tried yet, so many of them at most.

        What was tried before comes by itself: it may be what ends a worker, and the others with it.
        """
        due = self._due(at)
        new = [row for row in due if row.state == self.waiting and row.attempts == 0][:most]
        claimed = self._all_of(new, worker, at) if len(new) > 1 and due[0] in new else []
        if not claimed and (one := self._first_of(due, worker, at)) is not None:
            claimed = [one]
        return claimed

    def _due(self, at: datetime) -> list[AnyRow]:
        return self._first_due.rows(at=at, lost=at - LOST) if self.takes_over else self._first_due.rows(at=at)

    @cached_property
    def _first_due(self) -> Prepared[AnyRow]:
        def first(at: datetime, lost: datetime | None = None) -> "QuerySet[AnyRow]":
            return self._claimable(at, lost).order_by("due_at")[:LOOKED_AT]

        return Prepared(first, at=datetime, **({"lost": datetime} if self.takes_over else {}))

    def _first_of(self, due: Sequence[AnyRow], worker: str, at: datetime) -> AnyRow | None:
        for row in due:
            claim = {
                "state": self.claimed,
                "claimed_at": at,
                "claimed_by": worker,
                "attempts": row.attempts + 1,
            }
            if self._is_claimed(row, claim):
                vars(row).update(claim)
                return self._rows.select_related(*self.read_with).get(pk=row.pk) if self.read_with else row
        return None

    def _is_claimed(self, row: AnyRow, claim: Mapping[str, Any]) -> bool:
        """Whether it was still as it was seen; of one that waits its time of a claim says nothing."""
        if row.state == self.waiting:
            tried = {name: claim[name] for name in ("claimed_at", "claimed_by", "attempts")}
            return self._claim_of_waiting.changed(pk=row.pk, before=row.attempts, **tried) == 1
        as_seen = self._rows.filter(
            pk=row.pk, state=row.state, claimed_at=row.claimed_at, attempts=row.attempts
        )
        return as_seen.update(**claim) == 1

    @cached_property
    def _claim_of_waiting(self) -> PreparedUpdate:
        def claim(pk: UUID, before: int, **tried: Any) -> "tuple[QuerySet[AnyRow], Mapping[str, Any]]":
            waits = self._rows.filter(pk=pk, state=self.waiting, attempts=before)
            return waits, {"state": self.claimed, **tried}

        return PreparedUpdate(claim, pk=UUID, before=int, claimed_at=datetime, claimed_by=str, attempts=int)

    @one_transaction
    def _all_of(self, rows: Sequence[AnyRow], worker: str, at: datetime) -> list[AnyRow]:
        """Those of the rows, all waiting and new, that no other worker was quicker to claim."""
        keys = [row.pk for row in rows]
        as_seen = self._rows.filter(pk__in=keys, state=self.waiting, attempts=0)
        claim = {"state": self.claimed, "claimed_at": at, "claimed_by": worker, "attempts": 1}
        if as_seen.update(**claim) < len(rows):
            ours = set(self._rows.filter(pk__in=keys, **claim).values_list("pk", flat=True))
            rows = [row for row in rows if row.pk in ours]
        for row in rows:
            vars(row).update(claim)
        return list(rows)

    def any_due(self, at: datetime) -> bool:
        """Whether a claim is worth its transaction."""
        return self._claimable(at, at - LOST).exists()

    def abandoned(self, at: datetime) -> "QuerySet[AnyRow]":
        """Rows whose worker has said nothing for minutes."""
        return self._rows.filter(state=self.claimed, claimed_at__lt=at - STALE)

    @contextmanager
    def held(self, *rows: AnyRow) -> Iterator[None]:
        """Say every few seconds, while the work is done, that this worker is still at it. Not inside a transaction."""
        done = Event()
        thread = Thread(target=self._beat, args=(rows, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self, rows: Sequence[AnyRow], done: Event) -> None:
        """By a connection of its own; where the database cannot be written to just now, by the next beat."""
        try:
            while not done.wait(BEAT.total_seconds()):
                with suppress(DatabaseError):
                    now = timezone.now()
                    if not sum(self._still_claimed(row).update(claimed_at=now) for row in rows):
                        return
        finally:
            connection.close()

    def finish(self, row: AnyRow, *, state: str, **facts: Any) -> bool:
        """Write how a claimed row ended, and say whether the claim still held; if not, nothing is written."""
        return self._still_claimed(row).update(state=state, **facts) == 1

    def try_again(self, row: AnyRow, *, at: datetime, error: Exception) -> str | None:
        """Put a claimed row back with a growing pause, or give it up after the last; the state it has now.

        The error's kind is kept, not its text. None if the claim no longer held.
        """
        state = self.given_up if row.attempts > len(self.pauses) else self.waiting
        pause = self.pauses[min(row.attempts, len(self.pauses)) - 1]
        written = self.finish(
            row, state=state, due_at=at + pause, claimed_at=None, last_error=type(error).__name__
        )
        return state if written else None

    def _claimable(self, at: datetime, lost: datetime | None) -> "QuerySet[AnyRow]":
        due = Q(state=self.waiting, due_at__lte=at)
        if self.takes_over:
            due |= Q(state=self.claimed, claimed_at__lt=lost)
        return self._rows.filter(due)

    def _still_claimed(self, row: AnyRow) -> "QuerySet[AnyRow]":
        """The claim it was read with: nobody has claimed it since, however often it was said that it goes on."""
        return self.claimed_as(row.pk, row.claimed_by, row.attempts)

    def claimed_as(self, pk: UUID, worker: str, attempts: int) -> "QuerySet[AnyRow]":
        return self._rows.filter(pk=pk, state=self.claimed, claimed_by=worker, attempts=attempts)

    @property
    def _rows(self) -> "QuerySet[AnyRow]":
        return self.table._default_manager.all()  # noqa: SLF001 - Django's name for a model's own manager
