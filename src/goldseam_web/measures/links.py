"""Signed links: the occasion's id and its nonce, so that a link can be taken back and shown again."""

import base64
import binascii
import uuid

from django.core import signing

from goldseam_web.measures.models import Occasion

_SIGNER = signing.Signer(sep="~", salt="goldseam.occasion")


def token_of(occasion: Occasion) -> str:
    """The part of the link after ``/c/``. It holds no name and nothing that says what it is about."""
    short_id = base64.urlsafe_b64encode(occasion.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{occasion.nonce}")


def occasion_behind(*, token: str) -> Occasion | None:
    """The occasion a client's link was made for, with what its pages need. The link itself is the permission.

    None if it was altered, taken back, or never existed. A cancelled one is found too: whoever holds its link is told
    so kindly.
    """
    try:
        short_id, nonce = _SIGNER.unsign(token).split(".", 1)
        occasion_id = uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "=="))
    except (signing.BadSignature, ValueError, binascii.Error):
        return None
    return (
        Occasion.objects.filter(pk=occasion_id, nonce=nonce, respondent__isnull=False)
        .select_related("clinic", "case", "encounter", "therapist", "respondent__person__identity")
        .first()
    )
