"""Error rates as frozen records that travel as JSON, each figure with its Monte-Carlo error."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, Literal, Self

Grade = Literal["any", "marked"]
"""``any``: every event the criterion reports (probable or stronger); ``marked``: the strongest only."""

FORMAT = "goldseam-error-rates-1"


@dataclass(frozen=True, slots=True)
class Rate:
    """A simulated proportion.

    Parameters
    ----------
    value : float
        `count` / `of`, 0 to 1.
    standard_error : float
        Monte-Carlo standard error, with the case as the sampling unit.
    count, of : int
        Numerator and denominator.
    """

    value: float
    standard_error: float
    count: int
    of: int

    def agrees_with(self, other: "Rate", *, standard_errors: float = 4.0) -> bool:
        """Say whether two simulations differ by no more than Monte-Carlo error explains."""
        allowed = standard_errors * sqrt(self.standard_error**2 + other.standard_error**2)
        return abs(self.value - other.value) <= allowed


@dataclass(frozen=True, slots=True)
class CaseFalseAlarms:
    """Share of event-free cases with at least one event within so many sessions."""

    sessions: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Share of true dips found, of those with at least one evaluable session.

    Parameters
    ----------
    depth_sd : float
        Depth in the person's own SD.
    duration : int
        Sessions at full depth.
    rate : Rate
        A dip is found when an event begins within it.
    """

    depth_sd: float
    duration: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class PredictiveValue:
    """Share of the events that begin within a true dip, were so many cases to have one.

    Parameters
    ----------
    prevalence : float
        Assumed share of cases with one true dip, 0 to 1.
    depth_sd : float
        Its depth in own SD; durations are mixed equally.
    value, standard_error : float
        Positive predictive value, 0 to 1, and its Monte-Carlo standard error.
    """

    prevalence: float
    depth_sd: float
    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class GradeRates:
    """The error rates of the events of one grade.

    Parameters
    ----------
    false_alarms : Rate
        Events per evaluable session where nothing is wrong.
    false_alarm_cases : tuple of CaseFalseAlarms
        By number of sessions.
    sensitivity : tuple of Sensitivity
        By depth and duration.
    predictive_values : tuple of PredictiveValue
        By assumed prevalence and depth.
    """

    false_alarms: Rate
    false_alarm_cases: tuple[CaseFalseAlarms, ...]
    sensitivity: tuple[Sensitivity, ...]
    predictive_values: tuple[PredictiveValue, ...]

    @property
    def sessions_per_false_alarm(self) -> float:
        """N of "once in N sessions this happens with nothing wrong"; infinite if it never did."""
        return 1 / self.false_alarms.value if self.false_alarms.value > 0 else float("inf")

    @property
    def real_in_ten(self) -> tuple[int, int]:
        """Lowest and highest number of real ones among ten events, over the assumptions, rounded."""
        values = [predictive.value for predictive in self.predictive_values]
        return round(10 * min(values)), round(10 * max(values))


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often a criterion is wrong under stated settings.

    Parameters
    ----------
    criterion, criterion_version : str, int
        Which rule.
    norms_name, norms_version, norms_hash : str
        Which norms; the hash is `Norms.content_hash`.
    parameters : mapping
        Parameters of the criterion that were not left at their defaults.
    model : str
        Kind of simulated data.
    sessions : int
        Attended sessions per case, for every figure but those by number of sessions.
    cases : int
        Simulated cases behind each figure.
    seed : int
        Of the simulation.
    computed_on : str
        Date, ISO 8601.
    grades : mapping of Grade to GradeRates
        ``any`` and ``marked``.
    """

    criterion: str
    criterion_version: int
    norms_name: str
    norms_version: str
    norms_hash: str
    parameters: Mapping[str, Any]
    model: str
    sessions: int
    cases: int
    seed: int
    computed_on: str
    grades: Mapping[Grade, GradeRates]

    def content(self) -> dict[str, Any]:
        """Return the rates as plain JSON content."""
        content: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        return content

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Build the rates from what `content` returned."""
        fields = {key: value for key, value in content.items() if key not in ("format", "grades")}
        grades = {grade: _grade_rates(rates) for grade, rates in content["grades"].items()}
        return cls(**fields, grades=grades)


def _grade_rates(content: Mapping[str, Any]) -> GradeRates:
    return GradeRates(
        false_alarms=Rate(**content["false_alarms"]),
        false_alarm_cases=tuple(
            CaseFalseAlarms(row["sessions"], Rate(**row["rate"])) for row in content["false_alarm_cases"]
        ),
        sensitivity=tuple(
            Sensitivity(row["depth_sd"], row["duration"], Rate(**row["rate"]))
            for row in content["sensitivity"]
        ),
        predictive_values=tuple(PredictiveValue(**row) for row in content["predictive_values"]),
    )
