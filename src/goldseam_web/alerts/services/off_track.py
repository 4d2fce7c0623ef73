"""Telling of courses of progress that are not on track: once each, until they are back in the band.

A course is looked at as a whole every time, so that whatever changes it, a session that took place after all or an
answer put right, is followed by itself. What was told goes by the courses it was told by.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied

from goldseam import TrackLook
from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.alerts.off_track_queries import followed_members
from goldseam_web.alerts.off_track_tables import OffTrack, OffTrackState
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.alerts.tracks import ScaleTrack, counting_scores, numbered_sessions, tracks_of
from goldseam_web.audit.services import SYSTEM, record_about
from goldseam_web.cases.access import own_case
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.lib.case_changes import pages_of_case_changed
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Series

# Looking through all courses takes a while in a large clinic, and weeks lie between two ratings.
PAUSE = timedelta(minutes=10)
# How far back a session may lie whose course is looked at: what is put right later changes no page of today.
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class FollowedCourse:
    """One member's ratings on one scale that count, by the newest version of the questions, by session."""

    series: Series
    member: UUID
    ratings: Mapping[int, float]
    encounters: Mapping[int, UUID]

    def looks(self, track: ScaleTrack) -> list[TrackLook]:
        sessions = sorted(self.ratings)
        return track.rule.judge(sessions, [self.ratings[each] for each in sessions])


def follow_courses(*, at: datetime) -> int:
    """Tell what is new of every clinic that is told, and end what is back; how many courses that changed.

    Nothing where the install only records, or of courses of which nothing is compared.
    """
    if settings.GOLDSEAM_RECORD_ONLY:
        return 0
    due = TracksVersion.objects.filter(tells=True).exclude(followed_at__gt=at - PAUSE, followed_at__lte=at)
    return sum(_follow(stored, at) for stored in due.select_related("clinic"))


def _follow(stored: TracksVersion, at: datetime) -> int:
    lately = Encounter.objects.filter(
        clinic=stored.clinic_id, state=EncounterState.HELD, starts_at__gt=at - LOOKED_BACK
    )
    open_cases = Case.objects.filter(pk__in=lately.values("case"), ended_on=None).order_by("pk")
    changed = sum(
        follow_case(stored=stored, case_id=case_id, at=at)
        for case_id in open_cases.values_list("pk", flat=True)
    )
    TracksVersion.objects.filter(pk=stored.pk).update(followed_at=at)
    return changed


@one_transaction
def follow_case(*, stored: TracksVersion, case_id: UUID, at: datetime) -> int:
    """Look at every course of one case that is asked about; how many of them are told or over now."""
    case = locked(Case.objects.filter(pk=case_id, ended_on=None)).select_related("clinic").first()
    # Held, so that what is told and that nothing is told any more do not pass each other by.
    if case is None or locked(TracksVersion.objects.filter(pk=stored.pk, tells=True)).first() is None:
        return 0
    running = {each.series_id: each for each in locked(OffTrack.objects.filter(case=case, ended_at=None))}
    tracks = tracks_of(stored)
    changed = 0
    for course in _courses(case, at):
        track = tracks.scales.get(course.series.scale)
        if track is not None and track.major == course.series.major:
            changed += _keep(course, track, stored, running.get(course.series.pk), at)
    return changed


def _courses(case: Case, at: datetime) -> Iterable[FollowedCourse]:
    """Of members who are asked; of each scale the newest version of the questions alone."""
    sessions, _ = numbered_sessions(case.clinic_id, case.pk)
    members = followed_members(local_day(case.clinic, at)).filter(case=case)
    scores = counting_scores(case.clinic_id).filter(series__case=case, series__rater__in=members)
    found: dict[tuple[UUID, str], dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for score in scores.select_related("series"):
        rater = score.series.rater_id
        if rater is not None and score.encounter_id in sessions:
            found[rater, score.scale][score.series.major].append(score)
    for (member, _), by_major in found.items():
        rows = by_major[max(by_major)]
        number = {row.pk: sessions[row.encounter_id] for row in rows}
        yield FollowedCourse(
            series=rows[-1].series,
            member=member,
            ratings={number[row.pk]: row.value for row in rows},
            encounters={number[row.pk]: row.encounter_id for row in rows},
        )


def _keep(
    course: FollowedCourse, track: ScaleTrack, stored: TracksVersion, running: OffTrack | None, at: datetime
) -> bool:
    """Bring what is told of one course in line with it; whether that changed anything."""
    looks = course.looks(track)
    found = track.rule.stretches(looks)
    is_off = bool(found) and found[-1].back is None
    if is_off and running is None:
        _tell(course, track, stored, found[-1].begins, at)
        return True
    if running is None or is_off:
        return False
    began = running.evidence["session"]
    came_back = any(each.back is not None and each.back.time > began for each in found)
    running.state = OffTrackState.BACK if came_back else OffTrackState.CORRECTED
    running.ended_at = at
    running.save(update_fields=["state", "ended_at"])
    record_about(running, at=at, actor=SYSTEM, action="off_track.end", object_kind="off_track")
    pages_of_case_changed(running)
    return True


def _tell(
    course: FollowedCourse, track: ScaleTrack, stored: TracksVersion, look: TrackLook, at: datetime
) -> None:
    series, session = course.series, int(look.time)
    told = OffTrack.objects.create(
        clinic_id=series.clinic_id,
        case_id=series.case_id,
        member_id=course.member,
        series=series,
        tracks=stored,
        encounter_id=course.encounters[session],
        evidence=_evidence(course, track, look),
        told_at=at,
    )
    record_about(told, at=at, actor=SYSTEM, action="off_track.tell", object_kind="off_track")
    pages_of_case_changed(told)


def _evidence(course: FollowedCourse, track: ScaleTrack, look: TrackLook) -> dict[str, Any]:
    """All that was known, so that it can be read years later without reckoning anew."""
    first, rate, rule = min(course.ratings), track.rule.rate(look.time), track.rule
    return {
        "scale": course.series.scale,
        "session": int(look.time),
        "value": look.value,
        "expected": look.expected,
        "low": look.low,
        "high": look.high,
        "limit": look.limit,
        "start": course.ratings[first],
        "start_session": first,
        "rate": rate._asdict() if rate else None,
        "predictive_value": rule.predictive_value,
        "n_called": rule.n_called,
        "poor_share": rule.poor_share,
        "reliability": rule.reliability,
    }


@one_transaction
def look_at_course(*, viewer: Viewer, off_track_ids: Sequence[UUID], at: datetime) -> None:
    """Somebody who treats the case has looked; said again, the first word stands.

    Raises PermissionDenied to anybody else.
    """
    for found in locked(OffTrack.objects.filter(pk__in=off_track_ids, clinic_id=viewer.clinic_id)):
        if own_case(viewer, found.case_id) is None:
            raise PermissionDenied
        if found.state != OffTrackState.TOLD:
            continue
        found.state, found.looked_at, found.looked_by_id = OffTrackState.LOOKED_AT, at, viewer.staff_id
        found.save(update_fields=["state", "looked_at", "looked_by"])
        record_about(found, at=at, actor=viewer.actor, action="off_track.look", object_kind="off_track")
        pages_of_case_changed(found)
