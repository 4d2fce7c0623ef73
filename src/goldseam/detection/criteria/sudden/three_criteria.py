"""The three criteria of Tang and DeRubeis (1999), each on its own, and what they say together."""

from dataclasses import dataclass, replace
from functools import cache
from math import cos, pi, sin, sqrt, tan
from typing import Self

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.sudden.windows import Windows
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import coded

FEWEST = 2
# 5.5 - 4.9 is a little less than .6 in binary arithmetic; it counts as .6, except where another program is followed.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Settings:
    """What the three criteria ask for; a criterion that is None is switched off.

    Attributes
    ----------
    direction : int
        1 for a drop of the score from n to n + 1 (a gain), -1 for a rise (a loss).
    cutoff : ndarray of float or None
        Points, per interval or one for all.
    share : float or None
        Of the score at n above the floor.
    floor : ndarray of float
        Per interval or one for all; NaN where it is not known.
    critical_value : ndarray of float, shape (5,), or None
        By degrees of freedom.
    smallest_sd : float
        The pooled SD is never taken to be less.
    faithful : bool
        Criterion 2 for losses and missing scores as in the R package suddengains.
    """

    direction: int
    cutoff: Floats | None
    share: float | None
    floor: Floats
    critical_value: Floats | None
    smallest_sd: float = 0.0
    faithful: bool = False

    def of(self, intervals: Integers) -> Self:
        """The same for intervals, where this is for series.

        Parameters
        ----------
        intervals : ndarray of int
            The series of each interval.

        Returns
        -------
        Settings
        """
        cutoff = None if self.cutoff is None else self.cutoff[intervals]
        return replace(self, cutoff=cutoff, floor=self.floor[intervals])

    @property
    def rounding(self) -> float:
        """How much less than asked for still counts."""
        return 0.0 if self.faithful else ROUNDING


def critical_values(*, alpha: float, adjust: bool, fixed: float) -> Floats:
    """Critical values by degrees of freedom, 0 to 4; NaN for fewer than 2.

    Parameters
    ----------
    alpha : float
        Two-tailed.
    adjust : bool
        Whether they follow the number of scores.
    fixed : float
        The value for any number, if not.

    Returns
    -------
    ndarray of float, shape (5,)
    """
    if not adjust:
        return np.array([np.nan, np.nan, fixed, fixed, fixed])
    return np.array([np.nan, np.nan, *(_critical_value(degrees, alpha) for degrees in (2, 3, 4))])


@cache
def _critical_value(degrees: int, alpha: float) -> float:
    """The value that a t of 2, 3 or 4 degrees of freedom exceeds, on either side, with probability alpha.

    For so few degrees the distribution is a short formula in ``atan(t / sqrt(degrees))`` (Abramowitz & Stegun 26.7.3
    and 26.7.4), halved until nothing is left to halve: loading SciPy for it takes longer than judging 50,000 ratings.
    """
    low, high = 0.0, pi / 2
    while low < (angle := (low + high) / 2) < high:
        inside = {
            2: sin(angle),
            3: (angle + sin(angle) * cos(angle)) * 2 / pi,
            4: sin(angle) * (1 + cos(angle) ** 2 / 2),
        }[degrees]
        low, high = (angle, high) if inside < 1 - alpha else (low, angle)
    return sqrt(degrees) * tan(angle)


def criterion_1(windows: Windows, settings: Settings) -> Codes:
    """The change is at least the cut-off.

    Parameters
    ----------
    windows : Windows
        Around each interval; lower scores are better.
    settings : Settings
        What the criteria ask for, in points.

    Returns
    -------
    ndarray of int8
        Members of `Verdict`.
    """
    if settings.cutoff is None:
        return _off(windows)
    change = settings.direction * windows.magnitude
    return _codes(change >= settings.cutoff - settings.rounding, windows.observed)


def criterion_2(windows: Windows, settings: Settings) -> Codes:
    """The change is at least a share of the score before it.

    Parameters
    ----------
    windows : Windows
        Around each interval; lower scores are better.
    settings : Settings
        What the criteria ask for, in points.

    Returns
    -------
    ndarray of int8
        *Not applied* where the floor of the scale is not known.
    """
    if settings.share is None:
        return _off(windows)
    needed = settings.share * (windows.start - settings.floor)
    if settings.faithful and settings.direction < 0:
        met = windows.magnitude <= needed
    else:
        met = settings.direction * windows.magnitude >= needed - settings.rounding
    codes = _codes(met, windows.observed)
    codes[np.broadcast_to(np.isnan(settings.floor), codes.shape)] = Verdict.NOT_APPLIED
    return codes


def criterion_3(windows: Windows, settings: Settings) -> Codes:
    """The mean before and the mean after differ by more than a critical value times their pooled SD.

    Parameters
    ----------
    windows : Windows
        Around each interval; lower scores are better.
    settings : Settings
        What the criteria ask for, in points.

    Returns
    -------
    ndarray of int8
    """
    if settings.critical_value is None:
        return _off(windows)
    enough = (windows.n_before >= FEWEST) & (windows.n_after >= FEWEST)
    if not settings.faithful:
        enough &= windows.observed
    difference = settings.direction * (windows.mean_before - windows.mean_after)
    return _codes(difference > threshold_3(windows, settings.critical_value, settings.smallest_sd), enough)


def threshold_3(windows: Windows, critical_value: Floats, smallest_sd: float) -> Floats:
    """What the difference of the means must exceed; NaN with fewer than four scores.

    Parameters
    ----------
    windows : Windows
        Around each interval; lower scores are better.
    critical_value : ndarray of float, shape (5,)
        By degrees of freedom, 0 to 4.
    smallest_sd : float
        The pooled SD is never taken to be less; in points, 0 or more.

    Returns
    -------
    ndarray of float
    """
    degrees = np.maximum(windows.n_before + windows.n_after - 2, 0)
    needed: Floats = critical_value[degrees] * np.maximum(windows.pooled_sd, smallest_sd)
    return needed


def together(parts: dict[str, Codes], *, missing_first: bool) -> Codes:
    """The verdict that follows from the parts that are applied.

    Parameters
    ----------
    parts : dict of str to ndarray of int8, shape (n_intervals,)
        Members of `Verdict`, by part.
    missing_first : bool
        True: one part without enough data leaves the whole undecided. False: one part that is not met
        decides it.

    Returns
    -------
    ndarray of int8
    """
    failed, unsure, met = (
        _any(parts, code) for code in (Verdict.NOT_MET, Verdict.NOT_ENOUGH_DATA, Verdict.MET)
    )
    tests = [(unsure, Verdict.NOT_ENOUGH_DATA), (failed, Verdict.NOT_MET)]
    return coded(
        *(tests if missing_first else tests[::-1]), (met, Verdict.MET), otherwise=Verdict.NOT_APPLIED
    )


def _any(parts: dict[str, Codes], code: int) -> Flags:
    """Where a part says this."""
    anywhere: Flags = np.logical_or.reduce([codes == code for codes in parts.values()])
    return anywhere


def _off(windows: Windows) -> Codes:
    return np.full(len(windows.start), Verdict.NOT_APPLIED, np.int8)


def _codes(met: Flags, known: Flags) -> Codes:
    return coded((~known, Verdict.NOT_ENOUGH_DATA), (met, Verdict.MET), otherwise=Verdict.NOT_MET)
