"""Which series a score belongs to."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from goldseam import Measure
from goldseam_web.measures.models import MeasureVersion, Occasion, Series
from goldseam_web.measures.own_measures import SELF_THERAPIST

# Ratings of these relations are about one therapist: another therapist starts another series.
ABOUT_THERAPIST = {SELF_THERAPIST, "other_therapist", "group_therapist", "therapist_client"}


class WantedSeries(NamedTuple):
    """A scale of a measure, and whom it is about, if it is about a therapist."""

    version: MeasureVersion
    measure: Measure
    scale: str
    therapist: uuid.UUID


def series_for(
    occasion: Occasion, wanted: Iterable[WantedSeries], at: datetime
) -> Mapping[tuple[str, str], Sequence[Series]]:
    """Find or begin the series of one rater's views in one phase, by the measure's key and the scale.

    Of a scale that is about two therapists there is a series of each.

    Two processes may begin the same one at once: the unique key leaves one row, and both read it back.
    """
    new = [_series(occasion, each, at) for each in wanted]
    keys = [series.key for series in new]
    known = {series.key: series for series in Series.objects.filter(key__in=keys)}
    missing = [series for series in new if series.key not in known]
    if missing:
        Series.objects.bulk_create(missing, ignore_conflicts=True)
        known = {series.key: series for series in Series.objects.filter(key__in=keys)}
    found: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for series in known.values():
        found[series.measure_key, series.scale].append(series)
    return found


def _series(occasion: Occasion, wanted: WantedSeries, at: datetime) -> Series:
    version, measure, scale, therapist = wanted
    target = therapist if measure.scale(scale).relation in ABOUT_THERAPIST else None
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
