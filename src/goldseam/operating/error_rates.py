"""Error rates as frozen records that travel as JSON, each figure with its Monte-Carlo error."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, Literal, Self

from goldseam.operating.rates_display import RatesDisplay

EventGrade = Literal["any", "marked"]
"""``any``: every event the criterion reports (probable or stronger); ``marked``: the strongest only."""

Timing = Literal["early", "middle", "late"]
"""Third of the sessions a true event may begin at."""

EventCourse = Literal["dip", "level_shift", "erosion"]
"""Shape of a true event: over after a session or two, at once and lasting, slow and lasting."""

TrueCause = Literal["nothing", "repaired", "never repaired"]
"""What stands behind an event: nothing, a dip repaired within the course, a fall that lasts to its end."""

RATES_FORMAT = "goldseam-error-rates-1"
FEWEST_FALSE_ALARMS = 10


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
        Depth in within-person SDs.
    duration : int
        Sessions at full depth.
    rate : Rate
        A dip is found when an event begins within it.
    """

    depth_sd: float
    duration: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class TimedSensitivity:
    """Sensitivity to the dips that begin early, in the middle or late in the course.

    Parameters
    ----------
    depth_sd, duration
        As for `Sensitivity`.
    timing : Timing
        Third of the sessions a dip may begin at.
    first_session, last_session : int
        The sessions of that third.
    rate : Rate
        A dip is found when an event begins within it.
    """

    depth_sd: float
    duration: int
    timing: Timing
    first_session: int
    last_session: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile of whole numbers with its Monte-Carlo error.

    Parameters
    ----------
    value : int
        The quantile.
    low, high : int
        95% interval from order statistics: it would hold the quantile in 95 of 100 simulations as large.
    """

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Sessions from the true onset to the first event within the true episode; 0 is found at once.

    Parameters
    ----------
    course : Course
        Shape of the true episode.
    depth_sd : float
        Depth in within-person SDs.
    duration : int or None
        Sessions at full depth; None for a lasting one.
    median, ninetieth : Quantile or None
        Median and 90th percentile over the episodes found; None where none was.
    never_found : Rate
        Share of the evaluable episodes within which no event begins.
    """

    course: EventCourse
    depth_sd: float
    duration: int | None
    median: Quantile | None
    ninetieth: Quantile | None
    never_found: Rate


@dataclass(frozen=True, slots=True)
class RepairRates:
    """What becomes of the events that stand for nothing, for a repaired dip, or for a lasting fall.

    Parameters
    ----------
    truth : Behind
        What stands behind the events.
    depth_sd : float or None
        Depth in within-person SDs; None where there is nothing.
    called_repaired : Rate
        Share of the events whose status is repaired, confirmed or not.
    undecided : Rate
        Share of the events still open, or with too few ratings after them.
    session_right : Rate or None
        Of repaired dips called repaired, those whose repair was seen within a session of the true one; None where
        there is no such dip.
    """

    truth: TrueCause
    depth_sd: float | None
    called_repaired: Rate
    undecided: Rate
    session_right: Rate | None


@dataclass(frozen=True, slots=True)
class AlertLoad:
    """Events a therapist meets in a week, clients being seen weekly and anywhere in their course.

    Parameters
    ----------
    caseload : int
        Clients.
    prevalence : float
        Assumed share of cases with one true dip, 0 to 1.
    depth_sd : float or None
        Its depth in within-person SDs, durations mixed equally; None at prevalence 0.
    per_week, standard_error : float
        All events, and their Monte-Carlo standard error.
    false_per_week, false_standard_error : float
        Those of them that begin outside a true dip.
    """

    caseload: int
    prevalence: float
    depth_sd: float | None
    per_week: float
    standard_error: float
    false_per_week: float
    false_standard_error: float


@dataclass(frozen=True, slots=True)
class PredictiveValue:
    """How much an event, or a course without one, says, were so many cases to have a true dip.

    Positive: share of the events that begin within a true dip. Negative: share of the cases without any event
    that have no true dip.

    Parameters
    ----------
    prevalence : float
        Assumed share of cases with one true dip, 0 to 1.
    depth_sd : float
        Its depth in within-person SDs; durations are mixed equally.
    value, standard_error : float
        Positive or negative predictive value, 0 to 1, and its Monte-Carlo standard error.
    """

    prevalence: float
    depth_sd: float
    value: float
    standard_error: float


