"""A parabola through each course by least squares."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats
from goldseam.series import RatingSeries

# A residual SD smaller than this share of the own SD is rounding, not variation.
SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class Quadratic:
    """``x = level + slope * c + curvature * c²``, c being sessions from the mean session; arrays of shape (n_series,).

    Attributes
    ----------
    centre : ndarray of float
        Mean of the rated sessions.
    level, slope, curvature : ndarray of float
        NaN with fewer than four ratings.
    residual_sd : ndarray of float
        With n - 3 degrees of freedom.
    p : ndarray of float
        Of the curvature, two-sided.
    fitted : ndarray of float, shape (n_ratings,)
    """

    centre: Floats
    level: Floats
    slope: Floats
    curvature: Floats
    residual_sd: Floats
    p: Floats
    fitted: Floats

    @property
    def vertex(self) -> Floats:
        """The session at which the parabola turns; NaN for a straight line."""
        turn = np.full(len(self.slope), np.nan)
        np.divide(-self.slope, 2 * self.curvature, out=turn, where=self.curvature != 0)
        session: Floats = self.centre + turn
        return session


def quadratic_of(series: RatingSeries) -> Quadratic:
    """Fit every series.

    The curvature is estimated on c² made orthogonal to level and slope, so that nothing is inverted.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.

    Returns
    -------
    Quadratic
    """
    from scipy.special import stdtr

    owner, count = series.series_of, series.lengths.astype(np.float64)

    def total(values: Floats) -> Floats:
        return np.bincount(owner, values, minlength=series.n_series).astype(np.float64, copy=False)

    def ratio(upper: Floats, lower: Floats) -> Floats:
        out = np.full(series.n_series, np.nan)
        np.divide(upper, lower, out=out, where=(lower > 0) & (count > 3))
        return out

    session = series.session.astype(np.float64)
    centre, mean = ratio(total(session), count), ratio(total(series.value), count)
    c, x = session - centre[owner], series.value - mean[owner]
    across, skew = ratio(total(c**2), count), ratio(total(c**3), total(c**2))
    bend = c**2 - across[owner] - skew[owner] * c
    straight, curvature = ratio(total(c * x), total(c**2)), ratio(total(bend * x), total(bend**2))
    residual = x - straight[owner] * c - curvature[owner] * bend
    residual_sd = np.sqrt(ratio(total(residual**2), count - 3))
    least = SMALLEST_SHARE * np.sqrt(ratio(total(x**2), count - 1))
    t = ratio(np.abs(curvature) * np.sqrt(total(bend**2)), np.maximum(residual_sd, least))
    return Quadratic(
        centre=centre,
        level=mean - curvature * across,
        slope=straight - curvature * skew,
        curvature=curvature,
        residual_sd=residual_sd,
        p=2 * stdtr(np.maximum(count - 3, 1), -t),
        fitted=mean[owner] + straight[owner] * c + curvature[owner] * bend,
    )
