"""Which series are watched, by which criterion, and what a finding is called. Everything else is evidence only."""

from dataclasses import dataclass

from goldseam_web.alerts.models import OnsetKind, SignalKind
from goldseam_web.measures.own_measures import SELF_THERAPIST, TENSION_ITEM, WITHIN


@dataclass(frozen=True)
class AlertRule:
    """One version of a criterion on one scale. Rules that open episodes follow the strain to its repair."""

    scale: str
    criterion: str
    version: int
    kind: SignalKind
    opens_episodes: bool = False

    def kind_of(self, onset_kind: str) -> SignalKind:
        """A gradual fall with the therapist is told apart from a sudden one; between members it stays theirs."""
        if self.kind == SignalKind.STRAIN and onset_kind == OnsetKind.EROSION:
            return SignalKind.EROSION
        return self.kind


WITH_THERAPIST = AlertRule(SELF_THERAPIST, "predictive", 2, SignalKind.STRAIN, opens_episodes=True)
RULES = (
    WITH_THERAPIST,
    AlertRule(SELF_THERAPIST, "low-level", 1, SignalKind.LOW),
    AlertRule(WITHIN, "predictive", 2, SignalKind.STRAIN_BETWEEN, opens_episodes=True),
    AlertRule(TENSION_ITEM, "direct-question", 1, SignalKind.ASKED),
)


def rules_for(scale: str) -> tuple[AlertRule, ...]:
    return tuple(rule for rule in RULES if rule.scale == scale)
