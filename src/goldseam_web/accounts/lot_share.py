"""In how many of the sessions in which nothing was found the therapist is asked anyway."""

from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction

# Of a hundred; 0 asks in none.
LOT_PERCENTS = (0, 2, 5, 10, 20)


@one_transaction
def set_lot_share(*, clinic: Clinic, percent: int, at: datetime, actor: Actor) -> None:
    """Keep it: it counts for the sessions whose lot is cast from now on."""
    if percent not in LOT_PERCENTS:
        allowed = ", ".join(map(str, LOT_PERCENTS))
        raise ValidationError(f"{percent} of a hundred given; one of {allowed}.")
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    Clinic.objects.filter(pk=clinic.pk).update(lot_percent=percent)
    details = {"percent": percent}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.lot_share", details=details)
