"""With which of two therapists there was tension: the direct question of a session that two held is about both.

What is said of one of them counts for that one alone, wherever it is stored: the form rates one of the two, by turns.
"""

import uuid
from collections.abc import Sequence

from django.db.models import OuterRef, Q

from goldseam_web.accounts.models import Staff
from goldseam_web.measures.models import Occasion, StrainWith

OF_RATED = ("", StrainWith.RATED, StrainWith.BOTH, StrainWith.EITHER)
OF_OTHER = (StrainWith.OTHER, StrainWith.BOTH, StrainWith.EITHER)


def other_therapist_id(occasion: Occasion) -> uuid.UUID | None:
    """The one of two who held the session whom the form does not rate; None where one held it."""
    held, rated = occasion.encounter, occasion.therapist_id
    if held is None or held.beside_id is None or rated not in (held.therapist_id, held.beside_id):
        return None
    return held.beside_id if rated == held.therapist_id else held.therapist_id


def other_therapist(occasion: Occasion) -> Staff | None:
    """The same, read where it is needed: few sessions are held by two."""
    held = occasion.encounter
    if held is None or other_therapist_id(occasion) is None:
        return None
    return held.beside if occasion.therapist_id == held.therapist_id else held.therapist


def with_whom(occasion: Occasion, strain_with: str) -> Sequence[uuid.UUID]:
    """In whose series an answer to the direct question stands: a no, or *not sure*, in that of both who held it.

    Where it was not said with whom, it stands once, with whom the form rates, and is told as said of either.
    """
    other = other_therapist_id(occasion)
    if other is None or strain_with in (StrainWith.RATED, StrainWith.EITHER):
        return (occasion.therapist_id,)
    return (other,) if strain_with == StrainWith.OTHER else (occasion.therapist_id, other)


def first_reader(occasion: Occasion, strain_with: str) -> uuid.UUID | None:
    """Which of two reads a form first: the one it names. None where it names both, or where one held the session."""
    other = other_therapist_id(occasion)
    if other is None or strain_with in (StrainWith.BOTH, StrainWith.EITHER):
        return None
    return other if strain_with == StrainWith.OTHER else occasion.therapist_id


def said_of(therapist: uuid.UUID | OuterRef | None) -> Q:
    """Of answers to the direct question and its follow-up: whether they are about this therapist."""
    of_form = "response__occasion__therapist"
    held = Q(response__occasion__encounter__therapist=therapist) | Q(
        response__occasion__encounter__beside=therapist
    )
    of_other = Q(response__strain_with__in=OF_OTHER) & held & ~Q(**{of_form: therapist})
    return Q(**{of_form: therapist, "response__strain_with__in": OF_RATED}) | of_other
