"""Ratings put where none were given: as a person would have rated, so many own SDs from their mean."""

from dataclasses import replace

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries

PRIOR_WEIGHT = 8
"""Ratings that the pooled own SD counts for beside a person's own."""


def own_mean_and_sd(series: RatingSeries) -> tuple[Floats, Floats]:
    """Each person's mean, and own SD drawn towards the pooled one.

    Parameters
    ----------
    series : RatingSeries
        Whose ratings they are.

    Returns
    -------
    mean, sd : ndarray of float, shape (n_series,)
        sd² = (8 σ² + sum of squares) / (8 + n - 1), with σ² the pooled variance within persons.
    """
    n = np.maximum(series.lengths, 1)
    mean = np.bincount(series.series_of, series.value, series.n_series) / n
    squares = np.bincount(series.series_of, (series.value - mean[series.series_of]) ** 2, series.n_series)
    pooled = squares.sum() / max(float((n - 1).sum()), 1.0)
    return mean, np.sqrt((PRIOR_WEIGHT * pooled + squares) / (PRIOR_WEIGHT + n - 1))


def appended(series: RatingSeries, session: Integers, values: Floats) -> RatingSeries:
    """Copies of the series, each with one more rating, on the scale.

    Parameters
    ----------
    series : RatingSeries
        Those that go on.
    session : ndarray of int, shape (n_series,)
        Of the rating.
    values : ndarray of float, shape (n_copies, n_series)
        The rating in each copy.

    Returns
    -------
    RatingSeries
        Series ``c * n_series + i`` is series `i` of copy `c`.
    """
    import polars as pl

    step = np.where(np.isfinite(series.step) & (series.step > 0), series.step, np.nan)
    rounded = series.minimum + np.round((values - series.minimum) / step) * step
    placed = np.clip(np.where(np.isnan(step), values, rounded), series.minimum, series.maximum)
    copies, ends = len(values), series.starts[1:]
    lengths = np.tile(series.lengths + 1, copies)
    none = np.zeros(0, np.int64)
    return replace(
        series,
        keys=pl.concat([series.keys] * copies),
        starts=np.concatenate(([0], np.cumsum(lengths))),
        session=np.tile(np.insert(series.session, ends, session), copies),
        value=np.concatenate([np.insert(series.value, ends, each) for each in placed]),
        day=np.tile(np.insert(series.day, ends, np.nan), copies),
        minimum=np.tile(series.minimum, copies),
        maximum=np.tile(series.maximum, copies),
        step=np.tile(series.step, copies),
        missed_series=none,
        missed_session=none,
    )
