"""Whether a fall was repaired, as an answer for every episode; *cannot be told* is one."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions
from goldseam.detection.criteria.predictive.repair import LevelBelief, RepairTracker, likelihoods
from goldseam.detection.engine.codes import Code
from goldseam.detection.engine.criterion import coded, words
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

LATER_RATINGS_NEEDED = 2
NO_SESSION = 0
BACK, NOT_BACK = 2 / 3, 1 / 3  # twice as probable as not
WORKING_COLUMNS = ("level", "usual")


class Repair(Code):
    """Whether the level is back after a fall."""

    REPAIRED = 0, "repaired"
    NOT_REPAIRED = 1, "not repaired"
    CANNOT_BE_TOLD = 2, "cannot be told"


class LinkingTracker(RepairTracker):
    """Running episodes that know which one they renew, and keep what an answer about repair needs.

    Attributes
    ----------
    renews : ndarray of int, shape (n_series,)
        Session of the onset of the first of the episodes that the running one renews; 0 where it renews none.
    """

    details = ("repair_probability", "renews", *WORKING_COLUMNS)

    renews: Integers

    def __init__(self, n_series: int, *, recovered: float, window: int) -> None:
        super().__init__(n_series, recovered=recovered, window=window)
        self._all |= {"renews": np.full(n_series, NO_SESSION)}
        self.keep(n_series)

    def renew(self, where: Flags) -> Flags:
        """End episodes because another fall begins, which renews them; see `RepairTracker.renew`."""
        onset = np.where(self.renews == NO_SESSION, self.episodes.onset_session, self.renews)
        ended = super().renew(where)
        np.copyto(self.renews, onset, where=ended)
        return ended

    def _record(self, where: Flags, status: Codes | int) -> dict[str, NDArray[Any]]:
        taken = super()._record(where, status)
        index = taken["index"]
        taken |= {name: getattr(self, name)[index] for name in ("renews", *WORKING_COLUMNS)}
        self.renews[index] = NO_SESSION
        return taken


def with_answers(
    events: "pl.DataFrame",
    series: RatingSeries,
    predictions: OneStepPredictions,
    usual: Floats,
    *,
    window: int,
) -> "pl.DataFrame":
    """Say of every event whether the fall was repaired, from the ratings after it.

    So many later ratings are looked at as an episode lasts at most, as far as there are, or the next onset comes: also
    those after a repair was declared, which may show that it was none.

    Parameters
    ----------
    events : polars.DataFrame
        Of `LinkingTracker`, sorted by series and onset.
    series : RatingSeries
        Higher is better.
    predictions : OneStepPredictions
        Of its ratings.
    usual : ndarray of float, shape (n_ratings,)
        Mean of the population at each rating's session, in points.
    window : int
        Later ratings, 2 or more.

    Returns
    -------
    polars.DataFrame
        With ``repair``, a word of `Repair`, and ``renews``, null where the event renews none.
    """
    import polars as pl

    owner, onset = (events[name].to_numpy() for name in ("series", "onset_session"))
    first, stop = series.starts[owner], series.starts[owner + 1]
    at = _places(series, owner, onset)
    following = np.append(at[1:], len(series.value))
    until = np.minimum(np.minimum(stop, following), at + 1 + window)
    level, then, spread = (events[name].to_numpy() for name in ("level", "usual", "spread"))
    belief = LevelBelief.at_onset((series.value[at] - level) / spread)
    seen = until - at - 1
    for later in range(1, window + 1):
        here = seen >= later
        if not here.any():
            break
        place = np.where(here, at + later, first)
        before = np.where(here, place - 1, first)
        z = (series.value[place] - level - (usual[place] - then)) / spread
        at_baseline, at_depth = likelihoods(z, predictions.highest[place])
        passed = np.where(here, series.session[place] - series.session[before], 1)
        revised = belief.revised(at_baseline, at_depth, passed, where=here)
        belief = LevelBelief(
            np.where(here, revised.back, belief.back),
            np.where(here, revised.down, belief.down),
            belief.depth_at_onset,
        )
    answer = coded(
        (seen < LATER_RATINGS_NEEDED, Repair.CANNOT_BE_TOLD),
        (belief.back >= BACK, Repair.REPAIRED),
        (belief.back <= NOT_BACK, Repair.NOT_REPAIRED),
        otherwise=Repair.CANNOT_BE_TOLD,
    )
    renews = pl.when(pl.col("renews") != NO_SESSION).then("renews").alias("renews")
    return events.drop(*WORKING_COLUMNS).with_columns(words(answer, Repair).alias("repair"), renews)


def _places(series: RatingSeries, owner: Integers, session: Integers) -> Integers:
    """Where the ratings of some sessions stand."""
    width = int(series.session.max(initial=0)) + 1
    found: Integers = np.searchsorted(series.series_of * width + series.session, owner * width + session)
    return found
