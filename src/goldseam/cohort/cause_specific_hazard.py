"""Hazard ratio of a status that changes from session to session (Cox 1972; ties after Efron 1977), clustered errors."""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from goldseam.arrays import Flags, Floats, Integers

ROUNDS = 40
CLOSE = 1e-10


@dataclass(frozen=True, eq=False)
class HazardRatio:
    """The fit.

    Attributes
    ----------
    log_ratio : float
        Logarithm of the ratio; NaN where nobody, or everybody, who had the event had the status.
    model_error, error : float
        Of the model, and robust: score residuals summed within clusters (Lin & Wei 1989).
    """

    log_ratio: float
    model_error: float
    error: float


def hazard_ratio(status: Flags, session: Integers, event: Flags, cluster: Integers) -> HazardRatio:
    """Maximise the partial likelihood; what else ends a history counts as censored (cause-specific hazard).

    Parameters
    ----------
    status, event : ndarray of bool, shape (n_rows,)
        A row per person and session at risk: the status there, known beforehand, and whether the event came.
    session : ndarray of int, shape (n_rows,)
        Each session has a baseline hazard of its own.
    cluster : ndarray of int, shape (n_rows,)
        Whose rows are not independent of each other, from 0 on.

    Returns
    -------
    HazardRatio
    """
    size = int(session.max(initial=0)) + 1

    def count(chosen: Flags) -> Floats:
        return np.bincount(session[chosen], minlength=size).astype(np.float64)

    none, some = count(~status), count(status)
    hit_none, hit_some = count(event & ~status), count(event & status)
    if not hit_none.sum() or not hit_some.sum() or not (some * none).sum():
        return HazardRatio(float("nan"), float("nan"), float("nan"))
    hits = (hit_none + hit_some).astype(np.int64)
    at = np.repeat(np.arange(size), hits)
    # among d events of a session the k-th finds k / d of the events gone
    gone = (np.arange(len(at)) - np.repeat(np.cumsum(hits) - hits, hits)) / hits[at]
    left_none, left_some = none[at] - gone * hit_none[at], some[at] - gone * hit_some[at]
    estimate = 0.0
    for _ in range(ROUNDS):
        share = left_some * np.exp(estimate) / (left_none + left_some * np.exp(estimate))
        step = (hit_some.sum() - share.sum()) / max(float((share * (1 - share)).sum()), 1e-12)
        estimate += float(np.clip(step, -1, 1))
        if abs(step) < CLOSE:
            break
    ratio = float(np.exp(estimate))
    total = left_none + left_some * ratio
    share = left_some * ratio / total
    information = float((share * (1 - share)).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_share = np.nan_to_num(np.bincount(at, share, size) / hits)
    x = status.astype(np.float64)
    residual = event * (x - mean_share[session])
    for has in (False, True):
        for ends in (False, True):
            rows = (status == has) & (event == ends)
            weight = (1 - gone if ends else 1.0) * (has - share) / total
            residual[rows] -= ratio**has * np.bincount(at, weight, size)[session[rows]]
    robust = float((np.bincount(cluster, residual) ** 2).sum())
    return HazardRatio(estimate, information**-0.5, robust**0.5 / information)


def calibrated_ratio(
    found: tuple[float, float], chance: list[float], reach: float
) -> tuple[float, float, float]:
    """A log ratio minus its mean by chance, as a ratio with its 95% interval.

    Parameters
    ----------
    found : pair of float
        Log ratio and its error.
    chance : list of float
        Log ratios in tables in which nothing happens; NaN where there is none.
    reach : float
        Half an interval in errors.

    Returns
    -------
    value, low, high : float
    """
    value, error = found
    error = sqrt(error**2 + np.nanvar(chance, ddof=1) / len(chance))
    left = value - float(np.nanmean(chance))
    return exp(left), exp(left - reach * error), exp(left + reach * error)
