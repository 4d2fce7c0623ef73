"""The last ratings of a case as its line in a list shows them: of the member a sentence is about, and of the others."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import CaseStatus
from goldseam_web.alerts.case_standing.latest_records import SESSIONS_READ
from goldseam_web.alerts.case_standing.state_facts import record_of
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.states import Relation, State
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN, WITHIN_GOAL

DEFAULT_RANGE = (0.0, 10.0)
Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Course:
    """Values by session, the latest last, None where there is no rating; places count from the first value.

    ``low`` and ``high``: the usual range. ``missed``: sessions without a rating after the first one there is. Places
    before the first value are below zero.
    """

    member: uuid.UUID
    values: Values
    low: Values
    high: Values
    missed: tuple[bool, ...]
    others: tuple[Values, ...]
    minimum: float
    maximum: float
    onset: int | None = None
    nadir: int | None = None
    repair: int | None = None
    mended: bool = False
    under_way: bool = False

    def content(self) -> list[Any]:
        return [getattr(self, name) for name in self.__dataclass_fields__]

    @classmethod
    def kept(cls, content: Sequence[Any]) -> Self:
        member, values, low, high, missed, others, *rest = content
        return cls(
            uuid.UUID(member),
            tuple(values),
            tuple(low),
            tuple(high),
            tuple(missed),
            tuple(map(tuple, others)),
            *rest,
        )


def course_of(record: CaseRecord, status: CaseStatus) -> Course | None:
    """The latest sessions on the scale the status speaks of; None where nobody has rated it."""
    record = record_of(record, status.member_state) if status.member_state else record
    scale = _scale(status)
    member = status.member or _most_recent(record, scale)
    if member is None:
        return None
    held = _asked_at(record, member, scale)
    values = [record.value(member.id, scale, e.id) for e in held]
    if not any(v is not None for v in values):
        return None
    judged = [record.verdict(member.id, scale, e.id) for e in held]
    episode = status.episode if status.episode and status.episode.member_id == member.id else None
    minimum, maximum = _range(record, member, scale)
    return Course(
        member=member.id,
        values=_latest(values),
        low=_latest([j.usual_low if j else None for j in judged]),
        high=_latest([j.usual_high if j else None for j in judged]),
        missed=tuple(_missed(values)[-SESSIONS_READ:]),
        others=tuple(
            _latest([record.value(m.id, scale, e.id) for e in _asked_at(record, m, scale)])
            for m in record.members
            if m.id != member.id
        ),
        minimum=minimum,
        maximum=maximum,
        onset=_place(held, episode, "onset_id"),
        nadir=_place(held, episode, "nadir_encounter_id"),
        repair=_place(held, episode, "repair_encounter_id"),
        mended=episode.mended if episode else False,
        under_way=status.state == State.REPAIR_UNDER_WAY,
    )


def _latest(values: Sequence[float | None]) -> Values:
    return tuple(values[-SESSIONS_READ:])


def _scale(status: CaseStatus) -> str:
    if status.episode is not None and status.episode.series is not None:
        return status.episode.series.scale
    relation = status.member_state.relation if status.member_state is not None else Relation.THERAPIST
    return {Relation.WITHIN: WITHIN, Relation.GOALS: WITHIN_GOAL}.get(relation, SELF_THERAPIST)


def _most_recent(record: CaseRecord, scale: str) -> Member | None:
    return next((m for m in record.members if record.latest(m.id, scale) is not None), None)


def _range(record: CaseRecord, member: Member, scale: str) -> tuple[float, float]:
    row = record.latest(member.id, scale)
    return (row.minimum, row.maximum) if row else DEFAULT_RANGE


def _missed(values: Sequence[float | None]) -> list[bool]:
    first = next((k for k, v in enumerate(values) if v is not None), len(values))
    return [v is None and k > first for k, v in enumerate(values)]


def _asked_at(record: CaseRecord, member: Member, scale: str) -> Sequence[Encounter]:
    """The held sessions, but those about which a member was asked of the other of two therapists."""
    if scale != SELF_THERAPIST or not record.with_them:
        return record.held
    return [e for e in record.held if record.asked_about(e, member.id) not in record.with_them]


def _place(held: Sequence[Encounter], episode: Episode | None, field: str) -> int | None:
    at = getattr(episode, field) if episode else None
    place = next((k for k, e in enumerate(held) if e.id == at), None)
    return place - max(0, len(held) - SESSIONS_READ) if place is not None else None
