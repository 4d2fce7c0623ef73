"""The criteria that ask for a drop from one session to the next and then for a return: three of a kind."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import Criterion, parameter
from goldseam.detection.engine.drop_episodes import Drops, assess_drops, drop_episodes
from goldseam.detection.engine.episodic import findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class DropAndReturn(Criterion):
    """A drop of so many points below a reference, ended by a return towards it."""

    tolerance: float = parameter(0.25, "share of the fall that may be missing at a return", least=0, most=1)
    window: int | None = parameter(
        None, "sessions after the onset within which a return counts; none: all", kind=int, least=1, most=1000
    )
    minimum_ratings: int = parameter(4, "ratings a series needs", kind=int, least=3, most=1000)

    @abstractmethod
    def reference(self, series: RatingSeries) -> Floats:
        """The level each rating is compared with; NaN where there is none.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.

        Returns
        -------
        ndarray of float, shape (n_ratings,)
        """

    @abstractmethod
    def sizes(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> tuple[Floats, Floats]:
        """The smallest drop that counts, and what its depth is measured in.

        Parameters
        ----------
        series : RatingSeries
            Higher is better.
        norms : Norms
            With an entry for every scale, where the criterion uses them.
        higher_is_better : bool
            The direction the ratings had before they were turned.

        Returns
        -------
        tuple of ndarray of float, shape (n_series,)
        """

    def rise(self, spread: Floats) -> Floats:
        """How much above the lowest rating is a repair too: by default nothing is.

        Parameters
        ----------
        spread : ndarray of float, shape (n_ratings,)
            What the depth of each drop is measured in, in points.

        Returns
        -------
        ndarray of float, shape (n_ratings,)
        """
        return np.full(len(spread), np.inf)

    def described(self, events: "pl.DataFrame") -> "pl.DataFrame":
        """The events with the criterion's own details: by default as they are.

        Parameters
        ----------
        events : polars.DataFrame
            One row per event, with ``series`` and columns of `goldseam.detection.engine.columns.EPISODE_COLUMNS`.

        Returns
        -------
        polars.DataFrame
        """
        return events

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        owner, expected = series.series_of, self.reference(series)
        smallest, spread = (
            each[owner] for each in self.sizes(series, norms, higher_is_better=higher_is_better)
        )
        assessed = assess_drops(series, expected, smallest, spread, self.minimum_ratings)
        met = assessed.verdict == Verdict.MET
        begins = met & ~series.lagged_flags(met)
        returned = expected - self.tolerance * (expected - series.value)
        drops = Drops(begins, expected, spread, returned, self.rise(spread))
        return findings_from(assessed, self.described(drop_episodes(series, drops, window=self.window)))
