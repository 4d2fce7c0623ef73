"""The charter of use: what is recorded here serves clients and is never held against those who treat them."""

from datetime import datetime

from goldseam_web.accounts.models import Charter, CharterAcceptance, Clinic, Staff
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.lib.transactions import locked, one_transaction

FIRST_CHARTER = """\
What clients answer here serves one purpose: that strain between a client and a therapist is noticed and mended.

Nothing recorded here is used to grade, rank, pay, promote, discipline or dismiss anybody, and nothing is handed to \
others for that.

A signal says that ratings fell, not that somebody made a mistake. Strain is a part of good treatment.

Each therapist may see exactly the page that their supervisor sees of them. Nobody makes lists that compare therapists.

Whoever thinks that this was broken may say so to the clinic's lead without harm."""


@one_transaction
def set_charter(*, clinic: Clinic, text: str, at: datetime, actor: Actor = SYSTEM) -> Charter:
    """Put a charter in force; the same text stays the same charter, another one is asked of everybody again."""
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    current = charter_in_force(clinic)
    if current is not None and current.text.strip() == text.strip():
        return current
    number = current.number + 1 if current else 1
    charter = Charter.objects.create(clinic=clinic, number=number, text=text.strip(), since=at)
    record_change_of_clinic(clinic, at=at, actor=actor, action="charter.set", details={"number": number})
    return charter


@one_transaction
def accept_charter(*, charter: Charter, staff: Staff, at: datetime) -> None:
    """Note that somebody agreed to a charter; once more changes nothing."""
    _, is_new = CharterAcceptance.objects.get_or_create(
        charter=charter, staff=staff, defaults={"clinic_id": staff.clinic_id, "at": at}
    )
    if is_new:
        record_about(
            charter, at=at, actor=Actor.staff(staff.pk), action="charter.accept", object_kind="charter"
        )


def charter_in_force(clinic: Clinic) -> Charter | None:
    """The one that holds now; None where the clinic has none."""
    return Charter.objects.filter(clinic=clinic).order_by("-number").first()
