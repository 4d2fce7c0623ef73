"""The smallest drop that counts, where a criterion asks for a size beside what is unlikely."""

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.priors import Priors
from goldseam.exceptions import ParameterError
from goldseam.series import RatingSeries

# Differences of decimal numbers are exact only up to rounding; what is that little short still counts.
ROUNDING = 1e-9


def minimum_drop(priors: Priors, share: float, errors: float) -> Floats:
    """The larger of a share of the range and a multiple of the error of measurement.

    Parameters
    ----------
    priors : Priors
        Of each series, in points.
    share : float
        Of the range, from 0 to 1.
    errors : float
        Errors of measurement, 0 or more.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points: 0 where the range is unknown; the share alone where the error of measurement is.
    """
    known = ~np.isnan(priors.maximum - priors.minimum)
    return np.where(known, _larger(priors, share, errors), 0.0)


def required_minimum_drop(
    series: RatingSeries, priors: Priors, share: float, errors: float, points: str
) -> Floats:
    """The larger of a share of the range and a multiple of the error of measurement, or the one that is known.

    Parameters
    ----------
    series : RatingSeries
        Named in errors.
    priors : Priors
        Of each series, in points.
    share : float
        Of the range, from 0 to 1.
    errors : float
        Errors of measurement, 0 or more.
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points.

    Raises
    ------
    ParameterError
        Neither is known for a scale.
    """
    smallest = _larger(priors, share, errors)
    problem = "neither range nor error of measurement of scale {} is known"
    _refuse_unknown(series, smallest, problem, points)
    return smallest


def share_of_range(series: RatingSeries, share: float, use: str, points: str) -> Floats:
    """A share of the range in points, per series.

    Parameters
    ----------
    series : RatingSeries
        With the ranges of the scales.
    share : float
        From 0 to 1.
    use : str
        What the share is, named in errors.
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points.

    Raises
    ------
    ParameterError
        The range of a scale is not known.
    """
    width: Floats = share * (series.maximum - series.minimum)
    problem = f"the range of scale {{}} is not known, so a share of it cannot be {use}"
    _refuse_unknown(series, width, problem, points)
    return width


def _larger(priors: Priors, share: float, errors: float) -> Floats:
    larger: Floats = np.fmax(share * (priors.maximum - priors.minimum), errors * priors.measurement_error)
    return larger


def _refuse_unknown(series: RatingSeries, sizes: Floats, problem: str, points: str) -> None:
    lacking = np.flatnonzero(np.isnan(sizes))
    if lacking.size:
        scale = series.keys.get_column("scale").item(int(lacking[0]))
        raise ParameterError(
            problem.format(scale),
            allowed=f"columns minimum and maximum in the ratings, or parameter {points} in points",
        )
