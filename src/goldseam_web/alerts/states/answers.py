"""What a therapist's answer to a finding does to a state: it closes what was seen, never what comes later."""

from goldseam_web.alerts.models import PLANNED, AcknowledgeChoice
from goldseam_web.alerts.states.facts import CaseFacts, FindingFacts, MemberFacts, Relation
from goldseam_web.alerts.states.words import State

# Talking about it is given so many ratings to show; then what is still low is open again.
TALK_SHOWS_WITHIN = 2

# "I see it differently" and "it no longer fits" close what was seen; a later finding stands by itself.
CLOSED = (AcknowledgeChoice.DIFFERENT, AcknowledgeChoice.NO_LONGER)


def after_answer(
    facts: CaseFacts, member: MemberFacts, finding: FindingFacts | None, relation: Relation
) -> State | None:
    """The state an answer to the newest finding puts things into; None where the finding stands as it is."""
    if finding is None:
        return None
    if finding.choice in CLOSED:
        return State.SET_ASIDE
    if is_overdue(facts, finding):
        return State.NOT_TAKEN_UP
    if finding.choice == AcknowledgeChoice.WAIT and not _ratings_since(facts, member, finding, relation):
        return State.WAITS_FOR_RATING
    return None


def is_overdue(facts: CaseFacts, finding: FindingFacts | None) -> bool:
    """A plan belongs to one session: once that is over, it is open until somebody says what became of it."""
    return finding is not None and finding.choice in PLANNED and facts.sessions_since(finding.chosen_at) > 0


def _ratings_since(facts: CaseFacts, member: MemberFacts, finding: FindingFacts, relation: Relation) -> int:
    """How many ratings there are of sessions that ended after the therapist's answer."""
    first = facts.sessions - facts.sessions_since(finding.chosen_at) + 1
    return sum(rating.session >= first for rating in member.given(relation))


def talk_still_counts(
    facts: CaseFacts, member: MemberFacts, finding: FindingFacts | None, relation: Relation
) -> bool:
    """Whether the ratings after a talk can still show that it helped."""
    if finding is None or finding.choice != AcknowledgeChoice.TALKED:
        return False
    return _ratings_since(facts, member, finding, relation) < TALK_SHOWS_WITHIN
