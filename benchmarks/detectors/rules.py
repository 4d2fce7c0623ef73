"""A rule `predictive` is compared with, and where any rule can be: one statistic per session, high where alarming.

It takes ratings of shape (series, sessions), NaN where not rated and higher is better, and looks at the
past only. NaN in the result: the rule has nothing to compare with.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

FloatArray = NDArray[np.float64]

FEWEST_EARLIER = 3


def evaluable(values: FloatArray) -> NDArray[np.bool_]:
    """Rated, with at least three ratings before."""
    rated = ~np.isnan(values)
    earlier = np.cumsum(rated, axis=1) - rated
    return rated & (earlier >= FEWEST_EARLIER)


def own_mean(values: FloatArray, step: float) -> FloatArray:
    """Minus p of a rating among the client's own earlier ones, by Student's t with n - 1 df.

    ``t = (x - mean) / (s * sqrt(1 + 1/n))`` over the n >= 3 earlier ratings. On a scale with steps the SD
    is at least half a step: three equal ratings do not make a client exact.
    """
    rated = ~np.isnan(values)
    filled = np.where(rated, values, 0.0)
    count = np.cumsum(rated, axis=1) - rated
    total = np.cumsum(filled, axis=1) - filled
    squares = np.cumsum(filled**2, axis=1) - filled**2
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        variance = np.maximum((squares - count * mean**2) / (count - 1), (step / 2) ** 2)
        t = (values - mean) / np.sqrt(variance * (1 + 1 / count))
        alarming = -stdtr(count - 1.0, t)
    return np.where(count >= FEWEST_EARLIER, alarming, np.nan)
