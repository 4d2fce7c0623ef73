"""Which series a score belongs to."""

from collections.abc import Iterable
from datetime import datetime

from goldseam import Measure
from goldseam_web.measures.models import MeasureVersion, Occasion, Series
from goldseam_web.measures.own_measures import SELF_THERAPIST

# Ratings of these relations are about one therapist: another therapist starts another series.
ABOUT_THERAPIST = {SELF_THERAPIST, "other_therapist", "group_therapist", "therapist_client"}


def series_for(
    occasion: Occasion, wanted: Iterable[tuple[MeasureVersion, Measure, str]], at: datetime
) -> dict[tuple[str, str], Series]:
    """Find or begin the series of one rater's views in one phase, by the measure's key and the scale.

    Two processes may begin the same one at once: the unique key leaves one row, and both read it back.
    """
    new = [_series(occasion, version, measure, scale, at) for version, measure, scale in wanted]
    keys = [series.key for series in new]
    known = {series.key: series for series in Series.objects.filter(key__in=keys)}
    missing = [series for series in new if series.key not in known]
    if missing:
        Series.objects.bulk_create(missing, ignore_conflicts=True)
        known = {series.key: series for series in Series.objects.filter(key__in=keys)}
    return {(series.measure_key, series.scale): series for series in known.values()}


def _series(
    occasion: Occasion, version: MeasureVersion, measure: Measure, scale: str, at: datetime
) -> Series:
    target = occasion.therapist_id if measure.scale(scale).relation in ABOUT_THERAPIST else None
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
    return Series(
        key="|".join(map(str, parts)),
        clinic_id=occasion.clinic_id,
        case_id=occasion.case_id,
        rater_id=occasion.respondent_id,
        rater_staff_id=occasion.respondent_staff_id,
        subject_id=occasion.subject_id,
        therapist_id=target,
        measure_key=version.key,
        major=version.major,
        scale=scale,
        phase=occasion.phase,
        created_at=at,
    )
