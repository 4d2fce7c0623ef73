"""What is to be expected of progress in a clinic, scale by scale: fitted to its own finished courses, and kept."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from goldseam import ExpectedCourse, TrackRule, expected_course
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.cases.models import Encounter, EncounterState, Ending, RecordState
from goldseam_web.measures.models import ResponseState, Score
from goldseam_web.measures.own_measures import PROGRESS_MEASURE, PROGRESS_SCALES
from goldseam_web.measures.whose_view import RATED_OF_THEMSELVES

if TYPE_CHECKING:
    import polars as pl

# Finished courses with two ratings or more from which on `goldseam.expected_course` says anything.
FEWEST_FINISHED = 200
FEWEST_RATINGS = 2
Course = Mapping[int, float]


@dataclass(frozen=True)
class ScaleTrack:
    """The rule of one scale, for ratings by one major version of the measure."""

    major: int
    rule: TrackRule


@dataclass(frozen=True)
class Tracks:
    """What is compared with, by scale; fitted on a day."""

    version: str
    scales: Mapping[str, ScaleTrack]

    def content(self) -> dict[str, Any]:
        scales = {name: {"major": one.major, "rule": one.rule.content()} for name, one in self.scales.items()}
        return {"version": self.version, "scales": scales}

    @property
    def content_hash(self) -> str:
        text = json.dumps(self.content(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        scales = content["scales"].items()
        return cls(
            content["version"],
            {name: ScaleTrack(one["major"], TrackRule.from_content(one["rule"])) for name, one in scales},
        )


_READ: dict[str, Tracks] = {}


def tracks_in_use(clinic_id: UUID) -> TracksVersion | None:
    """The row of what a clinic compares progress with, with its clinic; nothing is ever fitted here."""
    return TracksVersion.objects.filter(clinic_id=clinic_id, in_use=True).select_related("clinic").first()


def tracks_of(stored: TracksVersion) -> Tracks:
    """Its content, made once a process."""
    if stored.content_hash not in _READ:
        _READ[stored.content_hash] = Tracks.from_content(stored.content)
    return _READ[stored.content_hash]


@dataclass(frozen=True)
class FinishedScale:
    """Finished courses of one scale, by the newest major version that any was rated by: whose, session and rating."""

    major: int
    courses: Mapping[UUID, Course]
    minimum: float
    maximum: float

    @property
    def enough(self) -> bool:
        return len(self.courses) >= FEWEST_FINISHED

    def table(self) -> "pl.DataFrame":
        """As the science reads it."""
        import polars as pl  # loaded by the first page that counts

        rows = [
            (str(rater), session, value)
            for rater, course in self.courses.items()
            for session, value in course.items()
        ]
        schema = {"case": pl.String, "session": pl.Int64, "value": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True)
class FinishedCourses:
    """By scale; and the therapists of those cases whose own figures the reader does not know anyway."""

    scales: Mapping[str, FinishedScale]
    others: int

    def count(self, scale: str) -> int:
        return len(self.scales[scale].courses) if scale in self.scales else 0

    @property
    def enough(self) -> bool:
        return any(one.enough for one in self.scales.values())


def finished_courses(viewer: Viewer) -> FinishedCourses:
    """Ratings of progress that count, of cases that have ended and of members who left theirs: two statements."""
    sessions, therapists = numbered_sessions(viewer.clinic_id)
    rows: dict[str, dict[int, dict[UUID, dict[int, float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    ranges: dict[tuple[str, int], tuple[float, float]] = {}
    known, others = {viewer.staff_id, *viewer.supervised}, set()
    ended = Q(series__case__ended_on__lte=viewer.today) | Q(series__rater__left_on__lte=viewer.today)
    facts = ("series__rater_id", "encounter_id", "series__major", "scale", "value", "minimum", "maximum")
    found = counting_scores(viewer.clinic_id).filter(ended).values_list(*facts)
    for rater, encounter, major, scale, value, low, high in found:
        if rater is not None and encounter in sessions:
            rows[scale][major][rater][sessions[encounter]] = value
            ranges[scale, major] = low, high
            others.add(therapists[encounter])
    newest = {scale: max(majors) for scale, majors in rows.items()}
    scales = {
        scale: FinishedScale(
            major,
            {who: course for who, course in rows[scale][major].items() if len(course) >= FEWEST_RATINGS},
            *ranges[scale, major],
        )
        for scale, major in newest.items()
    }
    return FinishedCourses(scales, len(others - known))


def numbered_sessions(clinic_id: UUID, *cases: UUID) -> tuple[dict[UUID, int], dict[UUID, UUID]]:
    """The number of each session in its case, and who held it; of these cases, or of all."""
    held = Encounter.objects.filter(clinic_id=clinic_id, state=EncounterState.HELD)
    if cases:
        held = held.filter(case__in=cases)
    numbered: dict[UUID, int] = defaultdict(int)
    sessions, therapists = {}, {}
    for encounter, case, therapist in held.order_by("starts_at", "pk").values_list(
        "pk", "case_id", "therapist_id"
    ):
        numbered[case] += 1
        sessions[encounter], therapists[encounter] = numbered[case], therapist
    return sessions, therapists


def counting_scores(clinic_id: UUID) -> "QuerySet[Score]":
    """Ratings of progress given in time, alone and by members of themselves; of one session the newest last."""
    rows = Score.objects.filter(
        RATED_OF_THEMSELVES,
        clinic_id=clinic_id,
        scale__in=PROGRESS_SCALES,
        series__measure_key=PROGRESS_MEASURE,
        series__rater__isnull=False,
        encounter__isnull=False,
        value__isnull=False,
        late=False,
        response__in_company_at=None,
    )
    counting = (
        rows.exclude(response__state=ResponseState.AMENDED)
        .exclude(series__case__ending=Ending.OPENED_IN_ERROR)
        .exclude(series__case__state=RecordState.ERASED)
        .exclude(series__rater__person__state=RecordState.ERASED)
    )
    return counting.order_by(
        "series__rater_id", "encounter__starts_at", "response__revision", "response__rated_at", "pk"
    )


def fit_tracks(found: FinishedCourses, *, day: str) -> tuple[Tracks | None, dict[str, str]]:
    """Fit every scale that has enough; and of those where nothing can be estimated, why."""
    fitted, refused = {}, {}
    for scale in PROGRESS_SCALES:
        one = found.scales.get(scale)
        if one is None or not one.enough:
            continue
        learnt: ExpectedCourse = expected_course(one.table())
        if learnt.reason is None:
            fitted[scale] = ScaleTrack(one.major, learnt.rule(minimum=one.minimum, maximum=one.maximum))
        else:
            refused[scale] = learnt.reason
    return (Tracks(day, fitted) if fitted else None), refused
