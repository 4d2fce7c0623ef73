"""Several criteria measured on the same simulated cases, with what was asked for beside their error rates."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from goldseam.exceptions import ParameterError
from goldseam.operating.bayes_limit import LimitRates, limit_p_values, limit_rates
from goldseam.operating.characteristics import SimulationPlan, measure_criterion
from goldseam.operating.error_rates import ErrorRates
from goldseam.operating.roc import OperatingPoint, roc_points
from goldseam.operating.simulated_cases import SimulatedCases
from goldseam.operating.simulation_verdicts import CriterionSettings
from goldseam.operating.threshold_search import ThresholdSearch, search_threshold

COMPARISON_FORMAT = "goldseam-operating-1"


@dataclass(frozen=True)
class Comparison:
    """Criteria side by side.

    Parameters
    ----------
    rates : tuple of ErrorRates
        One for each criterion.
    searches : tuple of ThresholdSearch
        One for each wanted rate and criterion.
    curves : dict of str to tuple of OperatingPoint
        By criterion; empty if not asked for.
    limits : dict of float to tuple of LimitRates
        By rate of false alarms: those wanted, and those of the criteria; empty if not asked for.
    """

    rates: tuple[ErrorRates, ...]
    searches: tuple[ThresholdSearch, ...]
    curves: dict[str, tuple[OperatingPoint, ...]]
    limits: dict[float, tuple[LimitRates, ...]]

    def content(self) -> dict[str, Any]:
        """Return all figures as plain JSON content."""
        searches = [
            asdict(search) | {"threshold_errors": search.threshold_errors} for search in self.searches
        ]
        content: dict[str, Any] = {
            "format": COMPARISON_FORMAT,
            "criteria": [rates.content() for rates in self.rates],
            "thresholds": searches,
            "curves": {name: [asdict(point) for point in points] for name, points in self.curves.items()},
            "limits": [
                {"wanted": wanted} | asdict(limit)
                for wanted, limits in self.limits.items()
                for limit in limits
            ],
        }
        plain: dict[str, Any] = json.loads(json.dumps(content))
        return plain


def compare(
    chosen: Sequence[CriterionSettings],
    plan: SimulationPlan,
    *,
    wanted: Sequence[float] = (),
    with_curves: bool = False,
    with_limits: bool = False,
) -> Comparison:
    """Measure criteria on the same cases.

    Parameters
    ----------
    chosen : sequence of CriterionSettings
        The criteria with their norms and parameters.
    plan : SimulationPlan
        What is simulated.
    wanted : sequence of float
        Rates of false alarms to find the thresholds for.
    with_curves, with_limits : bool
        Whether to trace what moving the thresholds does; whether to compute the limits.

    Returns
    -------
    Comparison

    Raises
    ------
    ParameterError
        If a rate lies outside its range, or limits are asked for with evidence.
    """
    for rate in wanted:
        if not 0 < rate < 1:
            raise ParameterError("not a rate", where="wanted_rate", given=rate, allowed="above 0 and below 1")
    if with_limits and plan.evidence:
        allowed = "either the limits, which are those of ratings alone, or evidence"
        raise ParameterError("not both", where="limits", given="limits and evidence", allowed=allowed)
    samples = plan.draw()
    rates = tuple(measure_criterion(settings, plan, samples) for settings in chosen)
    return Comparison(
        rates=rates,
        searches=tuple(search_threshold(settings, samples, rate) for rate in wanted for settings in chosen),
        curves={settings.criterion: roc_points(settings, samples) for settings in chosen}
        if with_curves
        else {},
        limits=_limits(plan, samples, [*wanted, *_own_rates(rates)]) if with_limits else {},
    )


def _own_rates(rates: Sequence[ErrorRates]) -> list[float]:
    """The false alarms of each criterion, where it has any."""
    found = [each.grades["any"].false_alarms.value for each in rates]
    return [rate for rate in found if 0 < rate < 1]


def _limits(
    plan: SimulationPlan, samples: SimulatedCases, wanted: Sequence[float]
) -> dict[float, tuple[LimitRates, ...]]:
    different = list(dict.fromkeys(wanted))
    rows = [limit_rates(name, p_of, samples, different) for name, p_of in limit_p_values(plan.model).items()]
    return {rate: tuple(row[place] for row in rows) for place, rate in enumerate(different)}
