"""The shape of one course, for a page that shows one: without a table."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from goldseam.trajectory.shape_limits import BORROWED, chance_share
from goldseam.trajectory.shape_names import FEWEST_FOR_A_LINE, TOO_SHORT, block_named


class SingleShape(NamedTuple):
    """The name of one course, the line beside it, and the share of flat courses as long that get this name."""

    n_rated: int
    shape: str
    trend: str | None
    by_chance: float | None


def single_shape(
    values: Sequence[float], *, within_sd: float | None = None, higher_is_better: bool = True
) -> SingleShape:
    """Name the shape of one course, as `course_shapes` names it in a table.

    Parameters
    ----------
    values : sequence of float
        The ratings, in order.
    within_sd, higher_is_better
        As for `course_shapes`; without `within_sd` the course is judged by its own scatter alone.

    Returns
    -------
    SingleShape
        *too short to say*, without a trend or a share, under 4 ratings.

    Examples
    --------
    >>> import goldseam
    >>> goldseam.single_shape([5, 5.5, 5, 6, 5.5, 2, 5.5, 5, 6, 5.5], within_sd=0.5).shape
    'V'
    """
    n = len(values)
    if n < FEWEST_FOR_A_LINE:
        return SingleShape(n, TOO_SHORT, None, None)
    sign = 1 if higher_is_better else -1
    named = block_named(sign * np.array([values], np.float64), np.nan if within_sd is None else within_sd)
    shape = str(named.shape[0])
    weight = BORROWED if within_sd else 0.0
    return SingleShape(n, shape, str(named.trend[0]), chance_share(n, shape, weight))
