"""The cases of a list with how each stands, worked out now: what the kept list has to equal at every instant."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.db.models import Exists, OuterRef, QuerySet

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer, supervised_through
from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import case_status
from goldseam_web.alerts.case_standing.latest_records import latest_records
from goldseam_web.alerts.case_standing.shared_standing import SharedStanding, shared_standing
from goldseam_web.alerts.case_standing.standing import Standing, next_change, standing_of
from goldseam_web.cases.models import Case, CaseKind, CaseTherapist, Encounter, EncounterState, TherapistPart
from goldseam_web.cases.queries import CasePeople, meeting_times_and_absences, members_of
from goldseam_web.cases.without_next import (
    OwnAppointment,
    Slipping,
    SlippingAway,
    long_after,
    own_appointments,
    slipping_away,
    taking_part,
)
from goldseam_web.measures.queries import AnswerFacts, answer_facts_at

INSTANT = timedelta(microseconds=1)  # a moment is kept no finer


@dataclass(frozen=True)
class ListedCase:
    """One case of a list: how it stands, its sessions so far, when it meets next and when somebody answered.

    ``slipping_members``: of a case that goes on, those members who may not come again.
    """

    case: Case
    standing: Standing
    sessions: int
    waiting: int
    last_answer: datetime | None
    meets_at: datetime | None
    slipping: SlippingAway | None
    # Only where it was asked for.
    shared: SharedStanding | None = None
    slipping_members: Mapping[uuid.UUID, SlippingAway] = field(default_factory=dict)

    @property
    def may_not_come_again(self) -> bool:
        """Whether the case, or somebody in it, is slipping away."""
        return self.slipping is not None or bool(self.slipping_members)

    @property
    def people(self) -> CasePeople:
        return CasePeople(members_of(self.case))

    def content(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "standing": self.standing.content(),
            "sessions": self.sessions,
            "waiting": self.waiting,
            "last_answer": _text(self.last_answer),
            "meets_at": _text(self.meets_at),
            "slipping": [self.slipping.why, _text(self.slipping.since)] if self.slipping else None,
            "shared": self.shared.content(self.standing) if self.shared else None,
            "slipping_members": {
                str(member): [slips.why, _text(slips.since)]
                for member, slips in self.slipping_members.items()
            },
        }

    @classmethod
    def kept(
        cls,
        case: Case,
        content: Mapping[str, Any],
        *,
        therapist_name: str,
        planner_name: str,
        shared: bool = False,
    ) -> Self:
        names = {"therapist_name": therapist_name, "planner_name": planner_name}
        return cls(
            case=case,
            standing=Standing.kept(content["standing"], **names),
            sessions=content["sessions"],
            waiting=content["waiting"],
            last_answer=_moment(content["last_answer"]),
            meets_at=_moment(content["meets_at"]),
            slipping=_slipping(content["slipping"]),
            shared=SharedStanding.kept(content, **names) if shared and content["shared"] else None,
            slipping_members={
                uuid.UUID(member): slips
                for member, kept in content["slipping_members"].items()
                if (slips := _slipping(kept)) is not None
            },
        )


def _text(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _slipping(kept: Sequence[str] | None) -> SlippingAway | None:
    if kept is None:
        return None
    why, since = kept
    return SlippingAway(Slipping(why), date.fromisoformat(since) if since else None)


def with_facts(cases: "QuerySet[Case]", reader: uuid.UUID, *, at: datetime) -> "QuerySet[Case]":
    """The same cases with what the database tells of each in one query.

    ``reader`` is the member of staff to whom it is said how they stand.
    """
    covers = CaseTherapist.objects.filter(case=OuterRef("pk"), therapist=reader, part=TherapistPart.COVER)
    return cases.annotate(**answer_facts_at(at), is_covered=Exists(covers))


def add_facts(cases: Iterable[Case], reader: uuid.UUID, *, at: datetime) -> None:
    """Give the same to cases that were read for a viewer without it."""
    by_key = {case.pk: case for case in cases}
    if not by_key:
        return
    rows = with_facts(Case.objects.filter(pk__in=by_key), reader, at=at)
    for row in rows.values("pk", "is_covered", *AnswerFacts.__dataclass_fields__):
        vars(by_key[row.pop("pk")]).update(row)


def listed_now(
    viewer: Viewer,
    cases: Sequence[Case],
    *,
    judging: bool,
    at: datetime,
    by_hand: bool = True,
    reader: uuid.UUID | None = None,
    shared: bool = False,
) -> list[tuple[ListedCase, datetime | None]]:
    """Work out how these cases, read for the viewer ``with_facts``, stand to them, and when time alone changes that.

    ``by_hand``: whether anybody of the clinic may have noted strain by hand. ``reader``: to whom they stand so, if not
    to the viewer. ``shared``: together with how they stand on the page that therapist and supervisor share.
    """
    if not cases:
        return []
    appointments: dict[uuid.UUID, list[Encounter]] = defaultdict(list)
    meetings, away = meeting_times_and_absences(viewer, cases)
    for appointment in meetings:
        appointments[appointment.case_id].append(appointment)
    reads = reader or viewer.staff_id
    if reads != viewer.staff_id:
        supervised = supervised_through(Staff(pk=reads), viewer.today).values_list("pk", flat=True)
        viewer = replace(viewer, told_to=reads, supervised=frozenset(supervised))
    records = latest_records(viewer, cases, meetings, reader=reads, judging=judging, by_hand=by_hand)
    return [
        _listed(viewer, record, appointments[record.case.pk], away, judging=judging, at=at, shared=shared)
        for record in records
    ]


def _listed(
    viewer: Viewer,
    record: CaseRecord,
    appointments: Sequence[Encounter],
    away: Mapping[uuid.UUID, frozenset[uuid.UUID]],
    *,
    judging: bool,
    at: datetime,
    shared: bool,
) -> tuple[ListedCase, datetime | None]:
    facts = vars(record.case)
    answers = AnswerFacts(**{name: facts[name] for name in AnswerFacts.__dataclass_fields__})
    status = case_status(record, reader=record.reader, judging=judging, at=at, waiting=answers.waiting > 0)
    planned = [e for e in record.encounters if e.state == EncounterState.PLANNED and e.ends_at > at]
    is_open = record.case.ended_on is None
    both, changes_at = shared_standing(record, status, judging=judging, at=at) if shared else (None, None)
    slipping = slipping_away(appointments, at=at, zone=viewer.time_zone) if is_open else None
    own = _own_of_members(record.case, appointments, away, viewer) if is_open else {}
    listed = ListedCase(
        case=record.case,
        standing=standing_of(record, status, course=True),
        sessions=record.sessions,
        waiting=answers.waiting,
        last_answer=answers.last_answer,
        meets_at=planned[0].starts_at if planned else None,
        slipping=slipping,
        slipping_members={
            member: slips
            for member, theirs in own.items()
            if slipping is None and (slips := slipping_away(theirs, at=at, zone=viewer.time_zone))
        },
        shared=both,
    )
    moments = [status.changes_at, changes_at, answers.next_opens_at, *_after(answers.next_closes_at)]
    moments += [moment for e in appointments for moment in (e.starts_at, e.ends_at)]
    if held := record.held:
        moments += _after(held[-1].ends_at + long_after(held))
    for theirs in own.values():
        if attended := [one for one in theirs if one.state == EncounterState.HELD]:
            moments += _after(attended[-1].ends_at + long_after(attended))
    # What is new to a cover depends on the day, and who reads first on whether they are away.
    if facts["is_covered"] or record.read_later:
        moments.append(_midnight(viewer))
    return listed, next_change(moments, at=at)


def _own_of_members(
    case: Case,
    appointments: Sequence[Encounter],
    away: Mapping[uuid.UUID, frozenset[uuid.UUID]],
    viewer: Viewer,
) -> dict[uuid.UUID, list[OwnAppointment]]:
    """Of a couple or family, the appointments as each has them who takes part; of one alone the case says it."""
    if case.kind == CaseKind.INDIVIDUAL:
        return {}
    return {
        member.pk: own_appointments(member, appointments, away, zone=viewer.time_zone)
        for member in taking_part(members_of(case))
    }


def _after(moment: datetime | None) -> list[datetime | None]:
    """What holds up to a moment and at it, changes right behind it."""
    return [moment, moment + INSTANT] if moment else []


def _midnight(viewer: Viewer) -> datetime:
    """When the viewer's next day begins."""
    tomorrow = viewer.today + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=viewer.time_zone).astimezone(UTC)
