"""The key that opens the set-up in a browser, once, before there is anybody who could sign in.

What is stored is its hash: whoever reads the database cannot open the address. Random as it is, it needs no slow one.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from goldseam_web.accounts.models import Clinic, SetUpKey
from goldseam_web.lib.transactions import one_transaction


@one_transaction
def new_set_up_key(*, at: datetime) -> str | None:
    """Make a key in place of any earlier one; None once there is a clinic, and with it somebody to sign in."""
    SetUpKey.objects.all().delete()
    if Clinic.objects.exists():
        return None
    key = secrets.token_urlsafe(32)
    SetUpKey.objects.create(digest=_digest(key), made_at=at)
    return key


def opens_the_set_up(key: str) -> bool:
    """Whether it is the key that was made last, and there is no clinic yet."""
    made = SetUpKey.objects.order_by("-made_at").first()
    known = made is not None and hmac.compare_digest(made.digest, _digest(key))
    return known and not Clinic.objects.exists()


def use_up() -> None:
    """Forget the key. Call inside the transaction that makes the clinic."""
    SetUpKey.objects.all().delete()


def _digest(key: str) -> str:
    return hashlib.sha256(f"set-up:{key}".encode()).hexdigest()
