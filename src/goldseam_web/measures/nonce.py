"""What makes a link unguessable, and lets it be taken back."""

import base64
import secrets

from django.utils.crypto import salted_hmac

BYTES = 9


def new_nonce() -> str:
    return secrets.token_urlsafe(BYTES)


def nonce_from(what: str, seed: bytes) -> str:
    """The same for the same seed, by this install's key; no more guessable than the seed, which has to be random."""
    digest = salted_hmac(f"goldseam.nonce.{what}", seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:BYTES]).decode()
