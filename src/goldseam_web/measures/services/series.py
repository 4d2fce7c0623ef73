"""Which series a score belongs to."""

from datetime import datetime

from goldseam import Measure
from goldseam_web.measures.models import MeasureVersion, Occasion, Series

# Ratings of these relations are about one therapist: another therapist starts another series.
ABOUT_THERAPIST = {"self_therapist", "other_therapist", "group_therapist", "therapist_client"}


def series_for(
    occasion: Occasion, version: MeasureVersion, measure: Measure, scale: str, at: datetime
) -> Series:
    """Find or begin the series of one rater's view of one relation on one scale in one phase."""
    relation = measure.scale(scale).relation
    target = occasion.therapist_id if relation in ABOUT_THERAPIST else None
    rater = occasion.respondent_id or occasion.respondent_staff_id
    parts = (
        occasion.case_id.hex,
        rater.hex if rater else "",
        occasion.subject_id.hex if occasion.subject_id else "",
        target.hex if target else "",
        version.key,
        version.major,
        scale,
        occasion.phase,
    )
    series, _ = Series.objects.get_or_create(
        key="|".join(map(str, parts)),
        defaults={
            "clinic_id": occasion.clinic_id,
            "case_id": occasion.case_id,
            "rater_id": occasion.respondent_id,
            "rater_staff_id": occasion.respondent_staff_id,
            "subject_id": occasion.subject_id,
            "therapist_id": target,
            "measure_key": version.key,
            "major": version.major,
            "scale": scale,
            "phase": occasion.phase,
            "created_at": at,
        },
    )
    return series
