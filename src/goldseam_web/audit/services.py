"""Writing the audit: called by the other rooms' services, inside their transactions."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog

from goldseam_web.audit.chain import FIRST_SEAL, new_mark, new_seal
from goldseam_web.audit.heads import RESTORED, add_head, read_heads
from goldseam_web.audit.models import ActorKind, AuditEntry
from goldseam_web.lib.case_changes import case_changed
from goldseam_web.lib.transactions import locked, one_transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, a client at a link, the system itself, or nobody known."""

    kind: ActorKind
    id: uuid.UUID | None = None

    @classmethod
    def staff(cls, staff_id: uuid.UUID) -> "Actor":
        return cls(ActorKind.STAFF, staff_id)

    @classmethod
    def client(cls, member_id: uuid.UUID) -> "Actor":
        return cls(ActorKind.CLIENT, member_id)


class RowOfClinic(Protocol):
    """A row of any table that belongs to a clinic and has a public id."""

    @property
    def pk(self) -> Any: ...

    @property
    def clinic_id(self) -> uuid.UUID: ...


SYSTEM = Actor(ActorKind.SYSTEM)
ANONYMOUS = Actor(ActorKind.ANONYMOUS)


def record(
    *,
    clinic_id: uuid.UUID | None,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str = "",
    object_id: uuid.UUID | str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, marked, unsealed. ``details`` holds ids, counts, state words: never a name, answer or score."""
    entry = AuditEntry(
        clinic_id=clinic_id,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        details=dict(details or {}),
    )
    entry.mark = new_mark(entry)
    entry.save(force_insert=True)
    return entry


def record_about(
    row: RowOfClinic,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry about a row of a clinic, as ``record`` does.

    What is kept of the case it belongs to is old from then on: no write about a case is done without an entry.
    """
    case_changed(row)
    return record(
        clinic_id=row.clinic_id,
        at=at,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=row.pk,
        details=details,
    )


def seal_entries(*, at: datetime, limit: int = 500) -> int:
    """Seal the oldest unsealed entries into the chain, in order of their ids, and return how many.

    Only the worker calls it. Where the chain has got to is then written outside the database.
    """
    sealed = _seal_batch(limit)
    if sealed:
        _write_head(sealed[-1], at=at)
    return len(sealed)


@one_transaction
def _seal_batch(limit: int) -> list[AuditEntry]:
    """The first link stands for the chain: whoever holds it adds links alone."""
    locked(AuditEntry.objects.filter(position=1)).first()
    last = last_sealed()
    position, seal = (last.position or 0, last.seal) if last else (0, FIRST_SEAL)
    entries = list(AuditEntry.objects.filter(position=None).order_by("pk")[:limit])
    for entry in entries:
        position += 1
        seal = new_seal(previous=seal, position=position, entry_id=entry.pk, mark=entry.mark)
        entry.position, entry.seal = position, seal
    AuditEntry.objects.bulk_update(entries, ["position", "seal"])
    return entries


def record_restore(*, at: datetime) -> int:
    """Put on record that a back-up was put in place, and that later heads are given up; how many entries it held.

    Without it, what happened after the back-up was made would look like a deletion.
    """
    lost = read_heads().last
    record(
        clinic_id=None,
        at=at,
        actor=SYSTEM,
        action="database.restored",
        details={"known_before": lost.count if lost else 0},
    )
    last = last_sealed()
    count, seal = (last.position or 0, last.seal) if last else (0, FIRST_SEAL)
    add_head(count=count, seal=seal, at=at, kind=RESTORED)
    return count


def last_sealed() -> AuditEntry | None:
    return AuditEntry.objects.filter(position__isnull=False).order_by("-position").first()


def _write_head(entry: AuditEntry, *, at: datetime) -> None:
    try:
        add_head(count=entry.position or 0, seal=entry.seal, at=at)
    except OSError as error:
        # Sealing goes on: `check` says that the file can not be written.
        log.warning("audit head not written", error=type(error).__name__)
