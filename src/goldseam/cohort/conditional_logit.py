"""Conditional logistic regression with one event in each stratum (Breslow et al. 1978)."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats, Integers

ROUNDS = 40
CLOSE = 1e-10
SEPARATED = 12.0


@dataclass(frozen=True, eq=False)
class ConditionalLogit:
    """The fit; arrays of shape (n_predictors,) and (n_predictors, n_predictors).

    Attributes
    ----------
    estimate : ndarray of float
        Logarithms of odds ratios.
    covariance : ndarray of float
        Their sampling covariance.
    converged : bool
        False where the likelihood has no maximum: a predictor is always higher, or always lower, at the events.
    """

    estimate: Floats
    covariance: Floats
    converged: bool


def conditional_logit(x: Floats, event: Flags, stratum: Integers) -> ConditionalLogit:
    """Maximise the conditional likelihood by Newton's method.

    Parameters
    ----------
    x : ndarray of float, shape (n, n_predictors)
        Predictors.
    event : ndarray of bool, shape (n,)
        The one event of each stratum.
    stratum : ndarray of int, shape (n,)
        From 0 on, ascending.

    Returns
    -------
    ConditionalLogit
    """
    starts = np.flatnonzero(np.diff(stratum, prepend=-1))
    own = x - x[event][stratum]  # each row against the event of its stratum
    estimate: Floats = np.zeros(x.shape[1])
    information = np.eye(x.shape[1])
    converged = False
    for _ in range(ROUNDS):
        score = own @ estimate
        weight = np.exp(score - np.maximum.reduceat(score, starts)[stratum])
        weight /= np.add.reduceat(weight, starts)[stratum]
        mean = np.add.reduceat(weight[:, None] * own, starts)
        slope = -mean.sum(axis=0)
        information = (weight[:, None] * own).T @ own - mean.T @ mean
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        estimate = estimate + np.clip(step, -2, 2)
        if np.abs(step).max() < CLOSE:
            converged = bool(np.linalg.matrix_rank(information) == len(estimate))
            break
    usable = converged and bool((np.abs(estimate) < SEPARATED).all())
    covariance: Floats = np.linalg.pinv(information).astype(np.float64)
    return ConditionalLogit(estimate, covariance, usable)
