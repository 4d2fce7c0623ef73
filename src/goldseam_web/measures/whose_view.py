"""Whether somebody answers about themselves, or about a child as its proxy. The two are never read together."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.models import Encounter
from goldseam_web.measures.models import Occasion, OccasionState

# Of requests, and of scores: what members answer about themselves, and what therapists do.
OF_THEMSELVES = Q(subject=None) | Q(subject=F("respondent"))
RATED_OF_THEMSELVES = Q(series__subject=None) | Q(series__rater=None) | Q(series__subject=F("series__rater"))


def of_themselves(occasions: Iterable[Occasion]) -> tuple[Occasion, ...]:
    """Of requests, those that ask somebody about themselves, in their order."""
    return tuple(one for one in occasions if one.subject_id in (None, one.respondent_id))


def member_requests_about(viewer: Viewer, encounter: Encounter) -> "QuerySet[Occasion]":
    """What was asked of members, about a child too, about an encounter that was read for this viewer, in order."""
    asked = Occasion.objects.filter(
        clinic_id=viewer.clinic_id, encounter=encounter, respondent__isnull=False
    ).exclude(state=OccasionState.CANCELLED)
    in_order = asked.order_by("opens_at", "respondent__position", "asked_at", "pk")
    return in_order.select_related("subject__person__identity")
