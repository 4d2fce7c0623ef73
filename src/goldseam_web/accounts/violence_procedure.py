"""What a clinic's staff do first where somebody may be in danger at home: its own words, or an address."""

from datetime import datetime

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction

LONGEST_PROCEDURE = 2000


@one_transaction
def set_violence_procedure(*, clinic: Clinic, text: str, at: datetime, actor: Actor) -> None:
    """Keep it. Staff alone read it: on the pages of a case where it comes before anything else."""
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    Clinic.objects.filter(pk=clinic.pk).update(violence_procedure=text)
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.violence_procedure")
