"""The rules of the chart, lower side: which ratings meet them, and from which value on one would have.

Nelson (1984), *Journal of Quality Technology* 16:237, and the Western Electric *Statistical Quality Control Handbook*
(1956). A rule is met at the rating that completes its pattern, and that rating must itself be low.
"""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Codes, Flags, Floats
from goldseam.detection.criteria.xmr.control_limits import ControlLimits
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import coded
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class Pattern:
    """So many of so many ratings in a row below a line so many sigmas under the centre."""

    low: int
    among: int
    sigmas: float


DECREASING = 6


@dataclass(frozen=True, eq=False)
class RuleResult:
    """What one rule says; arrays of shape (n_ratings,): the limit is NaN where no value would meet the rule."""

    limit: Floats
    enough: Flags
    applies: Flags

    def verdict(self, value: Floats) -> Codes:
        """Members of `Verdict`; met also where there would be too little data to say *not met*.

        Parameters
        ----------
        value : ndarray of float, shape (n_ratings,)
            The ratings.

        Returns
        -------
        ndarray of int8
        """
        met = self.applies & (value < self.limit)
        return coded(
            (met, Verdict.MET),
            (~self.enough, Verdict.NOT_ENOUGH_DATA),
            (~self.applies, Verdict.NOT_APPLIED),
            otherwise=Verdict.NOT_MET,
        )


def pattern_rule(series: RatingSeries, limits: ControlLimits, pattern: Pattern, enough: Flags) -> RuleResult:
    """W1 to W4: low ratings among the last ones.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    limits : ControlLimits
        Per rating; NaN where not judged.
    pattern : Pattern
        How many ratings of how many, and how far below the centre.
    enough : ndarray of bool, shape (n_ratings,)
        Whether the rule can be judged at the rating.

    Returns
    -------
    RuleResult
    """
    line = limits.centre - pattern.sigmas * limits.sigma
    low = series.value < line
    earlier = np.zeros(len(low), np.int8)
    for back in range(1, pattern.among):
        earlier += series.lagged_flags(low, back)
    complete = earlier >= pattern.low - 1
    return RuleResult(np.where(complete, line, np.nan), enough, limits.sigma > 0)


def decreasing_rule(series: RatingSeries, enough: Flags) -> RuleResult:
    """N3: six ratings in a row, each lower than the one before.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    enough : ndarray of bool, shape (n_ratings,)
        Whether the rule can be judged at the rating.

    Returns
    -------
    RuleResult
    """
    last = series.lagged(series.value)
    drops = series.value < last
    so_far = np.ones(len(drops), np.bool_)
    for back in range(1, DECREASING - 1):
        so_far &= series.lagged_flags(drops, back)
    return RuleResult(np.where(so_far, last, np.nan), enough, np.ones(len(drops), np.bool_))


def range_rule(series: RatingSeries, limits: ControlLimits, enough: Flags) -> RuleResult:
    """mR: a drop from the session immediately before that is larger than the limit of the moving range.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    limits : ControlLimits
        Per rating; NaN where not judged.
    enough : ndarray of bool, shape (n_ratings,)
        Whether the rule can be judged at the rating.

    Returns
    -------
    RuleResult
    """
    limit = series.lagged(series.value) - limits.range_limit
    return RuleResult(limit, enough, (limits.range_limit > 0) & series.follows_directly)
