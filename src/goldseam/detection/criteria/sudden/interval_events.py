"""One row per sudden gain or loss, with everything that is reported of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criteria.sudden.windows import STRIDE, Rows, Windows
from goldseam.detection.engine.codes import Status
from goldseam.detection.engine.criterion import coded, words

if TYPE_CHECKING:
    import polars as pl

HALF = 0.5
NAMES = (
    "value_n_minus_2",
    "value_n_minus_1",
    "value_n",
    "value_n_plus_1",
    "value_n_plus_2",
    "value_n_plus_3",
)


@dataclass(frozen=True, eq=False)
class FoundIntervals:
    """The intervals that are sudden gains or losses, and how to report them.

    Attributes
    ----------
    series, session : ndarray of int, shape (n_events,)
        The series, and session n.
    windows : Windows
        Of scores: lower is better.
    direction : int
        1 for gains, -1 for losses.
    sign : int
        Times this, a score is a rating as given.
    first_later : int
        Sessions after n from which a reversal is looked for.
    session_shift : int
        What is subtracted from session n in ``session_n``.
    keep_infinite : bool
        Whether a change in proportion to no change at all is infinite rather than missing.
    """

    series: Integers
    session: Integers
    windows: Windows
    direction: int
    sign: int
    first_later: int
    session_shift: int
    keep_infinite: bool


def interval_events(found: FoundIntervals, rows: Rows, course: Floats) -> "pl.DataFrame":
    """The events, with the details of each.

    Parameters
    ----------
    found : FoundIntervals
        The intervals, and how to report them.
    rows : Rows
        All scores in which a reversal is looked for.
    course : ndarray of float, shape (n_events,)
        Score at the start of treatment minus score at its end.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    windows, sign = found.windows, found.sign
    halfway = windows.end + HALF * windows.magnitude
    reversal = _first_beyond(found, rows, halfway)
    undone = reversal > 0
    scores = np.concatenate((windows.before, windows.after))
    sessions = pl.Series(reversal).set(~pl.Series(undone, dtype=pl.Boolean), None)
    return pl.DataFrame(
        {
            "series": found.series,
            "onset_session": found.session + 1,
            "baseline": -windows.start,
            "value": -windows.end,
            "depth": np.abs(windows.magnitude),
            "depth_percent": pl.Series([None] * len(scores[0]), dtype=pl.Float64),
            "status": words(coded((undone, Status.REVERSED), otherwise=Status.HELD), Status),
            "session_n": found.session - found.session_shift,
            **dict(zip(NAMES, sign * scores, strict=True)),
            "magnitude": windows.magnitude,
            "total_change": course,
            "change_proportion": _proportion(found, course),
            "reversal_value": sign * halfway,
            "reversal": undone,
            "reversal_session": sessions,
        }
    )


def _proportion(found: FoundIntervals, course: Floats) -> Floats:
    """Size of the gain as a share of the change over treatment; NaN where there was none."""
    size = np.abs(found.windows.magnitude)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = size / course
    return np.where(np.isinf(share) & ~(found.keep_infinite & (share > 0)), np.nan, share)


def _first_beyond(found: FoundIntervals, rows: Rows, halfway: Floats) -> Integers:
    """The first later session at which more than half of the change is undone; 0 where there is none.

    Looks one row further for all events at once, until each is found or its series is over.
    """
    session = np.zeros(len(halfway), np.int64)
    places = found.series * STRIDE + found.session + found.first_later
    at = np.searchsorted(rows.place, places)
    searching = np.arange(len(halfway))
    while searching.size:
        at, searching = _inside(found, rows, at, searching)
        beyond = found.direction * (rows.score[at] - halfway[searching]) > 0
        session[searching[beyond]] = rows.session[at[beyond]]
        at, searching = at[~beyond] + 1, searching[~beyond]
    return session


def _inside(
    found: FoundIntervals, rows: Rows, at: Integers, searching: Integers
) -> tuple[Integers, Integers]:
    """The searches that have not left their series."""
    there: Flags = at < len(rows.series)
    there[there] = rows.series[at[there]] == found.series[searching[there]]
    return at[there], searching[there]
