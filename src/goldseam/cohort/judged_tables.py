"""Tables in which nothing happens, judged by the primary criterion once for all questions that ask for them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.progress import with_progress
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

AT_ONCE = 10
KEPT, MOST_RATINGS_KEPT = 4, 2_000_000
"""Blocks of tables that several questions ask for, and how many ratings they may have to be kept."""


class JudgedTables:
    """The tables of the full fit, by tens, from the first on.

    Parameters
    ----------
    counter, model
        Of the cohort, or of those of its cases whose sessions drawn tables have.
    own : polars.DataFrame, optional
        The events of the cohort's own table, where they are known.
    """

    def __init__(
        self, counter: EpisodeCounter, model: ChanceModel, own: "pl.DataFrame | None" = None
    ) -> None:
        self.own = own
        self.counter, self._model = counter, model
        self._bootstrap = model.tables(model.norms)
        self._blocks: dict[int, tuple[RatingSeries, pl.DataFrame]] = {}

    def blocks(self, tables: int, what: str) -> "Iterator[tuple[RatingSeries, pl.DataFrame]]":
        """So many tables, ten at a time, each with its events.

        Parameters
        ----------
        tables : int
            A multiple of ten.
        what : str
            In a word or two, before the bar.

        Yields
        ------
        drawn : RatingSeries
            Ten tables, one after the other.
        events : polars.DataFrame
            Of the primary criterion.
        """
        for place in with_progress(range(tables // AT_ONCE), what):
            yield self._block(place)

    def _block(self, place: int) -> "tuple[RatingSeries, pl.DataFrame]":
        if place in self._blocks:
            return self._blocks[place]
        drawn = self._bootstrap.draw(range(place * AT_ONCE, (place + 1) * AT_ONCE))
        found = drawn, self.counter.judged(self.counter.criteria[0], drawn, self._model.norms)
        if place < KEPT and KEPT * len(drawn.value) <= MOST_RATINGS_KEPT:
            self._blocks[place] = found
        return found


def own_events(counter: EpisodeCounter, model: ChanceModel, judged: JudgedTables | None) -> "pl.DataFrame":
    """The events of the primary criterion in the cohort's own table.

    Parameters
    ----------
    counter, model
        Of the cohort.
    judged : JudgedTables, optional
        That may know them.

    Returns
    -------
    polars.DataFrame
    """
    if judged is not None and judged.own is not None:
        return judged.own
    return counter.judged(counter.criteria[0], counter.cohort.series, model.norms)
