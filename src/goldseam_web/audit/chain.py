"""What makes the record tell: a keyed mark on every entry when it is written, a keyed seal when it joins the chain.

Whoever can write to the database but does not hold the key can make neither.
"""

import hmac
import json
import secrets
from datetime import UTC
from typing import Any, Protocol

from django.conf import settings

FIRST_SEAL = "0" * 64
_NONCE_LENGTH = 16


class Written(Protocol):
    """The fields of an entry that its mark covers."""

    clinic_id: Any
    at: Any
    actor_kind: Any
    actor_id: Any
    action: Any
    object_kind: Any
    object_id: Any
    details: Any


def new_mark(entry: Written) -> str:
    """Mark an entry about to be written; the nonce makes marks of equal entries differ, so that none can be copied."""
    nonce = secrets.token_hex(_NONCE_LENGTH // 2)
    return nonce + _mark(_keys()[0], nonce, entry)


def is_marked(entry: Written, mark: str) -> bool:
    """Whether the mark was made with one of our keys for this content."""
    nonce, given = mark[:_NONCE_LENGTH], mark[_NONCE_LENGTH:]
    return any(hmac.compare_digest(_mark(key, nonce, entry), given) for key in _keys())


def new_seal(*, previous: str, position: int, entry_id: int, mark: str) -> str:
    """Seal a marked entry at its place after the seal before it."""
    return keyed(_keys()[0], "seal", previous, position, entry_id, mark)


def is_sealed(seal: str, *, previous: str, position: int, entry_id: int, mark: str) -> bool:
    """Whether the seal was made with one of our keys for this place."""
    return any(
        hmac.compare_digest(keyed(key, "seal", previous, position, entry_id, mark), seal) for key in _keys()
    )


def keyed(key: str, *parts: object) -> str:
    """HMAC-SHA-256 of the parts, hexadecimal; JSON keeps them apart."""
    return hmac.digest(key.encode(), json.dumps(parts, sort_keys=True, default=str).encode(), "sha256").hex()


def _mark(key: str, nonce: str, entry: Written) -> str:
    content = (
        str(entry.clinic_id),
        entry.at.astimezone(UTC).isoformat(),
        str(entry.actor_kind),
        str(entry.actor_id),
        entry.action,
        entry.object_kind,
        str(entry.object_id),
        entry.details,
    )
    return keyed(key, "mark", nonce, *content)[: len(FIRST_SEAL) - _NONCE_LENGTH]


def _keys() -> list[str]:
    keys: list[str] = settings.GOLDSEAM_AUDIT_KEYS
    return keys
