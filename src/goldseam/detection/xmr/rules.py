"""The rules of the chart, lower side: which ratings meet them, and from which value on one would have.

Nelson (1984), *Journal of Quality Technology* 16:237, and the Western Electric *Statistical Quality Control Handbook*
(1956). A rule is met at the rating that completes its pattern, and that rating must itself be low.
"""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Codes, Flags, Floats
from goldseam.detection.criterion import MET, NOT_APPLIED, NOT_ENOUGH_DATA, NOT_MET
from goldseam.detection.episodic import before, flag_before
from goldseam.detection.xmr.limits import Limits
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class Pattern:
    """So many of so many ratings in a row below a line so many sigmas under the centre."""

    low: int
    among: int
    sigmas: float


DECREASING = 6


@dataclass(frozen=True, eq=False)
class Said:
    """What one rule says; arrays of shape (n_ratings,): the limit is NaN where no value would meet the rule."""

    limit: Floats
    enough: Flags
    applies: Flags

    def verdict(self, value: Floats) -> Codes:
        """Positions in `VERDICTS`; what is met stands, however little data there is.

        Parameters
        ----------
        value : ndarray of float

        Returns
        -------
        ndarray of int8
        """
        met = self.applies & (value < self.limit)
        chosen = [met, ~self.enough, ~self.applies]
        return np.select(chosen, [MET, NOT_ENOUGH_DATA, NOT_APPLIED], NOT_MET).astype(np.int8)


def pattern_rule(series: RatingSeries, limits: Limits, pattern: Pattern, enough: Flags) -> Said:
    """W1 to W4: low ratings among the last ones.

    Parameters
    ----------
    series : RatingSeries
    limits : Limits
        Per rating; NaN where not judged.
    pattern : Pattern
    enough : ndarray of bool

    Returns
    -------
    Said
    """
    line = limits.centre - pattern.sigmas * limits.sigma
    low = series.value < line
    earlier = np.zeros(len(low), np.int8)
    for back in range(1, pattern.among):
        earlier += flag_before(series, low, back)
    complete = earlier >= pattern.low - 1
    return Said(np.where(complete, line, np.nan), enough, limits.sigma > 0)


def decreasing_rule(series: RatingSeries, enough: Flags) -> Said:
    """N3: six ratings in a row, each lower than the one before.

    Parameters
    ----------
    series : RatingSeries
    enough : ndarray of bool

    Returns
    -------
    Said
    """
    last = before(series, series.value)
    falls = series.value < last
    so_far = np.ones(len(falls), np.bool_)
    for back in range(1, DECREASING - 1):
        so_far &= flag_before(series, falls, back)
    return Said(np.where(so_far, last, np.nan), enough, np.ones(len(falls), np.bool_))


def range_rule(series: RatingSeries, limits: Limits, enough: Flags) -> Said:
    """mR: a fall from the session immediately before that is larger than the limit of the moving range.

    Parameters
    ----------
    series : RatingSeries
    limits : Limits
    enough : ndarray of bool

    Returns
    -------
    Said
    """
    limit = before(series, series.value) - limits.range_limit
    return Said(limit, enough, (limits.range_limit > 0) & series.follows_directly)
