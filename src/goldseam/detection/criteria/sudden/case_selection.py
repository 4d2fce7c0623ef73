"""Which cases have enough ratings to look for sudden gains at all."""

from collections.abc import Sequence

import numpy as np

from goldseam.arrays import Flags
from goldseam.detection.criteria.sudden.windows import Rows

CASE_RULES = ("all", "pattern", "min_sess")

# Sessions after the first that are rated, and that are not; the gain lies after the second, or third, of them.
PATTERNS: tuple[tuple[Sequence[int], Sequence[int]], ...] = (
    ((1, 2, 3), ()),
    ((1, 2, 4), (3,)),
    ((2, 3, 4), (1,)),
    ((2, 3, 5), (1, 4)),
)


def cases_with_pattern(rows: Rows, n_series: int) -> Flags:
    """Whether the ratings of a series contain a pattern that criterion 3 can use.

    Parameters
    ----------
    rows : Rows
        All sessions with a row.
    n_series : int
        How many series, 0 or more.

    Returns
    -------
    ndarray of bool, shape (n_series,)
    """
    rated = {offset: ~np.isnan(rows.at(offset)) for offset in range(1, 6)}
    found = np.zeros(len(rows.score), np.bool_)
    for there, away in PATTERNS:
        fits = rows.rated.copy()
        for offset in there:
            fits &= rated[offset]
        for offset in away:
            fits &= ~rated[offset]
        found |= fits
    kept = np.zeros(n_series, np.bool_)
    kept[rows.series[found]] = True
    return kept


def cases_with_ratings(rows: Rows, n_series: int, fewest: int) -> Flags:
    """Whether a series has at least so many ratings.

    Parameters
    ----------
    rows : Rows
        All sessions with a row.
    n_series : int
        How many series, 0 or more.
    fewest : int
        Ratings a case needs, 1 or more.

    Returns
    -------
    ndarray of bool, shape (n_series,)
    """
    kept: Flags = np.bincount(rows.series[rows.rated], minlength=n_series) >= fewest
    return kept
