"""Whether a phone has opened the address of the install: nothing is mailed to a client before one has.

A link that opens nowhere is worse than none: whoever asked for help finds a dead page. A new address has to be opened
again.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import SYSTEM
from goldseam_web.lib.transactions import one_transaction

CHECK_LASTS = timedelta(hours=1)
_SALT = "goldseam.phone-check"


def new_phone_check(clinic: Clinic) -> str:
    """What stands behind the address in the QR code: of this clinic and this address, for an hour."""
    return signing.dumps([str(clinic.pk), settings.GOLDSEAM_BASE_URL], salt=_SALT)


def clinic_of_phone_check(key: str) -> Clinic | None:
    """The clinic whose check this is; None if it is none, too old, or of an address that is no longer in use."""
    try:
        clinic, address = signing.loads(key, salt=_SALT, max_age=CHECK_LASTS)
    except signing.BadSignature:
        return None
    return Clinic.objects.filter(pk=clinic).first() if address == settings.GOLDSEAM_BASE_URL else None


@one_transaction
def phone_reached(*, clinic: Clinic, at: datetime) -> None:
    """Keep that a phone has opened the address that is in use. Nobody is signed in on it."""
    Clinic.objects.filter(pk=clinic.pk).update(reached_address=settings.GOLDSEAM_BASE_URL, reached_at=at)
    record_change_of_clinic(clinic, at=at, actor=SYSTEM, action="clinic.phone_reached")


def is_reached(clinic: Clinic) -> bool:
    """Whether a phone has opened the address that is in use. The demo shows its mails instead of sending them."""
    return bool(settings.GOLDSEAM_DEMO) or clinic.reached_address == settings.GOLDSEAM_BASE_URL
