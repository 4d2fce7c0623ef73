"""Weights for cases whose outcome is known, so that they stand for those whose is not."""

import numpy as np

from goldseam.arrays import Flags, Floats

LARGEST_WEIGHT = 10.0
ROUNDS, CONVERGED = 30, 1e-10


def observed_weights(x: Floats, known: Flags, weights: Floats) -> Floats:
    """Stabilised inverse probability of being observed, from what preceded the onset; at most ten.

    Parameters
    ----------
    x : ndarray of float, shape (n, n_predictors)
        With a column of ones.
    known : ndarray of bool, shape (n,)
        Who is observed.
    weights : ndarray of float, shape (n,)
        How often each counts.

    Returns
    -------
    ndarray of float, shape (n,)
        1 where all are observed, or none.
    """
    share = float((weights * known).sum() / max(weights.sum(), 1e-12))
    if share in (0.0, 1.0) or not 0 < share < 1:
        return np.ones(len(known))
    centred = x.copy()
    spread = x.std(axis=0)
    centred[:, spread > 0] = (x - x.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    estimate = np.zeros(x.shape[1])
    # a weak prior keeps it finite where a predictor tells observed from unobserved completely
    prior = np.diag(np.where(spread > 0, 0.1, 0.0))
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(centred @ estimate, -30, 30)))
        slope = centred.T @ (weights * (known - chance)) - prior @ estimate
        information = (centred * (weights * chance * (1 - chance))[:, None]).T @ centred + prior
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        estimate = estimate + np.clip(step, -2, 2)
        if np.abs(step).max() < CONVERGED:
            break
    chance = 1 / (1 + np.exp(-np.clip(centred @ estimate, -30, 30)))
    inverse: Floats = np.minimum(share / np.maximum(chance, 1e-6), LARGEST_WEIGHT)
    return inverse
