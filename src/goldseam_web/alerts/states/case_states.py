"""One pure function: what is known of a case and an instant in, its states and their next change out."""

from collections.abc import Callable, Sequence
from datetime import datetime

from goldseam_web.alerts.models import AcknowledgeChoice, SignalKind
from goldseam_web.alerts.states.answers import CLOSED, after_answer
from goldseam_web.alerts.states.facts import CaseFacts, FindingFacts, MemberFacts, Relation
from goldseam_web.alerts.states.rating_states import of_ratings, of_silence
from goldseam_web.alerts.states.strain_states import state_of_strain
from goldseam_web.alerts.states.words import CaseState, MemberState, State


def case_state(facts: CaseFacts, at: datetime) -> CaseState:
    """Work out how a case stands at an instant."""
    found = [state for member in facts.members for state in _member_states(facts, member, at)]
    return CaseState(tuple(sorted(found, key=lambda state: state.need)), _changes_at(facts, at))


def _changes_at(facts: CaseFacts, at: datetime) -> datetime | None:
    """When the next window closes, or the next session will be over."""
    closing = [
        rating.closes_at
        for member in facts.members
        for ratings in (*member.ratings.values(), member.of_anyone)
        for rating in ratings
        if rating.is_open(at)
    ]
    moments = [m for m in (*closing, *facts.planned_to_end) if m is not None and m > at]
    return min(moments, default=None)


def _member_states(facts: CaseFacts, member: MemberFacts, at: datetime) -> list[MemberState]:
    found = [s for strain in member.strains if (s := state_of_strain(facts, member, strain)) is not None]
    found += [s for each in _by_kind(member) if (s := _of_findings(facts, member, each)) is not None]
    if member.has_left:  # what nobody has opened yet is not hidden; anything else about them is history
        return [state for state in found if state.unopened]
    if member.is_asked:
        found += of_silence(member, at)
        if not any(s.relation == Relation.THERAPIST for s in found):
            found += of_ratings(member, at)
    return found


# ---------- findings without an episode ----------


def _by_kind(member: MemberFacts) -> list[list[FindingFacts]]:
    """The findings of each kind that opens no episode, newest first: the newest decides how things stand."""
    return [found for kind in _BY_KIND if (found := [f for f in member.findings if _is_of(f, kind)])]


def _is_of(finding: FindingFacts, kind: SignalKind) -> bool:
    """One that opened an episode is told with it."""
    return finding.kind == kind and finding.strain is None


def _of_findings(
    facts: CaseFacts, member: MemberFacts, findings: Sequence[FindingFacts]
) -> MemberState | None:
    newest = findings[0]
    state = _BY_KIND[newest.kind](facts, member, newest)
    to_open = next((f for f in findings if f.unopened), None)
    if state is None and to_open is not None:
        state = State.PAST
    if state is None:
        return None
    latest = member.latest(newest.relation)
    return MemberState(member.id, newest.relation, state, newest, None, latest, to_open)


def _asked(facts: CaseFacts, member: MemberFacts, finding: FindingFacts) -> State | None:
    """What a client said stays open until it is answered; ratings, good or bad, do not answer it."""
    if finding.choice in (*CLOSED, AcknowledgeChoice.TALKED):
        return None
    return after_answer(facts, member, finding, finding.relation) or State.ASKED


def _low(facts: CaseFacts, member: MemberFacts, finding: FindingFacts) -> State | None:
    """Low while the latest rating is; once looked at, it is still low, and neither steady nor waiting."""
    latest = member.latest(finding.relation)
    if latest is None or latest.value is None or finding.cut_off is None or latest.value >= finding.cut_off:
        return None
    if finding.choice in (*CLOSED, AcknowledgeChoice.TALKED):
        return State.STILL_LOW
    return after_answer(facts, member, finding, finding.relation) or State.LOW


def _goals(facts: CaseFacts, member: MemberFacts, finding: FindingFacts) -> State | None:
    """The same of the one answer to what they come for."""
    low = _low(facts, member, finding)
    return State.GOALS_APART if low == State.LOW else low


_BY_KIND: dict[SignalKind, Callable[[CaseFacts, MemberFacts, FindingFacts], State | None]] = {
    SignalKind.WORD_ALONE: _asked,
    SignalKind.FELT_OFF: _asked,
    SignalKind.ASKED: _asked,
    SignalKind.LOW: _low,
    SignalKind.GOALS_APART: _goals,
}
