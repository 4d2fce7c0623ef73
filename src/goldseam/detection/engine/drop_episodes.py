"""What the criteria of the rupture-repair literature share: a drop from an earlier level, and a return to it.

Unlike the general episodes, these end with the first rating that has returned far enough towards the level before the
drop, within a window after the onset; nothing confirms it. See ``docs/methods/stiles-type.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.codes import OnsetKind, Reason, Stage, Status
from goldseam.detection.engine.criterion import coded
from goldseam.detection.engine.episodes import LATER_RATINGS_NEEDED, Episodes, events_table
from goldseam.detection.engine.episodic import Assessment
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl
WITHOUT_END = 2**31


@dataclass(frozen=True, eq=False)
class Drops:
    """Where drops end that are large enough, and what undoes them; arrays of shape (n_ratings,).

    Attributes
    ----------
    begins : ndarray of bool
        The rating is the first at the new level.
    baseline : ndarray of float
        The level before the drop.
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


def assess_drops(
    series: RatingSeries, expected: Floats, smallest: Floats, spread: Floats, minimum_ratings: int
) -> Assessment:
    """Whether each rating lies far enough below its reference; series that are too short are not judged.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    expected : ndarray of float, shape (n_ratings,)
        The reference in points; NaN where there is none.
    smallest : ndarray of float, shape (n_ratings,)
        The smallest drop that counts, in points; NaN or 0 where the ratings do not vary.
    spread : ndarray of float, shape (n_ratings,)
        What depth is measured in, in points.
    minimum_ratings : int
        Ratings a series needs.

    Returns
    -------
    Assessment
    """
    short, first = series.lengths[series.series_of] < minimum_ratings, series.position == 0
    alone, flat = np.isnan(expected), ~(smallest > 0)
    return Assessment(
        met=expected - series.value >= smallest - ROUNDING,
        few=short | first,
        not_applicable=alone | flat,
        reason=coded(
            (short, Reason.SERIES_TOO_SHORT),
            (first, Reason.FEW_EARLIER_RATINGS),
            (alone, Reason.PREVIOUS_NOT_RATED),
            (flat, Reason.NO_VARIATION),
            otherwise=Reason.PLAIN,
        ),
        expected=expected,
        spread=spread,
        limit=expected - smallest,
    )


def drop_episodes(series: RatingSeries, drops: Drops, *, window: int | None) -> "pl.DataFrame":
    """Events from drops: repaired, unrepaired, or indeterminate with fewer than two later ratings.

    While an event runs, further drops belong to it.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    drops : Drops
        Of these ratings.
    window : int or None
        Attended sessions after the onset within which a return counts; None for the rest of the course.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    concerned = np.zeros(series.n_series, np.bool_)
    concerned[series.series_of[drops.begins]] = True
    order = series.by_length[concerned[series.by_length]]
    progress = _EpisodePass(series, drops, window or WITHOUT_END, len(order))
    for at in series.steps(order):
        progress.step(at)
    events = events_table(progress.finish(), order)
    return events.with_columns(
        grade=pl.lit(None, pl.String),
        p=pl.lit(None, pl.Float64),
        onset_kind=pl.lit(None, pl.String),
        depth_z=pl.col("depth_z").fill_nan(None),
    )


class _EpisodePass:
    """All series side by side, one rating of each at a time."""

    def __init__(self, series: RatingSeries, drops: Drops, window: int, n_series: int) -> None:
        self.series, self.drops, self.window = series, drops, window
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
        onset = self.drops.begins[at] & ~running & (episodes.stage == Stage.NO_EPISODE)
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
        series, drops, active = self.series, self.drops, len(at)
        np.copyto(self.returned[:active], drops.returned[at], where=onset)
        np.copyto(self.rise[:active], drops.rise[at], where=onset)
        episodes.open(
            onset,
            session=series.session[at],
            value=series.value[at],
            baseline=drops.baseline[at],
            spread=drops.spread[at],
            p=np.nan,
            grade=0,
            kind=OnsetKind.PRECIPITOUS,
        )

    def _close(self, episodes: Episodes, over: Flags) -> None:
        few = episodes.later_ratings < LATER_RATINGS_NEEDED
        self.records.append(
            episodes.record(over, coded((few, Status.INDETERMINATE), otherwise=Status.UNREPAIRED))
        )
        episodes.stage[over] = Stage.NO_EPISODE

    def finish(self) -> list[dict[str, NDArray[Any]]]:
        """End what still runs, and give all records."""
        self._close(self.episodes, self.episodes.stage == Stage.OPEN)
        return self.records
