"""How clients reach the clinic, as their own pages show it."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.crisis_lines import DIALLED
from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.lib.transactions import locked, one_transaction


@dataclass(frozen=True)
class ClientContact:
    """A telephone number, an address, when somebody answers, and what else is to be told of data; each may be empty."""

    phone: str = ""
    email: str = ""
    hours: str = ""
    notice: str = ""


@one_transaction
def set_client_contact(*, clinic: Clinic, contact: ClientContact, at: datetime, actor: Actor) -> None:
    """Keep what clients are shown; refused is a number that no phone dials, and a word that tells who they are."""
    if contact.phone and not DIALLED.fullmatch(contact.phone):
        message = f"{contact.phone!r} cannot be dialled; give digits, with spaces, +, -, /, . or brackets."
        raise ValidationError({"phone": message})
    if telling := clinical_words(contact.notice):
        message = f"“{telling[0]}” tells whoever sees the phone what this is about; say it in another way."
        raise ValidationError({"notice": message})
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    Clinic.objects.filter(pk=clinic.pk).update(
        contact_phone=contact.phone,
        contact_email=contact.email,
        contact_hours=contact.hours,
        contact_notice=contact.notice,
    )
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.contact")
