"""One series from plain numbers, for programs that judge a course at a time: no table is made and read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import TableError
from goldseam.series import RatingSeries
from goldseam.series.table import LARGEST_SESSION


@dataclass(frozen=True)
class SeriesName:
    """What a series is called.

    Attributes
    ----------
    case, rater, scale : str
        As in the columns of a table.
    phase : str or None
    """

    case: str
    rater: str
    scale: str
    phase: str | None = None


def single_series(
    name: SeriesName,
    session: Sequence[int],
    value: Sequence[float | None],
    *,
    minimum: float,
    maximum: float,
) -> RatingSeries:
    """One series, as `goldseam.detect` takes it beside tables: what it finds is the same to the last digit.

    Parameters
    ----------
    name : SeriesName
    session : sequence of int, shape (n_sessions,)
        The attended sessions: whole numbers from 1 on, ascending.
    value : sequence of float or None, shape (n_sessions,)
        Their ratings; None where a session was not rated.
    minimum, maximum : float
        The range of the scale.

    Returns
    -------
    RatingSeries

    Raises
    ------
    TableError
        There is no session, the numbers of sessions do not ascend from 1 on, there are not as many values, a value
        is not finite or outside the range, or the range is impossible.
    """
    import polars as pl

    numbers, values = np.array(session, np.int64), np.array(value, np.float64)
    _refuse_sessions(session, len(value))
    rated = np.array([each is not None for each in value], np.bool_)
    _refuse_values(values[rated], minimum, maximum)
    n_rated, n_missed = int(rated.sum()), int((~rated).sum())
    keys = {"case": [name.case], "rater": [name.rater], "scale": [name.scale], "phase": [name.phase]}
    return RatingSeries(
        keys=pl.DataFrame(keys, schema=dict.fromkeys(keys, pl.String)),
        starts=np.array([0, n_rated]),
        session=numbers[rated],
        value=values[rated],
        day=np.full(n_rated, np.nan),
        minimum=np.array([minimum], np.float64),
        maximum=np.array([maximum], np.float64),
        step=np.full(1, np.nan),
        missed_series=np.zeros(n_missed, np.int64),
        missed_session=numbers[~rated],
    )


def _refuse_sessions(session: Sequence[int], n_values: int) -> None:
    if not 0 < len(session) == n_values:
        raise TableError(
            "not a value for every session",
            given=f"{len(session)} sessions, {n_values} values",
            allowed="one session or more, and as many values",
        )
    before = 0
    for each in session:
        if not before < each <= LARGEST_SESSION:
            raise TableError(
                "sessions do not ascend",
                column="session",
                given=each,
                allowed=f"whole numbers from 1 to {LARGEST_SESSION}, each above the one before",
            )
        before = each


def _refuse_values(values: Floats, minimum: float, maximum: float) -> None:
    if not (np.isfinite([minimum, maximum]).all() and minimum < maximum):
        raise TableError(
            "impossible range", given=f"{minimum} to {maximum}", allowed="a minimum below the maximum"
        )
    outside = values[~((values >= minimum) & (values <= maximum))]
    if outside.size:
        raise TableError(
            "outside the scale's range",
            column="value",
            given=float(outside[0]),
            allowed=f"{minimum:g} to {maximum:g}, or None if not rated",
        )
