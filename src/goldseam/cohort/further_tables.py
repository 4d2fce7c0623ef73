"""The tables of a study beside ratings and cases: read before anything is computed, and what of them does not match."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldseam.cohort.case_crossover import sessions_table
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.emulated_trials import outcomes_table
from goldseam.cohort.noted_features import episodes_table
from goldseam.series.keyed_tables import KeyedTable

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class FurtherTables:
    """What is known of episodes, sessions and outcomes.

    Attributes
    ----------
    episodes, sessions, outcomes : KeyedTable or None
        None where it was not given.
    cautions : tuple of str
        What of them does not match the ratings, in sentences.
    """

    episodes: KeyedTable | None
    sessions: KeyedTable | None
    outcomes: KeyedTable | None
    cautions: tuple[str, ...]

    @classmethod
    def read(cls, cohort: Cohort, *, episodes: Any, sessions: Any, outcomes: Any) -> "FurtherTables":
        """Read them.

        Parameters
        ----------
        cohort : Cohort
            Whose cases and sessions they are about.
        episodes, sessions, outcomes
            As for `goldseam.study`.

        Returns
        -------
        FurtherTables

        Raises
        ------
        TableError
            One cannot be used, or has no row of these cases.
        """
        noted = None if episodes is None else episodes_table(episodes)
        recorded = None if sessions is None else sessions_table(sessions)
        known = None if outcomes is None else outcomes_table(outcomes)
        cases = cohort.cases.select("case")
        said: list[str] = []
        if noted is not None:
            # most cases have no episode
            said += noted.cautions(cases, complete=False)
        if recorded is not None:
            said += recorded.cautions(_rated_sessions(cohort))
        if known is not None:
            said += known.cautions(cases)
        return cls(noted, recorded, known, tuple(said))


def _rated_sessions(cohort: Cohort) -> "pl.DataFrame":
    import polars as pl

    series = cohort.series
    cases = series.keys.get_column("case").cast(pl.String)[series.series_of]
    sessions = pl.Series(series.session, dtype=pl.Int64)
    return pl.DataFrame({"case": cases, "session": sessions}).unique(maintain_order=True)
