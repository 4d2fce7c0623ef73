"""How an episode stands, from its onset until it is history."""

from goldseam_web.alerts.models import EpisodeStatus, OnsetKind, SignalKind
from goldseam_web.alerts.states.answers import CLOSED, after_answer, is_overdue, talk_still_counts
from goldseam_web.alerts.states.facts import CaseFacts, FindingFacts, MemberFacts, Relation, StrainFacts
from goldseam_web.alerts.states.words import MemberState, State

# A repair stays in sight for so many sessions after it; a strain that settled lower, a little longer.
REPAIR_IN_SIGHT, SETTLED_AFTER = 3, 8
HALF_WAY = 0.5


def state_of_strain(facts: CaseFacts, member: MemberFacts, strain: StrainFacts) -> MemberState | None:
    """How one episode stands; None once it is history that everybody concerned has seen."""
    findings = [f for f in member.findings if f.strain == strain.id]
    newest = next(iter(findings), None)
    to_open = next((f for f in findings if f.unopened), None)
    state = _strain_now(facts, member, strain, newest)
    if state is None and to_open is not None and strain.status != EpisodeStatus.WITHDRAWN:
        state = State.PAST
    if state is None:
        return None
    latest = member.latest(strain.relation)
    return MemberState(member.id, strain.relation, state, newest, strain, latest, to_open)


def _strain_now(
    facts: CaseFacts, member: MemberFacts, strain: StrainFacts, finding: FindingFacts | None
) -> State | None:
    if strain.status in _ENDED_OTHERWISE:
        return None
    if strain.status == EpisodeStatus.REPAIRED:
        return _after_repair(facts, strain)
    if strain.status in (EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED):
        if strain.by_hand:  # over by the therapist's word: no rating is lower than before
            return None
        return _settled(facts, strain, finding)
    answered = after_answer(facts, member, finding, strain.relation)
    if answered is None:
        return _under_way(facts, member, strain, finding)
    return State.SEEN_TWO_WAYS if answered == State.SET_ASIDE and strain.client_said else answered


def _under_way(
    facts: CaseFacts, member: MemberFacts, strain: StrainFacts, finding: FindingFacts | None
) -> State:
    back = strain.status == EpisodeStatus.REPAIRED_UNCONFIRMED or way_back(member, strain) >= HALF_WAY
    if talk_still_counts(facts, member, finding, strain.relation) or (back and strain.confirmed):
        return State.REPAIR_UNDER_WAY
    return State.ON_THE_WAY_BACK if back else _plain(strain, finding)


_ENDED_OTHERWISE = (EpisodeStatus.WITHDRAWN, EpisodeStatus.HANDOVER, EpisodeStatus.MEASURE_CHANGED)


def _plain(strain: StrainFacts, finding: FindingFacts | None) -> State:
    if strain.relation == Relation.WITHIN:
        of_goal = finding is not None and finding.kind == SignalKind.GOALS_APART
        return State.GOALS_APART if of_goal else State.STRAIN_BETWEEN
    slow = strain.onset_kind == OnsetKind.EROSION and not strain.confirmed
    return State.EROSION if slow else State.STRAIN


def _after_repair(facts: CaseFacts, strain: StrainFacts) -> State | None:
    """Gold needs the client's own yes; a client who says it is not worked out comes before any rating."""
    if facts.sessions - (strain.repair or 0) > REPAIR_IN_SIGHT:
        return None
    if strain.contradicted:
        return State.CONTRADICTED
    if strain.mended:
        return State.REPAIRED
    if strain.by_hand:
        return State.MENDED_NOT_SAID
    return State.BACK_NOT_SAID if strain.confirmed and strain.doubt is None else State.BACK_IN_RANGE


def _settled(facts: CaseFacts, strain: StrainFacts, finding: FindingFacts | None) -> State | None:
    since = facts.sessions - (strain.onset or 0)
    if (finding is not None and finding.choice in CLOSED) or since > SETTLED_AFTER:
        return State.LOWER_NOW if since <= 2 * SETTLED_AFTER else None
    return State.NOT_TAKEN_UP if is_overdue(facts, finding) else _plain(strain, finding)


def way_back(member: MemberFacts, strain: StrainFacts) -> float:
    """The share of the fall that the latest rating has regained: 0 at the lowest, 1 at what was expected."""
    latest = member.latest(strain.relation)
    if latest is None or latest.value is None or strain.baseline is None or strain.nadir is None:
        return 0.0
    if strain.baseline <= strain.nadir:
        return 0.0
    return (latest.value - strain.nadir) / (strain.baseline - strain.nadir)
