"""Sessions that are of no use to somebody who has the database alone.

A row is found by the hash of its key, so that no cookie can be made from it, and what it holds is encrypted: a key for
a new password, and the secret of an authenticator app while it is being set up, pass through a session.
"""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from goldseam_web.lib.ciphers import cipher

_PURPOSE = "session"
_COLUMN = 40  # characters of the key column; as many hexadecimal digits are 160 bits


class SessionStore(DatabaseStore):
    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=stored_key(key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        return cipher(_PURPOSE).encrypt(json.dumps(session_dict).encode()).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """Give what was stored; nothing where no key of ours opens it."""
        try:
            opened: dict[str, Any] = json.loads(cipher(_PURPOSE).decrypt(session_data))
        except InvalidToken:
            return {}
        return opened

    def _get_session_from_db(self) -> Session | None:
        row = _row_of(self.session_key, at=timezone.now())
        if row is None:
            self._session_key = None
        return row


def _row_of(key: str | None, *, at: datetime) -> Session | None:
    return Session.objects.filter(session_key=stored_key(key or ""), expire_date__gt=at).first()


def stored_key(session_key: str) -> str:
    """What stands in the database for a key: random as keys are, it needs neither salt nor slowness."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:_COLUMN]


def end_sessions(user_id: uuid.UUID | None = None, *, but: str | None = None) -> int:
    """End the sessions of one person, or everybody's; all but the one with the key ``but``. Returns how many.

    Whose a session is stands inside it, so each is opened.
    """
    kept = stored_key(but) if but else ""
    store = SessionStore()
    ended = [
        row.session_key
        for row in Session.objects.exclude(session_key=kept).iterator()
        if _is_of(store.decode(row.session_data), user_id)
    ]
    return Session.objects.filter(session_key__in=ended).delete()[0]


def _is_of(session: dict[str, Any], user_id: uuid.UUID | None) -> bool:
    signed_in = session.get(SESSION_KEY)
    return signed_in is not None and (user_id is None or signed_in == str(user_id))
