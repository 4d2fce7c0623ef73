"""The smallest fall that counts, where a criterion asks for a size beside what is unlikely."""

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.priors import Priors


def smallest_fall(priors: Priors, share: float, errors: float) -> Floats:
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
