"""How a case stands, as its badge and sentence need it: the states worked out in `alerts.states`, with their rows."""

import uuid
from dataclasses import dataclass

from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.states import Group, MemberState, State, case_state, state_of_strain
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.state_facts import facts_of, member_facts, strain_facts
from goldseam_web.dashboard.language.status_labels import LABELS, StatusLabel, label_of_state
from goldseam_web.dashboard.staff_visit import StaffVisit


@dataclass(frozen=True)
class CaseStatus:
    """The most urgent state of a case with the rows it is about; ``further``: how many others need a word."""

    state: State
    group: Group
    label: StatusLabel
    need: tuple[int, bool, bool]
    signal_status: SignalStatus | None = None
    episode: Episode | None = None
    member: Member | None = None
    member_state: MemberState | None = None
    is_new: bool = False
    further: int = 0
    reader: uuid.UUID | None = None
    states: tuple[MemberState, ...] = ()


def status_of(record: CaseRecord, visit: StaffVisit, *, waiting: bool) -> CaseStatus:
    """The most pressing thing to say of a case to whoever looks. ``waiting``: a link is open and not answered."""
    if not visit.judging:
        return _plain(
            State.WAITING if waiting else State.RECORDED, Group.WAITING if waiting else Group.STEADY
        )
    found = case_state(facts_of(record), visit.at)
    first = found.first
    if first is None:
        return _plain(State.NOT_ENOUGH, Group.WAITING)
    signal_status = _signal_status(record, first)
    return CaseStatus(
        state=first.state,
        group=first.group,
        label=label_of_member(first),
        need=first.need,
        signal_status=signal_status,
        episode=record.episode(first.strain.id) if first.strain else None,
        member=record.by_id.get(first.member),
        member_state=first,
        is_new=any(s.unopened for s in found.states),
        further=found.further,
        reader=visit.viewer.staff_id,
        states=found.states,
    )


def waiting_for_answers() -> CaseStatus:
    """What is said while an answer is awaited and what is there is kept back until the therapist's own guess."""
    return _plain(State.WAITING, Group.WAITING)


def _plain(state: State, group: Group) -> CaseStatus:
    return CaseStatus(state, group, LABELS[state], (0, False, False))


def _signal_status(record: CaseRecord, state: MemberState) -> SignalStatus | None:
    if state.finding is None:
        return None
    return next((s for s in record.signals if s.signal.id == state.finding.id), None)


def label_of_member(state: MemberState) -> StatusLabel:
    """What a member's state in one relation is called."""
    confirmed = state.strain.confirmed if state.strain else False
    session = state.finding.session if state.finding else None
    return label_of_state(state.state, confirmed=confirmed, session=session)


def label_of_episode(record: CaseRecord, episode: Episode) -> StatusLabel | None:
    """What an episode is called now; None once it is history."""
    member = record.by_id.get(episode.member_id) if episode.member_id else None
    if member is None:
        return None
    state = state_of_strain(facts_of(record), member_facts(record, member), strain_facts(record, episode))
    return label_of_member(state) if state is not None and state.state != State.PAST else None


def is_under_way(label: StatusLabel | None) -> bool:
    """Whether gold dots may show the way back."""
    return label == LABELS[State.REPAIR_UNDER_WAY]
