"""Writing the audit: called by the other rooms' services, inside their transactions."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from goldseam_web.audit.models import ActorKind, AuditEntry
from goldseam_web.lib.transactions import locked, one_transaction

FIRST_SEAL = "0" * 64


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
    """Write one entry, unsealed. ``details`` holds ids, counts and state words: never a name, answer or score."""
    return AuditEntry.objects.create(
        clinic_id=clinic_id,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        details=dict(details or {}),
    )


def record_about(
    row: RowOfClinic,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry about a row of a clinic, as ``record`` does."""
    return record(
        clinic_id=row.clinic_id,
        at=at,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=row.pk,
        details=details,
    )


def seal_of(entry: AuditEntry, previous_seal: str, position: int) -> str:
    """Hash of the entry's content, its place and the seal before it."""
    content = {
        "previous": previous_seal,
        "position": position,
        "id": entry.pk,
        "clinic": str(entry.clinic_id),
        "at": entry.at.isoformat(),
        "actor": [entry.actor_kind, str(entry.actor_id)],
        "action": entry.action,
        "object": [entry.object_kind, entry.object_id],
        "details": entry.details,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@one_transaction
def seal_entries(*, limit: int = 500) -> int:
    """Seal the oldest unsealed entries into the chain, in order of their ids, and return how many.

    Only the worker calls it. The first link stands for the chain: whoever holds it adds links alone.
    """
    locked(AuditEntry.objects.filter(position=1)).first()
    last = AuditEntry.objects.filter(position__isnull=False).order_by("-position").first()
    position, seal = (last.position or 0, last.seal) if last else (0, FIRST_SEAL)
    entries = list(AuditEntry.objects.filter(position=None).order_by("pk")[:limit])
    for entry in entries:
        position += 1
        seal = seal_of(entry, seal, position)
        entry.position, entry.seal = position, seal
    AuditEntry.objects.bulk_update(entries, ["position", "seal"])
    return len(entries)
