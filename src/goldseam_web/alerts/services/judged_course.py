"""What judging a response reads, in two statements: the response with its right to be judged, then its course.

The first locks the case. What another worker may just have written about it is read by the second, behind the lock.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    Field,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, JSONObject

from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus, Evaluation, NormsVersion
from goldseam_web.alerts.rules import RULES
from goldseam_web.alerts.services.ratings import GivenRating, HeldSession, Ratings
from goldseam_web.cases.models import Attendance, Encounter, EncounterState, Presence
from goldseam_web.lib.ids import KnownIds, as_text
from goldseam_web.lib.prepared import Prepared, columns_of, gathered, row_from_json
from goldseam_web.lib.transactions import locked
from goldseam_web.measures.link_facts import CareConsent, consent_columns, consent_from
from goldseam_web.measures.models import Occasion, Response, ResponseState, Score, Series
from goldseam_web.measures.own_measures import TENSION_ITEM

WATCHED = sorted({rule.scale for rule in RULES})


# ---------- the response ----------


@dataclass(frozen=True)
class ResponseToJudge:
    """A response, whose case is locked; the watched series it adds to, and the norms in use where there are any."""

    response: Response
    consent: CareConsent
    series: Sequence[Series]
    norms: NormsVersion | None

    @property
    def occasion(self) -> Occasion:
        return self.response.occasion


def response_to_judge(response_id: uuid.UUID) -> ResponseToJudge:
    """Read it, and lock its case: the episodes are numbered in one row, over all members."""
    [row] = _RESPONSE.rows(response=response_id)
    return _to_judge(row)


def _response(*, response: uuid.UUID) -> "QuerySet[Response]":
    norms = NormsVersion.objects.filter(clinic=OuterRef("clinic"), in_use=True)
    scores = Score.objects.filter(response=OuterRef(OuterRef("pk")), scale__in=WATCHED)
    adds_to = Series.objects.filter(pk__in=scores.values("series"), rater__isnull=False)
    rows = Response.objects.filter(pk=response).select_related(
        "occasion__clinic__lead", "occasion__case", "occasion__encounter", "occasion__respondent__person"
    )
    return locked(rows, row="occasion__case").annotate(
        **consent_columns("occasion__respondent"),
        norms_json=Subquery(
            norms.values(found=JSONObject(**{name: name for name in ("id", "name", "content_hash")}))[:1]
        ),
        series_json=gathered(adds_to, *columns_of(Series)),
    )


_RESPONSE: Prepared[Response] = Prepared(_response, response=uuid.UUID)


def _to_judge(row: Any) -> ResponseToJudge:
    case, clinic = row.occasion.case, row.occasion.clinic
    case.clinic = clinic
    series = [row_from_json(Series, facts) for facts in row.series_json or ()]
    for each in series:
        each.case, each.clinic, each.rater = case, clinic, row.occasion.respondent
    return ResponseToJudge(
        response=row,
        consent=consent_from(row),
        series=sorted(series, key=lambda each: (each.scale, each.pk)),
        norms=row_from_json(NormsVersion, row.norms_json) if row.norms_json else None,
    )


# ---------- its course ----------


class Said(NamedTuple):
    """An evaluation that holds, by what it can be told from another."""

    row: str
    criterion_version: str
    norms_id: uuid.UUID | None
    input_digest: str

    @property
    def id(self) -> uuid.UUID:
        """Made when asked for: of most that holds nobody asks."""
        return uuid.UUID(self.row)


# Series, encounter and criterion: where there is one evaluation that holds.
Place = tuple[uuid.UUID, uuid.UUID, str]


@dataclass(frozen=True)
class JudgedCourse:
    """The watched series of a response by attended session, and what has been said of them.

    ``begun``: when each session of the case that took place began, whoever was there.
    """

    ratings: Sequence[Ratings]
    said: Mapping[Place, Said]
    begun: Mapping[uuid.UUID, datetime]
    has_episodes: bool
    has_signals: bool


def judged_course(given: ResponseToJudge) -> JudgedCourse:
    """Read the course, by attended session: late scores and corrected originals are left out.

    A yes to the direct question is never too late. Ratings by staff are never judged.
    """
    occasion = given.occasion
    rater = occasion.respondent
    if rater is None:
        return JudgedCourse((), {}, {}, has_episodes=False, has_signals=False)
    by_kind: dict[int, list[Any]] = defaultdict(list)
    rows = _COURSE.rows(response=given.response.pk, case=occasion.case_id, member=rater.pk)
    for kind, *facts in rows:
        by_kind[kind].append(facts)
    ids = KnownIds()
    held = _held(by_kind[SESSION], ids)
    attended = {number: session for number, (session, was_away) in enumerate(held, start=1) if not was_away}
    counting, in_company = _scores(by_kind[SCORE], ids)
    encounters, numbers = tuple(attended.values()), tuple(attended)
    ratings = [
        Ratings(
            series=series,
            rater=rater,
            encounters=encounters,
            sessions=numbers,
            scores={
                each.id: counting[series.pk][each.id] for each in encounters if each.id in counting[series.pk]
            },
            in_company=frozenset(each.id for each in encounters if (series.pk, each.id) in in_company),
        )
        for series in given.series
    ]
    return JudgedCourse(
        ratings,
        _said(by_kind[EVALUATION], ids),
        {session.id: session.starts_at for session, _ in held},
        has_episodes=bool(by_kind[EPISODE]),
        has_signals=bool(by_kind[SIGNAL]),
    )


SESSION, SCORE, EVALUATION, EPISODE, SIGNAL = range(5)
# Every row of the course has these columns, whatever it is a row of.
_COLUMNS: "dict[str, Field[Any, Any]]" = {
    **dict.fromkeys(("encounter", "series", "row", "word", "version", "digest", "norms"), CharField()),
    **dict.fromkeys(("number", "answered", "items"), IntegerField()),
    **dict.fromkeys(("late", "flag"), IntegerField()),
    "moment": DateTimeField(),
    **dict.fromkeys(("value", "minimum", "maximum"), FloatField()),
}


def _part(rows: "QuerySet[Any]", kind: int, **given: Any) -> "QuerySet[Any, Any]":
    """These rows with the columns of all; what they have nothing of is empty."""
    columns = [given.get(name, Cast(Value(None), field)) for name, field in _COLUMNS.items()]
    return rows.order_by().values_list(Cast(Value(kind), IntegerField()), *columns)


def _whether(holds: Any) -> Case:
    """1 or 0: databases give what is true in different ways."""
    return Case(When(holds, then=Value(1)), default=Value(0), output_field=IntegerField())


def _course(*, response: uuid.UUID, case: uuid.UUID, member: uuid.UUID) -> "QuerySet[Any, tuple[Any, ...]]":
    added = Score.objects.filter(response=response, series__rater__isnull=False, scale__in=WATCHED)
    watched = added.values("series")
    away = Attendance.objects.filter(encounter=OuterRef("pk"), member=member, presence=Presence.AWAY)
    sessions = _part(
        Encounter.objects.filter(case=case, state=EncounterState.HELD),
        SESSION,
        encounter=as_text("pk"),
        moment=F("starts_at"),
        flag=_whether(Exists(away)),
    )
    scores = _part(
        Score.objects.filter(series__in=watched, encounter__isnull=False),
        SCORE,
        encounter=as_text("encounter_id"),
        series=as_text("series_id"),
        row=as_text("response_id"),
        word=F("response__state"),
        version=F("scale"),
        number=F("response__revision"),
        answered=F("answered"),
        items=F("items"),
        late=_whether(Q(late=True)),
        flag=_whether(Q(response__in_company_at__isnull=False)),
        moment=F("response__rated_at"),
        value=F("value"),
        minimum=F("minimum"),
        maximum=F("maximum"),
    )
    said = _part(
        Evaluation.objects.filter(series__in=watched, superseded_by=None),
        EVALUATION,
        encounter=as_text("encounter_id"),
        series=as_text("series_id"),
        row=as_text("pk"),
        word=F("criterion"),
        version=F("criterion_version"),
        digest=F("input_digest"),
        norms=as_text("norms_id"),
    )
    stands = Episode.objects.filter(case=case, member=member).exclude(status=EpisodeStatus.WITHDRAWN)
    episodes = _part(stands, EPISODE)
    signals = _part(AlertSignal.objects.filter(series__in=watched), SIGNAL)
    return sessions.union(scores, said, episodes, signals, all=True)


_COURSE: Prepared[tuple[Any, ...]] = Prepared(_course, response=uuid.UUID, case=uuid.UUID, member=uuid.UUID)


def _held(rows: Sequence[Any], ids: KnownIds) -> list[tuple[HeldSession, bool]]:
    """The sessions that took place, oldest first, and whether the member was away from each.

    Numbers count every held session of the case; the ones a member was away from are not sessions of theirs.
    """
    found = []
    for encounter, *_, flag, moment, _value, _minimum, _maximum in rows:
        found.append((HeldSession(ids[encounter], moment), bool(flag)))
    return sorted(found, key=lambda each: (each[0].starts_at, each[0].id))


Counting = Mapping[uuid.UUID, Mapping[uuid.UUID, GivenRating]]


def _scores(rows: Sequence[Any], ids: KnownIds) -> tuple[Counting, set[tuple[uuid.UUID, uuid.UUID]]]:
    """The scores that count, by series and encounter, the newest revision; and where a form was answered in company.

    What was answered in company counts for nothing.
    """
    counting: dict[uuid.UUID, dict[uuid.UUID, GivenRating]] = defaultdict(dict)
    in_company = set()
    for row in sorted(rows, key=lambda row: row[7]):
        (
            encounter,
            series,
            response,
            state,
            scale,
            _,
            _,
            _,
            answered,
            items,
            late,
            company,
            rated_at,
            value,
            minimum,
            maximum,
        ) = row
        place = ids[series], ids[encounter]
        if company:
            in_company.add(place)
        elif state != ResponseState.AMENDED and (not late or scale == TENSION_ITEM):
            counting[place[0]][place[1]] = GivenRating(
                value, minimum, maximum, answered, items, ids[response], rated_at
            )
    return counting, in_company


def _said(rows: Sequence[Any], ids: KnownIds) -> dict[Place, Said]:
    return {
        (ids[series], ids[encounter], criterion): Said(row, version, ids[norms] if norms else None, digest)
        for encounter, series, row, criterion, version, digest, norms, *_ in rows
    }
