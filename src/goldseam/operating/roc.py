"""The receiver operating characteristic: what a criterion finds, and how often it is wrong, as its thresholds move."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldseam.detection import find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.error_rates import Rate, Sensitivity
from goldseam.operating.rate_estimators import false_alarm_rate, sensitivity_rate
from goldseam.operating.simulated_cases import SimulatedCases, draw_cases
from goldseam.operating.simulation_verdicts import CriterionSettings, judge_simulation
from goldseam.progress import with_progress

FACTORS = tuple(2.0**step for step in range(-5, 6))
"""Factors on the thresholds: the points of a curve, and where a search begins."""


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


def operating_curve(
    criterion: str = "predictive",
    *,
    seed: int = 1,
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
    return roc_points(settings, samples, factors)


def threshold_values(settings: CriterionSettings) -> dict[str, float]:
    """The thresholds of a criterion under these settings, by name: those that are numbers."""
    chosen = find_criterion(settings.criterion, settings.version, **settings.parameters)
    values = {name: getattr(chosen, name, None) for name in chosen.thresholds}
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def with_scaled_thresholds(settings: CriterionSettings, factor: float) -> CriterionSettings:
    """The settings with every threshold multiplied by a factor, within the range each allows."""
    limits = find_criterion(settings.criterion, settings.version).parameters()
    moved = {
        name: min(max(value * factor, limits[name].least), limits[name].most)
        for name, value in threshold_values(settings).items()
    }
    return replace(settings, parameters=settings.parameters | moved)


def roc_points(
    settings: CriterionSettings, samples: SimulatedCases, factors: Sequence[float] = FACTORS
) -> tuple[OperatingPoint, ...]:
    """One point of the curve for each factor, on cases already drawn; see `operating_curve`."""
    if not threshold_values(settings):
        return ()
    moved = [tuple(threshold_values(with_scaled_thresholds(settings, factor)).items()) for factor in factors]
    # beyond the end of their ranges thresholds stay where they are, and would give the same point again
    different = [factor for place, factor in enumerate(factors) if moved[place] not in moved[:place]]
    return tuple(
        operating_point(settings, samples, factor) for factor in with_progress(different, "moving thresholds")
    )


def operating_point(settings: CriterionSettings, samples: SimulatedCases, factor: float) -> OperatingPoint:
    """The point of the curve at one factor."""
    moved = with_scaled_thresholds(settings, factor)
    return OperatingPoint(
        factor=factor,
        thresholds=threshold_values(moved),
        false_alarms=false_alarms_at(settings, samples, factor),
        sensitivity=tuple(
            Sensitivity(
                kind.depth_sd,
                kind.duration or 0,
                sensitivity_rate(judge_simulation(moved, cases, samples.sessions), "any"),
            )
            for kind, cases in samples.events.items()
            if kind.course == "dip"
        ),
    )


def false_alarms_at(settings: CriterionSettings, samples: SimulatedCases, factor: float) -> Rate:
    """False alarms of a criterion with its thresholds multiplied by a factor."""
    return false_alarm_rate(
        judge_simulation(with_scaled_thresholds(settings, factor), samples.quiet, samples.sessions), "any"
    )
