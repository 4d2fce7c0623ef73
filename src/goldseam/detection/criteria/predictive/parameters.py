"""What the versions of the predictive criterion share: what they are, their parameters, and the order of thresholds."""

from dataclasses import dataclass
from typing import ClassVar

from goldseam.detection.engine.criterion import Criterion, parameter


@dataclass(frozen=True)
class Thresholds:
    """Probabilities below which a rating is low, begins an episode, and marks it.

    Attributes
    ----------
    watch, probable, marked : float
        Above 0, at most .5.
    """

    watch: float
    probable: float
    marked: float


@dataclass(frozen=True)
class GradeThresholds(Criterion):
    """Probabilities below which a rating is watched, opens an episode, and marks it."""

    id: ClassVar[str] = "predictive"
    title: ClassVar[str] = "a rating below what the person's own earlier ratings lead one to expect"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    graded: ClassVar[bool] = True
    ascending: ClassVar[tuple[str, ...]] = ("marked", "probable", "watch")

    watch: float = parameter(0.05, "p below which a rating is watched", least=1e-6, most=0.5)
    probable: float = parameter(0.025, "p below which an episode opens", least=1e-6, most=0.5)
    marked: float = parameter(0.01, "p below which an onset is marked", least=1e-6, most=0.5)


@dataclass(frozen=True)
class ErosionThreshold(GradeThresholds):
    """The probability below which a slow decline opens an episode, listed after those of sudden drops."""

    erosion: float = parameter(0.02, "p below which a slow decline opens an episode", least=0, most=0.5)


@dataclass(frozen=True)
class EpisodeLimits(Criterion):
    """What is needed to judge a rating, and when an episode is over; listed after the thresholds."""

    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=1, most=100)
    gate_share: float = parameter(0.05, "smallest drop that counts, as a share of the range", least=0, most=1)
    gate_errors: float = parameter(
        1.28, "smallest drop that counts, in errors of measurement", least=0, most=10
    )
    recovered: float = parameter(0.75, "share of the fall regained at a repair", least=0.5, most=1)
    window: int = parameter(
        6, "later ratings after which an episode is given up", kind=int, least=2, most=100
    )
    break_days: int = parameter(28, "days without a rating that make a break", kind=int, least=7, most=3650)
    ceiling_run: int = parameter(4, "highest ratings in a row that say nothing", kind=int, least=2, most=100)
    ended: bool = parameter(default=False, meaning="the courses are over: no episode stays open", kind=bool)


@dataclass(frozen=True)
class RecoveryByProbability(EpisodeLimits):
    """The same for episodes that are over once the level is back with a probability."""

    recovered: float = parameter(0.75, "probability of being back that makes a repair", least=0.5, most=0.999)


@dataclass(frozen=True)
class PredictiveParameters(RecoveryByProbability, ErosionThreshold):
    """The parameters of versions 2 and 3, and of the criteria built on them."""


@dataclass(frozen=True)
class SlowShare(GradeThresholds):
    """What share of the alarms is the slow channel's, listed after the thresholds."""

    slow_share: float = parameter(
        0.05, "share of the alarms kept for slow declines; 0 switches them off", least=0, most=0.9
    )

    @property
    def p_thresholds(self) -> Thresholds:
        """What is left for sudden drops of the thresholds on p."""
        left = 1 - self.slow_share
        return Thresholds(left * self.watch, left * self.probable, left * self.marked)

    @property
    def slow_rate(self) -> float:
        """Slow alarms per session that can be judged, where nothing is wrong."""
        return self.slow_share * self.probable


@dataclass(frozen=True)
class BudgetParameters(RecoveryByProbability, SlowShare):
    """The parameters of version 4: one rate of false alarms over both channels."""
