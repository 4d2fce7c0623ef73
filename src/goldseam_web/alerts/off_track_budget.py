"""What telling of courses not on track would have told on a clinic's own past, beside what scatter alone brings."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.tracks import ScaleTrack, Tracks, counting_scores
from goldseam_web.cases.models import Encounter, EncounterState

LOOKED_BACK = timedelta(weeks=26)
# Enough for a chance count to a twentieth of its spread, and for a page that somebody waits for.
DRAWS = 200


@dataclass(frozen=True)
class PastCourse:
    """One member's ratings on one scale, by session; ``recent``: the sessions since the day that is looked back to."""

    case: UUID
    major: int
    ratings: Mapping[int, float]
    recent: frozenset[int]


@dataclass(frozen=True)
class ScaleTelling:
    """Of one scale: how often it would have been told since then, in how many courses of how many, and what became.

    ``by_chance``: middle, low and high (95%) of how often where every course goes on as finished ones did.
    """

    scale: str
    told: int
    courses: int
    of_courses: int
    back: int
    by_chance: tuple[float, float, float]


@dataclass(frozen=True)
class TellingBudget:
    """``cases``: with a rating since then that can be compared."""

    since: datetime
    scales: tuple[ScaleTelling, ...]
    cases: int
    therapist_weeks: int

    @property
    def a_week(self) -> float | None:
        """For each week in which a therapist had sessions; None where there was none."""
        told = sum(each.told for each in self.scales)
        return told / self.therapist_weeks if self.therapist_weeks else None


def telling_budget(viewer: Viewer, tracks: Tracks, *, at: datetime) -> TellingBudget:
    """Look through all courses since then with these, in two statements; nothing is told and nothing is fitted."""
    since = at - LOOKED_BACK
    sessions, starts, weeks = _sessions(viewer, since)
    courses = _courses(viewer, sessions, starts, since)
    scales = [
        _of_scale(scale, track, courses[scale]) for scale, track in tracks.scales.items() if courses[scale]
    ]
    cases = {course.case for scale in tracks.scales for course in courses[scale] if course.recent}
    return TellingBudget(since, tuple(scales), len(cases), weeks)


def _sessions(viewer: Viewer, since: datetime) -> tuple[dict[UUID, int], dict[UUID, datetime], int]:
    """Number and time of each session, and in how many weeks since then a therapist had any."""
    held = Encounter.objects.filter(clinic_id=viewer.clinic_id, state=EncounterState.HELD)
    numbered: dict[UUID, int] = defaultdict(int)
    numbers, starts = {}, {}
    weeks: set[tuple[UUID, tuple[int, int]]] = set()
    facts = ("pk", "case_id", "therapist_id", "beside_id", "starts_at")
    for encounter, case, therapist, beside, starts_at in held.order_by("starts_at", "pk").values_list(*facts):
        numbered[case] += 1
        numbers[encounter], starts[encounter] = numbered[case], starts_at
        if starts_at >= since:
            week = starts_at.astimezone(viewer.time_zone).isocalendar()[:2]
            weeks.update((one, week) for one in (therapist, beside) if one is not None)
    return numbers, starts, len(weeks)


def _courses(
    viewer: Viewer, sessions: Mapping[UUID, int], starts: Mapping[UUID, datetime], since: datetime
) -> dict[str, list[PastCourse]]:
    """By scale; of each member by the newest version of the questions alone."""
    rows: dict[tuple[UUID, UUID, str], dict[int, dict[int, tuple[float, bool]]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    facts = ("series__case_id", "series__rater_id", "scale", "series__major", "encounter_id", "value")
    for case, rater, scale, major, encounter, value in counting_scores(viewer.clinic_id).values_list(*facts):
        if rater is not None and encounter in sessions and value is not None:
            given = value, starts[encounter] >= since
            rows[case, rater, scale][major][sessions[encounter]] = given
    found: dict[str, list[PastCourse]] = defaultdict(list)
    for (case, _, scale), by_major in rows.items():
        newest = max(by_major)
        ratings = {session: value for session, (value, _) in by_major[newest].items()}
        recent = frozenset(session for session, (_, is_recent) in by_major[newest].items() if is_recent)
        found[scale].append(PastCourse(case, newest, ratings, recent))
    return found


def _of_scale(scale: str, track: ScaleTrack, courses: list[PastCourse]) -> ScaleTelling:
    told = off = compared = back = 0
    drawn = np.zeros(DRAWS, np.int64)
    for number, course in enumerate(courses):
        if course.major != track.major or not course.recent or len(course.ratings) < 2:
            continue
        compared += 1
        order = sorted(course.ratings)
        values = [course.ratings[session] for session in order]
        found = track.rule.stretches(track.rule.judge(order, values))
        recent = [each for each in found if int(each.begins.time) in course.recent]
        told += len(recent)
        off += bool(recent)
        back += sum(each.back is not None for each in recent)
        drawn += track.rule.by_chance(order, values, since=min(course.recent), draws=DRAWS, seed=number)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return ScaleTelling(scale, told, off, compared, back, (float(np.mean(drawn)), float(low), float(high)))
