"""What the states of a case, of a member and of an episode are called."""

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import CaseStatus, case_status
from goldseam_web.alerts.case_standing.standing import Standing
from goldseam_web.alerts.case_standing.state_facts import facts_of, member_facts, strain_facts
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.states import MemberState, State, state_of_strain
from goldseam_web.dashboard.language.status_labels import LABELS, StatusLabel, label_of_state
from goldseam_web.dashboard.staff_visit import StaffVisit


def status_of(record: CaseRecord, visit: StaffVisit, *, waiting: bool) -> CaseStatus:
    """The most pressing thing to say of a case to whoever looks. ``waiting``: a link is open and not answered."""
    return case_status(
        record, reader=visit.viewer.staff_id, judging=visit.judging, at=visit.at, waiting=waiting
    )


def label_of_status(status: CaseStatus) -> StatusLabel:
    return label_of_member(status.member_state) if status.member_state else LABELS[status.state]


def label_of_standing(standing: Standing) -> StatusLabel:
    """What the state of a case in a list is called."""
    return label_of_state(standing.state, confirmed=standing.confirmed, session=standing.session)


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
    record = record.of_series(episode.series)
    state = state_of_strain(facts_of(record), member_facts(record, member), strain_facts(record, episode))
    return label_of_member(state) if state is not None and state.state != State.PAST else None


def is_under_way(label: StatusLabel | None) -> bool:
    """Whether gold dots may show the way back."""
    return label == LABELS[State.REPAIR_UNDER_WAY]