class _AlarmRates:
    """The two figures that are said of an alarm in words."""

    __slots__ = ()
    false_alarms: Rate
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
class BandRates(_AlarmRates):
    """The error rates of the events that began with a rating about as improbable as another.

    Events that no single rating began, slow declines, are in no band.

    Parameters
    ----------
    above, up_to : float
        The band of p, 0 to 1: above the first and not above the second.
    false_alarms : Rate
        Events with p not above `up_to`, those of lower bands among them, per evaluable session where nothing is wrong:
        how often chance alone takes a rating so far down.
    predictive_values : tuple of PredictiveValue
        Of the events of the band alone, positive, by assumed prevalence and depth; empty if there was none.
    """

    above: float
    up_to: float
    false_alarms: Rate
    predictive_values: tuple[PredictiveValue, ...]

    @property
    def says_enough(self) -> bool:
        """Whether something real was ever in the band, and chance came so far down ten times or more."""
        return bool(self.predictive_values) and self.false_alarms.count >= FEWEST_FALSE_ALARMS


@dataclass(frozen=True, slots=True)
class GradeRates(_AlarmRates):
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
        Positive, by assumed prevalence and depth; empty if there was no event at all.
    negative_predictive_values : tuple of PredictiveValue
        Negative, by assumed prevalence and depth.
    timing : tuple of TimedSensitivity
        Sensitivity by depth, duration and when the dip begins.
    delays : tuple of Delay
        For dips, lasting shifts and erosions.
    repairs : tuple of RepairRates
        Empty if the criterion says nothing of repair; without a row where there was no event.
    alerts : tuple of AlertLoad
        By assumed prevalence and depth.

    Notes
    -----
    Stored tables may be without the last five: they are empty then.
    """

    false_alarms: Rate
    false_alarm_cases: tuple[CaseFalseAlarms, ...]
    sensitivity: tuple[Sensitivity, ...]
    predictive_values: tuple[PredictiveValue, ...]
    negative_predictive_values: tuple[PredictiveValue, ...] = ()
    timing: tuple[TimedSensitivity, ...] = ()
    delays: tuple[Delay, ...] = ()
    repairs: tuple[RepairRates, ...] = ()
    alerts: tuple[AlertLoad, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class ErrorRates(RatesDisplay):
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
    grades : mapping of EventGrade to GradeRates
        ``any`` and ``marked``.
    bands : tuple of BandRates
        By the p of the rating that began the event, the lowest first; empty if the criterion gives none.
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
    grades: Mapping[EventGrade, GradeRates]
    bands: tuple[BandRates, ...] = ()

    def band_of(self, p: float) -> BandRates | None:
        """The band that a p lies in; None if there is none, or too few events were simulated to say much of it."""
        return next((b for b in self.bands if b.above < p <= b.up_to and b.says_enough), None)

    def rates_like(self, *, p: float | None, grade: EventGrade) -> BandRates | GradeRates:
        """Return the rates of events about as improbable as one; of its grade, where its p is not known."""
        band = self.band_of(p) if p is not None else None
        return self.grades[grade] if band is None else band

    def content(self) -> dict[str, Any]:
        """Return the rates as plain JSON content."""
        content: dict[str, Any] = json.loads(json.dumps({"format": RATES_FORMAT, **asdict(self)}))
        return content

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Build the rates from what `content` returned."""
        fields = {key: value for key, value in content.items() if key not in ("format", "grades", "bands")}
        grades = {grade: _grade_rates(rates) for grade, rates in content["grades"].items()}
        bands = tuple(_band_rates(band) for band in content.get("bands", ()))
        return cls(**fields, grades=grades, bands=bands)


def _band_rates(content: Mapping[str, Any]) -> BandRates:
    return BandRates(
        above=content["above"],
        up_to=content["up_to"],
        false_alarms=Rate(**content["false_alarms"]),
        predictive_values=tuple(PredictiveValue(**row) for row in content["predictive_values"]),
    )


def _grade_rates(content: Mapping[str, Any]) -> GradeRates:
    return GradeRates(
        false_alarms=Rate(**content["false_alarms"]),
        **{name: tuple(_record(kind, row) for row in content.get(name, ())) for name, kind in _ROWS.items()},
    )


_ROWS: Mapping[str, type[Any]] = {
    "false_alarm_cases": CaseFalseAlarms,
    "sensitivity": Sensitivity,
    "predictive_values": PredictiveValue,
    "negative_predictive_values": PredictiveValue,
    "timing": TimedSensitivity,
    "delays": Delay,
    "repairs": RepairRates,
    "alerts": AlertLoad,
}


def _record(kind: type[Any], row: Mapping[str, Any]) -> Any:
    """The record of one row, rates and quantiles inside it included."""
    return kind(**{name: _value(value) for name, value in row.items()})


def _value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return Quantile(**value) if "low" in value else Rate(**value)
