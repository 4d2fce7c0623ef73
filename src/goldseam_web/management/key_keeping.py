"""The keys on one sheet, to be kept away from the database, and whether somebody has said that it is."""

import hashlib
from pathlib import Path

from django.conf import settings

_NAMES = ("GOLDSEAM_ENCRYPTION_KEYS", "GOLDSEAM_AUDIT_KEYS")
_FINGERPRINT = 12


def key_sheet() -> str:
    """The sheet, as it is printed."""
    lines = [f"{name}={','.join(getattr(settings, name))}" for name in _NAMES]
    return "\n".join(
        [
            "Goldseam key sheet. Without these keys a back-up of the database gives back neither names nor contacts,",
            "nobody's authenticator app works, and the audit can not be verified. Keep it away from the back-ups.",
            "",
            *lines,
            "",
            f"Fingerprint: {fingerprint()}. Say goldseam-web key-sheet --kept once it is in a safe place.",
        ]
    )


def told_at_first_start(*, on_a_terminal: bool) -> str:
    """The sheet, on a terminal alone: what a service writes is kept in a log, where keys must not stand."""
    if on_a_terminal:
        return f"\n{key_sheet()}\n"
    return "Its keys belong in a safe place away from its back-ups: goldseam-web key-sheet prints them."


def fingerprint() -> str:
    """What tells one set of keys from another, and nothing about them."""
    keys = "\n".join(key for name in _NAMES for key in getattr(settings, name))
    return hashlib.sha256(b"key-sheet:" + keys.encode()).hexdigest()[:_FINGERPRINT]


def say_kept() -> None:
    """Note that somebody keeps the sheet of the keys as they are now."""
    _note().write_text(f"{fingerprint()}\n", encoding="ascii")


def is_kept() -> bool:
    """Whether somebody said so of the keys as they are now."""
    note = _note()
    return note.exists() and note.read_text(encoding="ascii").strip() == fingerprint()


def _note() -> Path:
    return Path(settings.GOLDSEAM_DATA) / "key-sheet-kept"
