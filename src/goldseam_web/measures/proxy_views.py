"""What members answered about a child, apart from everything anybody answered about themselves."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import F

from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.models import Case
from goldseam_web.measures.models import ResponseState, Score


@dataclass(frozen=True)
class ViewOfChild:
    """One member's ratings of one child on one scale, by session."""

    respondent_id: uuid.UUID
    child_id: uuid.UUID
    scale: str
    minimum: float
    maximum: float
    values: Mapping[uuid.UUID, float | None] = field(default_factory=dict)


def views_of_children(viewer: Viewer, case: Case) -> list[ViewOfChild]:
    """Of a case that was read for this viewer, by who answers, then about whom; in the order they were begun."""
    rows = (
        Score.objects.filter(
            clinic_id=viewer.clinic_id,
            series__case=case.pk,
            series__rater__isnull=False,
            series__subject__isnull=False,
            encounter__isnull=False,
        )
        .exclude(series__subject=F("series__rater"))
        .exclude(response__state=ResponseState.AMENDED)
        .order_by("series__rater__position", "series__subject__position", "scale", "response__rated_at", "pk")
        .values_list(
            "series__rater_id", "series__subject_id", "scale", "minimum", "maximum", "encounter_id", "value"
        )
    )
    found: dict[tuple[uuid.UUID, uuid.UUID, str], tuple[float, float, dict[uuid.UUID, float | None]]] = {}
    for rater, child, scale, minimum, maximum, encounter, value in rows:
        found.setdefault((rater, child, scale), (minimum, maximum, {}))[2][encounter] = value
    return [ViewOfChild(*who, *kept) for who, kept in found.items()]
