"""The threshold that gives a wanted rate of false alarms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot, log
from typing import Any

from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.error_rates import Rate
from goldseam.operating.roc import FACTORS, OperatingPoint, false_alarms_at, operating_point, threshold_values
from goldseam.operating.simulated_cases import SimulatedCases, draw_cases
from goldseam.operating.simulation_verdicts import CriterionSettings
from goldseam.progress import with_progress

BISECTIONS = 12
NUDGE = 2.0**0.25  # factor between two thresholds from which a slope is taken


@dataclass(frozen=True)
class ThresholdSearch:
    """The thresholds of a criterion at a wanted rate of false alarms.

    Parameters
    ----------
    criterion : str
        Its id.
    wanted : float
        Events per evaluable session where nothing is wrong.
    outcome : {"met", "not met", "not applied"}
        *Not met*: no threshold allowed gives the rate. *Not applied*: the criterion has no threshold to move.
    point : OperatingPoint or None
        At the threshold found, on the side with no more false alarms than wanted. The errors of `sensitivity` contain
        that of the threshold.
    factor_error : float or None
        Monte-Carlo standard error of the factor; None where the rate does not move near the threshold.
    next_rate : float or None
        The rate just beyond. Well above the one wanted where the scale has few distinct ratings, so that no threshold
        lies between.
    """

    criterion: str
    wanted: float
    outcome: str
    point: OperatingPoint | None = None
    factor_error: float | None = None
    next_rate: float | None = None

    @property
    def threshold_errors(self) -> dict[str, float]:
        """Monte-Carlo standard error of each threshold; empty where that of the factor is not known."""
        if self.point is None or self.factor_error is None:
            return {}
        share = self.factor_error / self.point.factor
        return {name: share * value for name, value in self.point.thresholds.items()}


def find_threshold(
    criterion: str = "predictive",
    *,
    wanted_rate: float,
    seed: int = 1,
    version: int | None = None,
    norms: Norms | None = None,
    model: str = "items",
    sessions: int = 12,
    cases: int = 20_000,
    depths: Sequence[float] = (2.0, 3.0),
    durations: Sequence[int] = (1, 2),
    evidence: bool = False,
    **parameters: Any,
) -> ThresholdSearch:
    """Find the thresholds of a criterion that give a wanted rate of false alarms.

    All thresholds of a criterion (`Criterion.thresholds`) are multiplied by one factor; for ``predictive`` these are
    its three thresholds of p.

    Parameters
    ----------
    criterion, version, norms, **parameters
        As for `goldseam.detect`.
    wanted_rate : float
        Events per evaluable session where nothing is wrong, above 0 and below 1.
    seed, model, sessions, cases, depths, durations, evidence
        As for `operating_characteristics`; the same seed means the same simulated cases.

    Returns
    -------
    ThresholdSearch

    Raises
    ------
    ParameterError
        If an argument is outside its range.

    Examples
    --------
    >>> import goldseam
    >>> search = goldseam.find_threshold("own-mean", wanted_rate=0.03, cases=500)
    >>> search.outcome, round(search.point.false_alarms.value, 2)
    ('met', 0.03)
    """
    settings = CriterionSettings(criterion, version, norms or Norms.default(), dict(parameters))
    samples = draw_cases(
        model,
        depths=depths,
        durations=durations,
        sessions=sessions,
        cases=cases,
        seed=seed,
        evidence=evidence,
    )
    return search_threshold(settings, samples, wanted_rate)


def search_threshold(settings: CriterionSettings, samples: SimulatedCases, wanted: float) -> ThresholdSearch:
    """Search on cases already drawn; see `find_threshold`."""
    if not 0 < wanted < 1:
        raise ParameterError("not a rate", where="wanted_rate", given=wanted, allowed="above 0 and below 1")
    if not threshold_values(settings):
        return ThresholdSearch(settings.criterion, wanted, "not applied")
    ends = _bracket(settings, samples, wanted)
    if ends is None:
        return ThresholdSearch(settings.criterion, wanted, "not met")
    strict, lenient = _bisected(settings, samples, wanted, ends)
    point, error = _with_threshold_error(settings, samples, operating_point(settings, samples, strict))
    beyond = false_alarms_at(settings, samples, lenient).value
    return ThresholdSearch(settings.criterion, wanted, "met", point, error, beyond)


def _bracket(
    settings: CriterionSettings, samples: SimulatedCases, wanted: float
) -> tuple[float, float] | None:
    """Two neighbouring factors, one with at most the wanted rate and one with more, from the strict end on."""
    steps = with_progress(FACTORS, "looking between thresholds")
    rates = [false_alarms_at(settings, samples, factor).value for factor in steps]
    points = list(zip(FACTORS, rates, strict=True))
    if rates[0] > rates[-1]:
        points.reverse()
    for (strict, low), (lenient, high) in pairwise(points):
        if low <= wanted < high:
            return strict, lenient
    return None


def _bisected(
    settings: CriterionSettings, samples: SimulatedCases, wanted: float, ends: tuple[float, float]
) -> tuple[float, float]:
    strict, lenient = ends
    for _ in with_progress(range(BISECTIONS), "narrowing down"):
        middle = (strict * lenient) ** 0.5
        if false_alarms_at(settings, samples, middle).value <= wanted:
            strict = middle
        else:
            lenient = middle
    return strict, lenient


def _with_threshold_error(
    settings: CriterionSettings, samples: SimulatedCases, point: OperatingPoint
) -> tuple[OperatingPoint, float | None]:
    """The point with the error of its threshold in its sensitivities, and that error.

    Both by the delta method: how the rate and the sensitivities change from just below the threshold to just above.
    """
    below, above = (operating_point(settings, samples, point.factor * by) for by in (1 / NUDGE, NUDGE))
    change = above.false_alarms.value - below.false_alarms.value
    if change == 0:
        return point, None
    noise = point.false_alarms.standard_error
    rows = zip(point.sensitivity, below.sensitivity, above.sensitivity, strict=True)
    sensitivity = tuple(
        replace(row, rate=_with_error(row.rate, noise * (high.rate.value - low.rate.value) / change))
        for row, low, high in rows
    )
    slope = abs(change) / (2 * log(NUDGE))
    return replace(point, sensitivity=sensitivity), point.factor * noise / slope


def _with_error(rate: Rate, further: float) -> Rate:
    return replace(rate, standard_error=hypot(rate.standard_error, further))
