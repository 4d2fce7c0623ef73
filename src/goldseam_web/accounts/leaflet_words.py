"""What a clinic adds to the leaflet that its clients take home."""

from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.lib.transactions import one_transaction

LONGEST_LEAFLET = 1200


@one_transaction
def set_leaflet_words(*, clinic: Clinic, words: str, at: datetime, actor: Actor) -> None:
    """Keep the clinic's own words; refused is what tells whoever finds the leaflet at home what it is about."""
    words = words.strip()
    if len(words) > LONGEST_LEAFLET:
        raise ValidationError(f"{len(words)} characters given; at most {LONGEST_LEAFLET} fit on the page.")
    if telling := clinical_words(words):
        raise ValidationError(
            f"“{telling[0]}” tells whoever finds the leaflet what it is about; say it in another way."
        )
    Clinic.objects.filter(pk=clinic.pk).update(leaflet_words=words)
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.leaflet")
