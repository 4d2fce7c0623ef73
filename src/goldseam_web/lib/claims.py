"""A table as a queue: rows that are claimed, tried, put back with a growing pause, and given up.

A claim is an update that carries its condition, so that of two workers that saw the same row only one gets it. Whatever
a worker writes afterwards carries its claim as the condition: who has lost the row meanwhile changes nothing.

Of work that can be done again a living worker says every few seconds that it is still at it. What nothing was said of
for longer was a dead worker's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection
from django.db.models import CharField, DateTimeField, F, Model, PositiveSmallIntegerField, Q, QuerySet
from django.utils import timezone

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
        for row in self._claimable(at).order_by("due_at")[:LOOKED_AT]:
            as_seen = self._rows.filter(pk=row.pk, state=row.state, claimed_at=row.claimed_at)
            if as_seen.update(
                state=self.claimed, claimed_at=at, claimed_by=worker, attempts=F("attempts") + 1
            ):
                return self._rows.select_related(*self.read_with).get(pk=row.pk)
        return None

    def any_due(self, at: datetime) -> bool:
        """Whether a claim is worth its transaction."""
        return self._claimable(at).exists()

    def abandoned(self, at: datetime) -> "QuerySet[AnyRow]":
        """Rows whose worker has said nothing for minutes."""
        return self._rows.filter(state=self.claimed, claimed_at__lt=at - STALE)

    @contextmanager
    def held(self, row: AnyRow) -> Iterator[None]:
        """Say every few seconds, while the work is done, that this worker is still at it. Not inside a transaction."""
        done = Event()
        thread = Thread(target=self._beat, args=(row, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self, row: AnyRow, done: Event) -> None:
        """By a connection of its own; where the database cannot be written to just now, by the next beat."""
        try:
            while not done.wait(BEAT.total_seconds()):
                with suppress(DatabaseError):
                    if not self._still_claimed(row).update(claimed_at=timezone.now()):
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

    def _claimable(self, at: datetime) -> "QuerySet[AnyRow]":
        due = Q(state=self.waiting, due_at__lte=at)
        if self.takes_over:
            due |= Q(state=self.claimed, claimed_at__lt=at - LOST)
        return self._rows.filter(due)

    def _still_claimed(self, row: AnyRow) -> "QuerySet[AnyRow]":
        """The claim it was read with: nobody has claimed it since, however often it was said that it goes on."""
        return self._rows.filter(
            pk=row.pk, state=self.claimed, claimed_by=row.claimed_by, attempts=row.attempts
        )

    @property
    def _rows(self) -> "QuerySet[AnyRow]":
        return self.table._default_manager.all()  # noqa: SLF001 - Django's name for a model's own manager
