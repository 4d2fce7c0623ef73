"""Encrypting what nobody who holds the database alone may read."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def cipher(purpose: str) -> MultiFernet:
    """The cipher of one purpose: the first key encrypts, every key decrypts."""
    return MultiFernet([Fernet(_fernet_key(purpose, key)) for key in settings.GOLDSEAM_ENCRYPTION_KEYS])


def _fernet_key(purpose: str, key: str) -> bytes:
    """Make a key of the right form from a configured one of any form; the purpose keeps its uses apart."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{key}".encode()).digest())
