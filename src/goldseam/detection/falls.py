"""What the criteria of the rupture-repair literature share: a fall from an earlier level, and a return to it.

Unlike the general episodes, these end with the first rating that has returned far enough towards the level before the
fall, within a window after the onset; nothing confirms it. See ``docs/methods/stiles-type.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.episodes import (
    INDETERMINATE,
    NO_EPISODE,
    OPEN,
    PRECIPITOUS,
    REPAIRED,
    UNREPAIRED,
    Episodes,
    events_table,
)
from goldseam.detection.ledger import RATINGS_TO_TELL
from goldseam.detection.moments import moments_of
from goldseam.detection.priors import priors_for
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

SD_KINDS = ("own", "own-diff", "pooled", "stricter")
# Differences of decimal numbers are exact only up to rounding; what is that little short still counts.
ROUNDING = 1e-9
WITHOUT_END = 2**31


@dataclass(frozen=True, eq=False)
class Falls:
    """Where falls end that are large enough, and what undoes them; arrays of shape (n_ratings,).

    Attributes
    ----------
    begins : ndarray of bool
        The rating is the first at the new level.
    baseline : ndarray of float
        The level before the fall.
    spread : ndarray of float
        What depth is measured in; NaN for nothing.
    returned : ndarray of float
        A rating this high is a repair.
    rise : float or ndarray of float
        A rating so much above the lowest is one too; infinite for no such rule.
    """

    begins: Flags
    baseline: Floats
    spread: Floats
    returned: Floats
    rise: Floats


def reference_sd(series: RatingSeries, norms: Norms, kind: str, *, higher_is_better: bool) -> Floats:
    """The SD that the size of a fall is measured in, per series.

    Parameters
    ----------
    series : RatingSeries
    norms : Norms
    kind : str
        One of `SD_KINDS`: of the client's own ratings; of the differences between consecutive sessions; within
        persons, from the norms; or the larger of the first and the third.
    higher_is_better : bool

    Returns
    -------
    ndarray of float, shape (n_series,)
        NaN where there are too few ratings.
    """
    if kind == "own":
        return moments_of(series).sd
    if kind == "own-diff":
        return _sd_of_differences(series)
    pooled = priors_for(series, norms, higher_is_better=higher_is_better).within_sd
    return pooled if kind == "pooled" else np.maximum(moments_of(series).sd, pooled)


def follow_falls(series: RatingSeries, falls: Falls, *, window: int | None) -> "pl.DataFrame":
    """Events from falls: repaired, unrepaired, or indeterminate with fewer than two later ratings.

    While an event runs, further falls belong to it.

    Parameters
    ----------
    series : RatingSeries
    falls : Falls
    window : int or None
        Attended sessions after the onset within which a return counts; None for the rest of the course.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    concerned = np.zeros(series.n_series, np.bool_)
    concerned[series.series_of[falls.begins]] = True
    order = series.by_length[concerned[series.by_length]]
    walk = _Walk(series, falls, window or WITHOUT_END, len(order))
    for at in series.steps(order):
        walk.step(at)
    events = events_table(walk.finish(), order)
    return events.with_columns(
        grade=pl.lit(None, pl.String),
        p=pl.lit(None, pl.Float64),
        onset_kind=pl.lit(None, pl.String),
        depth_z=pl.col("depth_z").fill_nan(None),
    )


class _Walk:
    """All series side by side, one rating of each at a time."""

    def __init__(self, series: RatingSeries, falls: Falls, window: int, n_series: int) -> None:
        self.series, self.falls, self.window = series, falls, window
        self.episodes = Episodes.none(n_series)
        self.returned, self.rise = np.zeros(n_series), np.zeros(n_series)
        self.records: list[dict[str, NDArray[Any]]] = []

    def step(self, at: Integers) -> None:
        """Take in one rating of each series that still has one."""
        episodes = self.episodes.first(len(at))
        value, session = self.series.value[at], self.series.session[at]
        running = episodes.stage == OPEN
        self._close(episodes, running & (session - episodes.onset_session > self.window))
        running = episodes.stage == OPEN
        episodes.follow(running, session, value, self.window)
        self._repair(episodes, running, session, value)
        onset = self.falls.begins[at] & ~running & (episodes.stage == NO_EPISODE)
        self._open(episodes, onset, at)

    def _repair(self, episodes: Episodes, running: Flags, session: Integers, value: Floats) -> None:
        active = len(value)
        back = value >= self.returned[:active] - ROUNDING
        risen = value - episodes.nadir >= self.rise[:active] - ROUNDING
        repaired = running & (back | risen)
        np.copyto(episodes.candidate_session, session, where=repaired)
        self.records.append(episodes.record(repaired, REPAIRED))
        episodes.stage[repaired] = NO_EPISODE

    def _open(self, episodes: Episodes, onset: Flags, at: Integers) -> None:
        series, falls, active = self.series, self.falls, len(at)
        np.copyto(self.returned[:active], falls.returned[at], where=onset)
        np.copyto(self.rise[:active], falls.rise[at], where=onset)
        episodes.open(
            onset,
            session=series.session[at],
            value=series.value[at],
            baseline=falls.baseline[at],
            spread=falls.spread[at],
            p=np.nan,
            grade=0,
            kind=PRECIPITOUS,
        )

    def _close(self, episodes: Episodes, over: Flags) -> None:
        few = episodes.later_ratings < RATINGS_TO_TELL
        self.records.append(episodes.record(over, np.where(few, INDETERMINATE, UNREPAIRED).astype(np.int8)))
        episodes.stage[over] = NO_EPISODE

    def finish(self) -> list[dict[str, NDArray[Any]]]:
        """End what still runs, and give all records."""
        self._close(self.episodes, self.episodes.stage == OPEN)
        return self.records


def share_of_range(series: RatingSeries, share: float, points: str) -> Floats:
    """A share of the range in points, per series.

    Parameters
    ----------
    series : RatingSeries
    share : float
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)

    Raises
    ------
    ParameterError
        The range of a scale is not known.
    """
    lacking = np.flatnonzero(np.isnan(series.minimum))
    if lacking.size:
        scale = series.keys.get_column("scale").item(int(lacking[0]))
        raise ParameterError(
            f"the range of scale {scale} is not known, so a share of it cannot be the size of a fall",
            allowed=f"columns minimum and maximum in the ratings, or parameter {points} in points",
        )
    width: Floats = share * (series.maximum - series.minimum)
    return width


def _sd_of_differences(series: RatingSeries) -> Floats:
    """SD of the differences between consecutive rated sessions; NaN with fewer than two."""
    step = np.diff(series.value)
    pairs = (np.diff(series.session) == 1) & (np.diff(series.series_of) == 0)
    owner, change = series.series_of[1:][pairs], step[pairs]
    count = np.bincount(owner, minlength=series.n_series)
    total = np.bincount(owner, change, minlength=series.n_series)
    mean = np.divide(total, count, out=np.zeros(series.n_series), where=count > 0)
    squares = np.bincount(owner, (change - mean[owner]) ** 2, minlength=series.n_series)
    variance = np.full(series.n_series, np.nan)
    np.divide(squares, count - 1, out=variance, where=count > 1)
    deviation: Floats = np.sqrt(variance)
    return deviation
