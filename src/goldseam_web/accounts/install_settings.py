"""Settings of the install that its clinic's administrator makes in the browser."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.kept_settings import is_given_from_outside, keep
from goldseam_web.lib.transactions import one_transaction


def why_not_here(*names: str) -> str:
    """Why these settings cannot be made on a page, in words; empty where they can."""
    given = [name for name in names if is_given_from_outside(name)]
    if given:
        return f"Whoever runs the machine has set {' and '.join(given)}; that counts, and is changed there."
    if Clinic.objects.count() > 1:
        return "Several clinics share this install, so whoever runs the machine makes this setting for all of them."
    return ""


@one_transaction
def keep_install_settings(
    *, clinic: Clinic, changes: Mapping[str, str | None], at: datetime, actor: Actor
) -> None:
    """Keep settings, None to forget one; `start` begins anew with them. The record names them and holds no value."""
    details = {"names": sorted(changes)}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.install_settings", details=details)
    keep(settings.GOLDSEAM_DATA, changes)
