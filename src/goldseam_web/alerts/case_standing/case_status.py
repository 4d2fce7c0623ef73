"""How a case stands, as its badge and sentence need it: the states worked out in `alerts.states`, with their rows."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.state_facts import facts_of
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.states import Group, MemberState, State, case_state
from goldseam_web.cases.models import Member


@dataclass(frozen=True)
class CaseStatus:
    """The most urgent state of a case with the rows it is about; ``further``: how many others need a word.

    ``changes_at``: the next instant at which time alone changes a state.
    """

    state: State
    group: Group
    need: tuple[int, bool, bool]
    signal_status: SignalStatus | None = None
    episode: Episode | None = None
    member: Member | None = None
    member_state: MemberState | None = None
    is_new: bool = False
    further: int = 0
    reader: uuid.UUID | None = None
    states: tuple[MemberState, ...] = ()
    changes_at: datetime | None = None


def case_status(
    record: CaseRecord, *, reader: uuid.UUID | None, judging: bool, at: datetime, waiting: bool
) -> CaseStatus:
    """The most pressing thing to say of a case to whoever looks. ``waiting``: a link is open and not answered."""
    if not judging:
        return _plain(
            State.WAITING if waiting else State.RECORDED, Group.WAITING if waiting else Group.STEADY
        )
    found = case_state(facts_of(record), at)
    first = found.first
    if first is None:
        return _plain(State.NOT_ENOUGH, Group.WAITING, changes_at=found.changes_at)
    return CaseStatus(
        state=first.state,
        group=first.group,
        need=first.need,
        signal_status=_signal_status(record, first),
        episode=record.episode(first.strain.id) if first.strain else None,
        member=record.by_id.get(first.member),
        member_state=first,
        is_new=any(s.unopened for s in found.states),
        further=found.further,
        reader=reader,
        states=found.states,
        changes_at=found.changes_at,
    )


def waiting_for_answers() -> CaseStatus:
    """What is said while an answer is awaited and what is there is kept back until the therapist's own guess."""
    return _plain(State.WAITING, Group.WAITING)


def _plain(state: State, group: Group, *, changes_at: datetime | None = None) -> CaseStatus:
    return CaseStatus(state, group, (0, False, False), changes_at=changes_at)


def _signal_status(record: CaseRecord, state: MemberState) -> SignalStatus | None:
    if state.finding is None:
        return None
    return next((s for s in record.signals if s.signal.id == state.finding.id), None)
