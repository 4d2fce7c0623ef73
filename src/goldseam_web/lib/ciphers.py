"""Encrypting what nobody who holds the database alone may read."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# What clients are called, how they are reached, and what is written about them in free text.
CLIENT_DATA = "client-data"
SECOND_FACTOR = "second-factor"


class UnknownKeyError(Exception):
    """What was stored was encrypted with a key that is not among those configured."""

    def __init__(self) -> None:
        super().__init__(
            "No key in GOLDSEAM_ENCRYPTION_KEYS opens what is stored; put the key of this database among them."
        )


def cipher(purpose: str) -> MultiFernet:
    """The cipher of one purpose: the first key encrypts, every key decrypts."""
    return _cipher(purpose, tuple(settings.GOLDSEAM_ENCRYPTION_KEYS))


@lru_cache(maxsize=16)
def _cipher(purpose: str, keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(purpose, key)) for key in keys])


def _fernet_key(purpose: str, key: str) -> bytes:
    """Make a key of the right form from a configured one of any form; the purpose keeps its uses apart."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{key}".encode()).digest())


def encrypted(text: str) -> str:
    """The text, so that it can be stored."""
    return cipher(CLIENT_DATA).encrypt(text.encode()).decode()


def decrypted(stored: str) -> str:
    """What was stored; UnknownKeyError where no key of ours opens it."""
    try:
        return cipher(CLIENT_DATA).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise UnknownKeyError from None


def is_under_first_key(purpose: str, stored: str) -> bool:
    """Whether it was encrypted with the key that encrypts now."""
    try:
        _cipher(purpose, (settings.GOLDSEAM_ENCRYPTION_KEYS[0],)).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True


def keyed_hash(purpose: str, text: str) -> str:
    """What tells that two texts are equal, and to nobody without the key what they are."""
    key = _fernet_key(purpose, settings.GOLDSEAM_ENCRYPTION_KEYS[0])
    return hmac.digest(key, text.encode(), "sha256").hex()
