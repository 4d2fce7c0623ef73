"""How a case stands: of each member and relation first, then of the case.

The most urgent state comes first, and nothing unopened stands behind something newer, calmer or acknowledged. What
each state means, when it begins and when it ends: docs/develop/states.md.
"""

from goldseam_web.alerts.states.case_states import case_state
from goldseam_web.alerts.states.facts import (
    Asked,
    CaseFacts,
    FindingFacts,
    MemberFacts,
    RatingFacts,
    Relation,
    StrainFacts,
)
from goldseam_web.alerts.states.rating_states import EARLY_FALL, EARLY_FALL_ONCE_IN
from goldseam_web.alerts.states.strain_states import state_of_strain, way_back
from goldseam_web.alerts.states.words import CaseState, Group, MemberState, State

__all__ = [
    "EARLY_FALL",
    "EARLY_FALL_ONCE_IN",
    "Asked",
    "CaseFacts",
    "CaseState",
    "FindingFacts",
    "Group",
    "MemberFacts",
    "MemberState",
    "RatingFacts",
    "Relation",
    "State",
    "StrainFacts",
    "case_state",
    "state_of_strain",
    "way_back",
]
