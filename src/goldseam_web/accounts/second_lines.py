"""By what a clinic tells two people of one name apart."""

from datetime import datetime

from goldseam_web.accounts.models import Clinic, SecondLine
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import one_transaction


@one_transaction
def set_second_line(*, clinic: Clinic, second_line: SecondLine, at: datetime, actor: Actor) -> None:
    """Choose what may be noted of a person; what was noted under another choice stays and is shown."""
    Clinic.objects.filter(pk=clinic.pk).update(second_line=second_line)
    details = {"second_line": str(second_line)}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.second_line", details=details)
