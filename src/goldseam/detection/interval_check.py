"""One interval on its own: what each criterion says of six scores, with all the numbers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.sudden.gains_and_losses import TangDeRubeis
from goldseam.detection.criteria.sudden.three_criteria import Settings, threshold_3
from goldseam.detection.criteria.sudden.windows import REACH, Windows
from goldseam.detection.detect import find_criterion
from goldseam.detection.engine.codes import Verdict
from goldseam.exceptions import ParameterError


@dataclass(frozen=True)
class IntervalCheck:
    """What the three criteria say of one interval; numbers are None where they cannot be computed.

    Attributes
    ----------
    verdict, criterion_1, criterion_2, criterion_3 : str
        *met*, *not met*, *not applied* (switched off) or *not enough data*.
    magnitude : float or None
        Score at n minus score at n + 1.
    cutoff, share_needed : float or None
        What criterion 1 and criterion 2 ask the change to be.
    n_before, n_after : int
        Scores in the two windows.
    mean_before, mean_after, sd_before, sd_after, pooled_sd : float or None
    critical_value, difference_needed : float or None
        Of criterion 3: the difference of the means must exceed the critical value times the pooled SD.
    """

    verdict: str
    criterion_1: str
    criterion_2: str
    criterion_3: str
    magnitude: float | None
    cutoff: float | None
    share_needed: float | None
    n_before: int
    n_after: int
    mean_before: float | None
    mean_after: float | None
    sd_before: float | None
    sd_after: float | None
    pooled_sd: float | None
    critical_value: float | None
    difference_needed: float | None


def check_interval(
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    criterion: str = "sudden-gain",
    minimum: float | None = None,
    maximum: float | None = None,
    **parameters: Any,
) -> IntervalCheck:
    """Check one interval between two sessions for a sudden gain or loss; lower scores are better.

    Parameters
    ----------
    before : sequence of 3 floats or None
        Scores at sessions n - 2, n - 1 and n; None or NaN where not rated.
    after : sequence of 3 floats or None
        Scores at sessions n + 1, n + 2 and n + 3.
    criterion : str
        ``"sudden-gain"`` or ``"sudden-loss"``.
    minimum, maximum : float, optional
        The range of the scale, both or neither.
    **parameters
        Parameters of the criterion.

    Returns
    -------
    IntervalCheck

    Raises
    ------
    ParameterError
        The windows do not have three scores, or the criterion or a parameter does not exist or fit.

    Examples
    --------
    >>> found = check_interval([31, 33, 27], [12, 16, 13], cutoff=7)
    >>> found.verdict, found.magnitude, round(found.difference_needed, 2)
    ('met', 15.0, 7.26)
    """
    rule = find_criterion(criterion, **parameters)
    if not isinstance(rule, TangDeRubeis):
        allowed = "sudden-gain, sudden-loss"
        raise ParameterError("criterion without intervals", given=criterion, allowed=allowed)
    windows = Windows(_scores("before", before), _scores("after", after))
    lowest, highest = _range(minimum, maximum)
    settings = rule.settings(lowest, highest, turned=False)
    found = _numbers(windows, settings)
    found |= {name: Verdict.words()[codes[0]] for name, codes in rule.verdicts(windows, settings).items()}
    return IntervalCheck(**found)


def _scores(name: str, given: Sequence[float | None]) -> Floats:
    try:
        scores = np.array([np.nan if each is None else each for each in given], dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError("not numbers", where=name, given=given, allowed="3 numbers or None") from None
    if scores.shape != (REACH,) or np.isinf(scores).any():
        raise ParameterError("not a window", where=name, given=given, allowed="3 finite numbers or None")
    return scores[:, None]


def _range(minimum: float | None, maximum: float | None) -> Floats:
    if (minimum is None) != (maximum is None) or (maximum is not None and not minimum < maximum):  # type: ignore[operator]
        given = f"{minimum} to {maximum}"
        raise ParameterError("impossible range", given=given, allowed="minimum below maximum, or neither")
    bounds: Floats = np.array([[minimum], [maximum]], dtype=np.float64)
    return bounds


def _numbers(windows: Windows, settings: Settings) -> dict[str, Any]:
    """Every number behind the verdicts; None for what cannot be computed."""
    counts = {"n_before": int(windows.n_before[0]), "n_after": int(windows.n_after[0])}
    numbers = {
        "magnitude": windows.magnitude,
        "cutoff": settings.cutoff,
        "share_needed": None if settings.share is None else settings.share * (windows.start - settings.floor),
        "mean_before": windows.mean_before,
        "mean_after": windows.mean_after,
        "sd_before": _sd(windows.before),
        "sd_after": _sd(windows.after),
        "pooled_sd": windows.pooled_sd,
        **_criterion_3(windows, settings),
    }
    return counts | {name: _or_none(values) for name, values in numbers.items()}


def _criterion_3(windows: Windows, settings: Settings) -> dict[str, Floats | None]:
    if settings.critical_value is None:
        return {"critical_value": None, "difference_needed": None}
    degrees = np.maximum(windows.n_before + windows.n_after - 2, 0)
    needed = threshold_3(windows, settings.critical_value, settings.smallest_sd)
    return {"critical_value": settings.critical_value[degrees], "difference_needed": needed}


def _sd(scores: Floats) -> Floats:
    seen = scores[~np.isnan(scores)]
    return np.array([np.std(seen, ddof=1) if len(seen) > 1 else np.nan])


def _or_none(values: Floats | None) -> float | None:
    return None if values is None or np.isnan(values[0]) else float(values[0])
