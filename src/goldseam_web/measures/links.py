"""Signed links: the occasion's id and its nonce, so that a link can be taken back and shown again."""

import base64
import binascii
import uuid

from django.core import signing
from django.db.models import QuerySet

from goldseam_web.measures.models import Occasion

_SIGNER = signing.Signer(sep="~", salt="goldseam.occasion")


def token_of(occasion: Occasion) -> str:
    """The part of the link after ``/c/``. It holds no name and nothing that says what it is about."""
    short_id = base64.urlsafe_b64encode(occasion.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{occasion.nonce}")


def find_occasion(token: str, occasions: "QuerySet[Occasion]") -> Occasion | None:
    """The occasion a link was made for, or None if it was altered, taken back, or never existed."""
    try:
        short_id, nonce = _SIGNER.unsign(token).split(".", 1)
        occasion_id = uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "=="))
    except (signing.BadSignature, ValueError, binascii.Error):
        return None
    return occasions.filter(pk=occasion_id, nonce=nonce).first()
