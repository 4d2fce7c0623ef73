"""Mean and spread of the ratings so far, series by series."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries


@dataclass(frozen=True, eq=False)
class Moments:
    """Of each rating's earlier ratings, shape (n_ratings,), and of whole series, shape (n_series,).

    Attributes
    ----------
    mean_before, sd_before : ndarray of float
        Mean and SD (n - 1) of the earlier ratings of the series; NaN for none, or for fewer than two.
    mean, sd : ndarray of float
        Mean and SD of all ratings of the series.
    """

    mean_before: Floats
    sd_before: Floats
    mean: Floats
    sd: Floats


def moments_of(series: RatingSeries) -> Moments:
    """Moments by updating, so that equal ratings have an SD of exactly 0 (Welford 1962, Technometrics 4:419).

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    Moments
    """
    mean_before, sd_before = np.full((2, len(series.value)), np.nan)
    mean, squares = np.full(series.n_series, np.nan), np.zeros(series.n_series)
    for count, at in enumerate(series.steps()):
        active, value = len(at), series.value[at]
        if count:
            mean_before[at] = mean[:active]
            sd_before[at] = _sd(squares[:active], count)
            away = value - mean[:active]
            mean[:active] += away / (count + 1)
            squares[:active] += away * (value - mean[:active])
        else:
            mean[:active] = value
    total_mean, total_sd = np.full((2, series.n_series), np.nan)
    lengths = series.lengths[series.by_length]
    total_mean[series.by_length] = mean
    total_sd[series.by_length] = _sd(squares, lengths)
    return Moments(mean_before, sd_before, total_mean, total_sd)


def _sd(squares: Floats, count: int | Integers) -> Floats:
    degrees = np.asarray(count, dtype=np.float64) - 1
    variance = np.divide(squares, degrees, out=np.full_like(squares, np.nan), where=degrees > 0)
    return np.sqrt(variance)
