"""What the criteria of the rupture-repair literature share: a fall from an earlier level, and a return to it.

Unlike the general episodes, these end with the first rating that has returned far enough towards the level before the
fall, within a window after the onset; nothing confirms it. See ``docs/methods/stiles-type.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.codes import OnsetKind, Stage, Status, coded
from goldseam.detection.engine.episodes import RATINGS_TO_TELL, Episodes, events_table
from goldseam.detection.engine.minimum_drop import ROUNDING
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl
WITHOUT_END = 2**31


@dataclass(frozen=True, eq=False)
class Drops:
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


def drop_episodes(series: RatingSeries, falls: Drops, *, window: int | None) -> "pl.DataFrame":
    """Events from falls: repaired, unrepaired, or indeterminate with fewer than two later ratings.

    While an event runs, further falls belong to it.

    Parameters
    ----------
    series : RatingSeries
    falls : Drops
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

    def __init__(self, series: RatingSeries, falls: Drops, window: int, n_series: int) -> None:
        self.series, self.falls, self.window = series, falls, window
        self.episodes = Episodes.none(n_series)
        self.returned, self.rise = np.zeros(n_series), np.zeros(n_series)
        self.records: list[dict[str, NDArray[Any]]] = []

    def step(self, at: Integers) -> None:
        """Take in one rating of each series that still has one."""
        episodes = self.episodes.first(len(at))
        value, session = self.series.value[at], self.series.session[at]
        running = episodes.stage == Stage.OPEN
        self._close(episodes, running & (session - episodes.onset_session > self.window))
        running = episodes.stage == Stage.OPEN
        episodes.follow(running, session, value, self.window)
        self._repair(episodes, running, session, value)
        onset = self.falls.begins[at] & ~running & (episodes.stage == Stage.NO_EPISODE)
        self._open(episodes, onset, at)

    def _repair(self, episodes: Episodes, running: Flags, session: Integers, value: Floats) -> None:
        active = len(value)
        back = value >= self.returned[:active] - ROUNDING
        risen = value - episodes.nadir >= self.rise[:active] - ROUNDING
        repaired = running & (back | risen)
        np.copyto(episodes.candidate_session, session, where=repaired)
        self.records.append(episodes.record(repaired, Status.REPAIRED))
        episodes.stage[repaired] = Stage.NO_EPISODE

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
            kind=OnsetKind.PRECIPITOUS,
        )

    def _close(self, episodes: Episodes, over: Flags) -> None:
        few = episodes.later_ratings < RATINGS_TO_TELL
        self.records.append(
            episodes.record(over, coded((few, Status.INDETERMINATE), otherwise=Status.UNREPAIRED))
        )
        episodes.stage[over] = Stage.NO_EPISODE

    def finish(self) -> list[dict[str, NDArray[Any]]]:
        """End what still runs, and give all records."""
        self._close(self.episodes, self.episodes.stage == Stage.OPEN)
        return self.records
