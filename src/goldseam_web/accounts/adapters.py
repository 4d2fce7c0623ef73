"""Where the sign-in library asks us: who may sign up, how secrets are kept, what is put on record."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  the library's signature
        """Nobody signs up: an administrator adds staff, and clients need no account."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of authenticator apps and recovery codes encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """The first key encrypts, every key decrypts."""
    return MultiFernet([Fernet(_fernet_key(key)) for key in settings.GOLDSEAM_ENCRYPTION_KEYS])


def _fernet_key(key: str) -> bytes:
    """Make a key of the right form from a configured one of any form; the label keeps its uses apart."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"second-factor:" + key.encode()).digest())
