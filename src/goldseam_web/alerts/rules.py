"""Which series are watched, by which criterion, and what a finding is called. Everything else is evidence only."""

from dataclasses import dataclass

from goldseam_web.alerts.models import OnsetKind, SignalKind
from goldseam_web.measures.own_measures import SELF_THERAPIST, TENSION_ITEM, WITHIN, WITHIN_GOAL


@dataclass(frozen=True)
class AlertRule:
    """One version of a criterion on one scale. Rules that open episodes follow the strain to its repair."""

    scale: str
    criterion: str
    version: int
    kind: SignalKind
    opens_episodes: bool = False

    def kind_of(self, onset_kind: str, *, of_goal: bool = False) -> SignalKind:
        """A gradual fall with the therapist is told apart from a sudden one; between members it stays theirs.

        ``of_goal``: between members, whether what they come for carries the fall and nothing else does.
        """
        if self.kind == SignalKind.STRAIN_BETWEEN and of_goal:
            return SignalKind.GOALS_APART
        if self.kind == SignalKind.STRAIN and onset_kind == OnsetKind.EROSION:
            return SignalKind.EROSION
        return self.kind

    def kinds_like(self, kind: SignalKind) -> tuple[SignalKind, ...]:
        """What one fall may have been called: a name given once stays, whatever is answered anew."""
        return (kind, *BETWEEN_MEMBERS) if kind in BETWEEN_MEMBERS else (kind,)


# One fall between members has one of these names, never both.
BETWEEN_MEMBERS = (SignalKind.STRAIN_BETWEEN, SignalKind.GOALS_APART)
WITH_THERAPIST = AlertRule(SELF_THERAPIST, "predictive", 2, SignalKind.STRAIN, opens_episodes=True)
RULES = (
    WITH_THERAPIST,
    AlertRule(SELF_THERAPIST, "low-level", 1, SignalKind.LOW),
    AlertRule(WITHIN, "predictive", 2, SignalKind.STRAIN_BETWEEN, opens_episodes=True),
    AlertRule(WITHIN_GOAL, "low-level", 1, SignalKind.GOALS_APART),
    AlertRule(TENSION_ITEM, "direct-question", 1, SignalKind.ASKED),
)


def rules_for(scale: str) -> tuple[AlertRule, ...]:
    return tuple(rule for rule in RULES if rule.scale == scale)
