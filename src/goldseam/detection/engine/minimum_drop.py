"""The smallest drop that counts, where a criterion asks for a size beside what is unlikely."""

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.priors import Priors
from goldseam.exceptions import ParameterError
from goldseam.series import RatingSeries

# Differences of decimal numbers are exact only up to rounding; what is that little short still counts.
ROUNDING = 1e-9


def minimum_drop(priors: Priors, share: float, errors: float) -> Floats:
    """The larger of a share of the range and a multiple of the error of measurement, in points.

    Parameters
    ----------
    priors : Priors
    share, errors : float

    Returns
    -------
    ndarray of float, shape (n_series,)
        0 where the range is unknown; the share alone where the error of measurement is.
    """
    part = share * (priors.maximum - priors.minimum)
    fall: Floats = np.where(np.isnan(part), 0.0, np.fmax(part, errors * priors.measurement_error))
    return fall


def share_of_range(series: RatingSeries, share: float, points: str) -> Floats:
    """A share of the range in points, per series.

    Parameters
    ----------
    series : RatingSeries
    share : float
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)

    Raises
    ------
    ParameterError
        The range of a scale is not known.
    """
    lacking = np.flatnonzero(np.isnan(series.minimum))
    if lacking.size:
        scale = series.keys.get_column("scale").item(int(lacking[0]))
        raise ParameterError(
            f"the range of scale {scale} is not known, so a share of it cannot be the size of a fall",
            allowed=f"columns minimum and maximum in the ratings, or parameter {points} in points",
        )
    width: Floats = share * (series.maximum - series.minimum)
    return width
