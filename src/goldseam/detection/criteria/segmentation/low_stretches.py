"""Low stretches of a divided course, and whether the level came back."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criteria.segmentation.partition import Segments
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING


@dataclass(frozen=True, eq=False)
class LowStretches:
    """From a drop to the next rise, or to the end of the course; arrays of shape (n_lows,), ascending.

    Attributes
    ----------
    series : ndarray of int
    first, last : ndarray of int
        Places of the first and the last low rating.
    baseline, lowest : ndarray of float
        Mean of the segment before; the lowest mean of a segment inside.
    returned : ndarray of bool
        Whether a rise followed.
    recovery : ndarray of float
        Share of the drop to the lowest level that the segment after regained; NaN without one.
    """

    series: Integers
    first: Integers
    last: Integers
    baseline: Floats
    lowest: Floats
    returned: Flags
    recovery: Floats

    def inside(self, n_ratings: int) -> Integers:
        """The low stretch each rating is part of; -1 for none.

        Parameters
        ----------
        n_ratings : int
            Of all series together.

        Returns
        -------
        ndarray of int, shape (n_ratings,)
        """
        place = np.arange(n_ratings)
        low = np.searchsorted(self.first, place, side="right") - 1
        return np.where(place <= np.append(self.last, -1)[low], low, -1)


def low_stretches(segments: Segments, smallest: Floats) -> LowStretches:
    """All low stretches.

    Parameters
    ----------
    segments : Segments
        Of all courses.
    smallest : ndarray of float, shape (n_series,)
        The smallest difference of two levels that is a drop or a rise.

    Returns
    -------
    LowStretches
    """
    low = _low(segments, smallest)
    edge = np.diff(np.concatenate(([False], low, [False])).astype(np.int8))
    begins, after = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    owner = np.append(segments.series, -1)
    mean = np.append(segments.mean, np.nan)
    returned = owner[after] == owner[begins]
    # pairs of a beginning and an end: every other result is of what lies between two stretches
    bounds = np.stack([begins, after], axis=1).ravel()
    lowest = np.fmin.reduceat(mean, bounds)[::2] if len(bounds) else np.empty(0)
    baseline = mean[begins - 1]
    return LowStretches(
        series=owner[begins],
        first=segments.first[begins],
        last=segments.last[after - 1],
        baseline=baseline,
        lowest=lowest,
        returned=returned,
        recovery=np.where(returned, (mean[after] - lowest) / (baseline - lowest), np.nan),
    )


def _low(segments: Segments, smallest: Floats) -> Flags:
    """Segments after a drop that no rise has followed yet."""
    first = np.diff(segments.series, prepend=-1) != 0
    step = np.diff(segments.mean, prepend=np.nan)
    needed = np.maximum(smallest[segments.series] - ROUNDING, ROUNDING)
    place = np.arange(len(first))
    drop = np.maximum.accumulate(np.where(~first & (-step >= needed), place, -1))
    other = np.maximum.accumulate(np.where(first | (step >= needed), place, -1))
    low: Flags = drop > other
    return low
