"""The threshold that gives a wanted rate of false alarms, and what a criterion finds as its threshold moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot, log
from typing import Any

from goldseam.detection import find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.counting import false_alarms, found
from goldseam.operating.observe import Rule, observe
from goldseam.operating.rates import Rate, Sensitivity
from goldseam.operating.samples import Samples, draw_samples

FACTORS = tuple(2.0**step for step in range(-5, 6))
"""Factors on the thresholds: the points of a curve, and where a search begins."""

BISECTIONS = 12
NUDGE = 2.0**0.25


@dataclass(frozen=True)
class OperatingPoint:
    """What a criterion does with its thresholds multiplied by one factor.

    Parameters
    ----------
    factor : float
        On every threshold of the criterion.
    thresholds : dict of str to float
        The parameters that gives, within the range each allows.
    false_alarms : Rate
        Events per evaluable session where nothing is wrong.
    sensitivity : tuple of Sensitivity
        By depth and duration.
    """

    factor: float
    thresholds: dict[str, float]
    false_alarms: Rate
    sensitivity: tuple[Sensitivity, ...]


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
    *,
    criterion: str,
    wanted_rate: float,
    seed: int,
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
    >>> search = goldseam.find_threshold(criterion="own-mean", wanted_rate=0.03, seed=1, cases=500)
    >>> search.outcome, round(search.point.false_alarms.value, 2)
    ('met', 0.03)
    """
    rule = Rule(criterion, version, norms or Norms.default(), dict(parameters))
    samples = draw_samples(
        model,
        depths=depths,
        durations=durations,
        sessions=sessions,
        cases=cases,
        seed=seed,
        evidence=evidence,
    )
    return search_threshold(rule, samples, wanted_rate)


def operating_curve(
    *,
    criterion: str,
    seed: int,
    version: int | None = None,
    norms: Norms | None = None,
    model: str = "items",
    sessions: int = 12,
    cases: int = 20_000,
    depths: Sequence[float] = (2.0, 3.0),
    durations: Sequence[int] = (1, 2),
    factors: Sequence[float] = FACTORS,
    evidence: bool = False,
    **parameters: Any,
) -> tuple[OperatingPoint, ...]:
    """Trace sensitivity against false alarms as the thresholds of a criterion move (receiver operating characteristic).

    Parameters
    ----------
    criterion, version, norms, **parameters
        As for `goldseam.detect`.
    seed, model, sessions, cases, depths, durations, evidence
        As for `operating_characteristics`; the same seed means the same simulated cases.
    factors : sequence of float
        On all thresholds of the criterion, above 0.

    Returns
    -------
    tuple of OperatingPoint
        One for each factor that gives other thresholds than those before; empty if the criterion has none.

    Raises
    ------
    ParameterError
        If an argument is outside its range.
    """
    for factor in factors:
        if not 0 < factor < float("inf"):
            raise ParameterError("not a factor", where="factors", given=factor, allowed="numbers above 0")
    rule = Rule(criterion, version, norms or Norms.default(), dict(parameters))
    samples = draw_samples(
        model,
        depths=depths,
        durations=durations,
        sessions=sessions,
        cases=cases,
        seed=seed,
        evidence=evidence,
    )
    return curve(rule, samples, factors)


def thresholds_of(rule: Rule) -> dict[str, float]:
    """The thresholds a rule has, by name: those of its criterion that are numbers."""
    chosen = find_criterion(rule.criterion, rule.version, **rule.parameters)
    values = {name: getattr(chosen, name, None) for name in chosen.thresholds}
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def scaled(rule: Rule, factor: float) -> Rule:
    """The rule with every threshold multiplied by a factor, within the range each allows."""
    limits = find_criterion(rule.criterion, rule.version).parameters()
    moved = {
        name: min(max(value * factor, limits[name].least), limits[name].most)
        for name, value in thresholds_of(rule).items()
    }
    return replace(rule, parameters=rule.parameters | moved)


def curve(rule: Rule, samples: Samples, factors: Sequence[float] = FACTORS) -> tuple[OperatingPoint, ...]:
    """What a rule does at each factor, on cases already drawn; see `operating_curve`."""
    if not thresholds_of(rule):
        return ()
    moved = [tuple(thresholds_of(scaled(rule, factor)).items()) for factor in factors]
    # beyond the end of their ranges thresholds stay where they are, and would give the same point again
    different = [factor for place, factor in enumerate(factors) if moved[place] not in moved[:place]]
    return tuple(operating_point(rule, samples, factor) for factor in different)


def operating_point(rule: Rule, samples: Samples, factor: float) -> OperatingPoint:
    """What a rule does at one factor."""
    moved = scaled(rule, factor)
    return OperatingPoint(
        factor=factor,
        thresholds=thresholds_of(moved),
        false_alarms=_rate(rule, samples, factor),
        sensitivity=tuple(
            Sensitivity(
                kind.depth_sd, kind.duration or 0, found(observe(moved, cases, samples.sessions), "any")
            )
            for kind, cases in samples.events.items()
            if kind.course == "dip"
        ),
    )


def search_threshold(rule: Rule, samples: Samples, wanted: float) -> ThresholdSearch:
    """Search on cases already drawn; see `find_threshold`."""
    if not 0 < wanted < 1:
        raise ParameterError("not a rate", where="wanted_rate", given=wanted, allowed="above 0 and below 1")
    if not thresholds_of(rule):
        return ThresholdSearch(rule.criterion, wanted, "not applied")
    ends = _bracket(rule, samples, wanted)
    if ends is None:
        return ThresholdSearch(rule.criterion, wanted, "not met")
    strict, lenient = _bisected(rule, samples, wanted, ends)
    point, error = _with_threshold_error(rule, samples, operating_point(rule, samples, strict))
    beyond = _rate(rule, samples, lenient).value
    return ThresholdSearch(rule.criterion, wanted, "met", point, error, beyond)


def _bracket(rule: Rule, samples: Samples, wanted: float) -> tuple[float, float] | None:
    """Two neighbouring factors, one with at most the wanted rate and one with more, from the strict end on."""
    rates = [_rate(rule, samples, factor).value for factor in FACTORS]
    points = list(zip(FACTORS, rates, strict=True))
    if rates[0] > rates[-1]:
        points.reverse()
    for (strict, low), (lenient, high) in pairwise(points):
        if low <= wanted < high:
            return strict, lenient
    return None


def _bisected(rule: Rule, samples: Samples, wanted: float, ends: tuple[float, float]) -> tuple[float, float]:
    strict, lenient = ends
    for _ in range(BISECTIONS):
        middle = (strict * lenient) ** 0.5
        if _rate(rule, samples, middle).value <= wanted:
            strict = middle
        else:
            lenient = middle
    return strict, lenient


def _with_threshold_error(
    rule: Rule, samples: Samples, point: OperatingPoint
) -> tuple[OperatingPoint, float | None]:
    """The point with the error of its threshold in its sensitivities, and that error.

    Both by the delta method: how the rate and the sensitivities change from just below the threshold to just above.
    """
    below, above = (operating_point(rule, samples, point.factor * by) for by in (1 / NUDGE, NUDGE))
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


def _rate(rule: Rule, samples: Samples, factor: float) -> Rate:
    return false_alarms(observe(scaled(rule, factor), samples.quiet, samples.sessions), "any")
