"""What criteria with a fixed threshold share: verdicts by comparison, sessions and runs of ratings beyond it."""

from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.codes import Status, Verdict
from goldseam.detection.engine.criterion import coded, words
from goldseam.detection.engine.findings import Bounds, Findings
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


def threshold_findings(series: RatingSeries, met: Flags, limit: Floats, events: "pl.DataFrame") -> Findings:
    """Findings of a criterion that compares each rating with a threshold.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    met : ndarray of bool, shape (n_ratings,)
        Whether the rating is beyond the threshold.
    limit : ndarray of float, shape (n_series,)
        The threshold, in points.
    events : polars.DataFrame
        One row per event, with ``series`` and columns of `goldseam.detection.engine.columns.EPISODE_COLUMNS`.

    Returns
    -------
    Findings
    """
    n_ratings = len(series.value)
    unknown = np.full(n_ratings, np.nan)
    codes = np.zeros(n_ratings, np.int8)
    return Findings(
        verdict=coded((met, Verdict.MET), otherwise=Verdict.NOT_MET),
        grade=codes,
        reason=codes,
        expected=unknown,
        spread=unknown,
        degrees_of_freedom=unknown,
        p=unknown,
        events=events,
        bounds=lambda: Bounds(limit=limit[series.series_of], usual_low=unknown, usual_high=unknown),
    )


def runs_below(series: RatingSeries, low: Flags, cutoff: Floats) -> "pl.DataFrame":
    """One event per unbroken run of low ratings; a session without a rating does not end it.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    low : ndarray of bool, shape (n_ratings,)
        Whether the rating is below the cut-off.
    cutoff : ndarray of float, shape (n_series,)
        In points.

    Returns
    -------
    polars.DataFrame
        ``status`` is *open* while the last rating of the series is low, else *over*; ``duration`` runs to the
        session before the first rating that is not low, or to the last rating.
    """
    import polars as pl

    owner = series.series_of
    follows = np.append(owner[1:] == owner[:-1], False)
    first = np.flatnonzero(low & ~np.append(False, low[:-1] & follows[:-1]))
    last = np.flatnonzero(low & ~(np.append(low[1:], False) & follows))
    over = follows[last]
    end = np.where(over, series.session[np.minimum(last + 1, len(low) - 1)], series.session[last] + 1)
    deepest = _deepest(series, low, first)
    return pl.DataFrame(
        {
            "series": owner[first],
            "onset_session": series.session[first],
            "baseline": cutoff[owner[first]],
            "value": series.value[first],
            "depth": cutoff[owner[first]] - series.value[deepest],
            "nadir_session": series.session[deepest],
            "nadir": series.value[deepest],
            "status": words(coded((over, Status.OVER), otherwise=Status.OPEN), Status),
            "duration": end - series.session[first],
            "last_session": series.session[last],
            "duration_is_minimum": end - series.session[first] > last - first + 1,
        }
    )


def each_session(series: RatingSeries, met: Flags) -> "pl.DataFrame":
    """One event per session that meets a criterion by itself.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    met : ndarray of bool, shape (n_ratings,)
        Whether it does.

    Returns
    -------
    polars.DataFrame
        ``value`` and ``nadir`` are the rating, in points.
    """
    import polars as pl

    session, value = series.session[met], series.value[met]
    return pl.DataFrame(
        {
            "series": series.series_of[met],
            "onset_session": session,
            "value": value,
            "nadir_session": session,
            "nadir": value,
        }
    )


def _deepest(series: RatingSeries, low: Flags, first: Integers) -> Integers:
    """Position of the lowest rating of each run, the first of equals."""
    at = np.flatnonzero(low)
    run = np.searchsorted(first, at, side="right") - 1
    order = np.lexsort((at, series.value[at], run))
    return at[order[np.searchsorted(run, np.arange(len(first)))]]
