"""Hundreds of finished courses of progress, written straight into the tables: a year or two of a clinic in a moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

from django.db.models import Model

from goldseam_web.accounts.models import Phase, Staff
from goldseam_web.cases.models import (
    Case,
    CaseKind,
    Encounter,
    EncounterState,
    Ending,
    Member,
    MemberRole,
    Person,
)
from goldseam_web.measures.models import Occasion, OccasionState, Response, ResponseState, Score, Series

WELLBEING = "wellbeing"


class _Rows:
    """Rows of all tables, written together."""

    def __init__(self) -> None:
        self.by_table: dict[type[Model], list[Model]] = {}

    def add(self, row: Model) -> None:
        self.by_table.setdefault(type(row), []).append(row)

    def write(self) -> None:
        for table, rows in self.by_table.items():
            table.objects.bulk_create(rows, batch_size=400)


def finish_courses(
    therapist: Staff,
    courses: Sequence[Mapping[str, Sequence[float | None]]],
    now: datetime,
    *,
    major: int = 1,
) -> list[Case]:
    """A case each that ended as planned: one adult, and by scale the values of weekly sessions (None: not rated)."""
    rows, cases, clinic = _Rows(), [], therapist.clinic
    for number, by_scale in zip(count(), courses):
        sessions = max(len(values) for values in by_scale.values())
        begun = now - timedelta(weeks=sessions + 2, minutes=number)
        case = Case(
            clinic=clinic,
            kind=CaseKind.INDIVIDUAL,
            opened_on=begun.date(),
            ended_on=(now - timedelta(weeks=1)).date(),
            ending=Ending.PLANNED,
        )
        person = Person(clinic=clinic, created_at=begun)
        who = Member(
            clinic=clinic,
            case=case,
            person=person,
            role=MemberRole.CLIENT,
            position=1,
            joined_on=case.opened_on,
        )
        series = {
            scale: Series(
                clinic=clinic,
                key=f"{case.pk} {scale} {major}",
                case=case,
                rater=who,
                measure_key="goldseam-progress",
                major=major,
                scale=scale,
                phase=Phase.PRE,
                created_at=begun,
            )
            for scale in by_scale
        }
        for row in (case, person, who, *series.values()):
            rows.add(row)
        for session in range(sessions):
            _meet(rows, therapist, begun + timedelta(weeks=session), series, _values(by_scale, session))
        cases.append(case)
    rows.write()
    return cases


def _values(by_scale, session):
    given = {scale: values[session] for scale, values in by_scale.items() if session < len(values)}
    return {scale: value for scale, value in given.items() if value is not None}


def _meet(rows, therapist, starts_at, series, values):
    clinic, who = therapist.clinic, next(iter(series.values())).rater
    of_clinic = {"clinic": clinic, "case": who.case, "therapist": therapist}
    held = Encounter(
        **of_clinic,
        state=EncounterState.HELD,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=50),
        local_date=starts_at.date(),
    )
    asked = Occasion(
        **of_clinic,
        encounter=held,
        respondent=who,
        phase=Phase.PRE,
        state=OccasionState.ANSWERED,
        asked_at=starts_at - timedelta(days=3),
        opens_at=starts_at - timedelta(days=2),
        closes_at=starts_at,
    )
    answered = Response(
        clinic=clinic,
        occasion=asked,
        state=ResponseState.COMPLETED,
        started_at=starts_at - timedelta(days=1),
        rated_at=starts_at - timedelta(days=1),
    )
    for row in (held, asked, answered):
        rows.add(row)
    for scale, value in values.items():
        rows.add(
            Score(
                clinic=clinic,
                response=answered,
                series=series[scale],
                encounter=held,
                scale=scale,
                value=value,
                status="scored",
                answered=1,
                items=1,
                minimum=0,
                maximum=10,
                higher_is_better=True,
                rule="made",
                scoring_version="1",
            )
        )
