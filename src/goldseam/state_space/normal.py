"""Normal distributions known only to lie between two points."""

from math import pi, sqrt

import numpy as np

from goldseam.arrays import Floats

ROOT_TWO_PI = sqrt(2 * pi)
SMALLEST = 1e-280
HARDLY = 1e-6


def density(z: Floats) -> Floats:
    """Standard normal density; 0 at infinity."""
    value: Floats = np.exp(-0.5 * z * z) / ROOT_TWO_PI
    return value


def logarithmic_mean(low: Floats, high: Floats) -> Floats:
    """``(high - low) / (log(high) - log(low))``, between the two; the smaller one where they hardly differ.

    Parameters
    ----------
    low, high : ndarray of float
        Above 0, ``low <= high``.

    Returns
    -------
    ndarray of float
    """
    low = np.maximum(low, SMALLEST)
    high = np.maximum(high, low)
    apart = np.log(high / low)
    mean: Floats = np.divide(high - low, apart, out=low.copy(), where=apart > HARDLY)
    return mean


def between(low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Probability, mean and variance of a standard normal variable between two points.

    Parameters
    ----------
    low, high : ndarray of float
        ``low < high``; may be infinite.

    Returns
    -------
    probability, mean, variance : ndarray of float
        So far out that the probability is lost, mean and variance are those of the nearest point.
        Johnson, Kotz & Balakrishnan, *Continuous Univariate Distributions* 1, section 10.1.
    """
    from scipy.special import ndtr

    # in the lower tail, where a difference of probabilities keeps its digits
    turned = low > 0
    near, far = np.where(turned, -high, low), np.where(turned, -low, high)
    probability = np.maximum(ndtr(far) - ndtr(near), SMALLEST)
    at_near, at_far = density(near), density(far)
    mean = (at_near - at_far) / probability
    weighted = np.where(np.isfinite(near), near, 0) * at_near - np.where(np.isfinite(far), far, 0) * at_far
    variance = np.clip(1 + weighted / probability - mean**2, 0, 1)
    lost = probability <= SMALLEST
    mean = np.where(lost, np.where(np.isfinite(far), far, near), mean)
    return probability, np.where(turned, -mean, mean), np.where(lost, 0, variance)
