"""The key of a form as it was shown: what it makes gets that id, so that sent twice it is made once."""

import uuid

from django.core import signing
from django.http import HttpRequest

from goldseam_web.dashboard.staff_visit import StaffVisit

FIELD = "form_key"


def form_key(request: HttpRequest, visit: StaffVisit) -> str:
    """The key for the form about to be shown: the one it came with, or a new one."""
    return _signer(visit).sign(str(key_sent(request, visit)))


def key_sent(request: HttpRequest, visit: StaffVisit) -> uuid.UUID:
    """The id a form came with; a new one if there is none that this person was given."""
    try:
        return uuid.UUID(_signer(visit).unsign(request.POST.get(FIELD, "")))
    except signing.BadSignature:
        return uuid.uuid4()


def _signer(visit: StaffVisit) -> signing.Signer:
    return signing.Signer(salt=f"goldseam.dashboard.form.{visit.viewer.staff_id}")
