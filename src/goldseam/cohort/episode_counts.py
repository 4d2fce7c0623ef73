"""What is counted of each case in a table of ratings: numerators and denominators of every share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.cohort_data import Cohort
from goldseam.detection.engine.criterion import Criterion, judge_in_blocks
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

FEWEST_RATINGS = 6
EARLIER_RATINGS = 3
MOST_KINDS = 8
LOOKS = 5
"""Sessions that could be judged of each member, where groups are compared: as many for all."""
PHASES = (("sessions 1 to 5", 1, 5), ("sessions 6 to 10", 6, 10), ("session 11 and later", 11, 10**9))


@dataclass(frozen=True, slots=True)
class CountedShare:
    """One share that is counted.

    Parameters
    ----------
    question : {"criterion", "phase", "modality", "member"}
        What it belongs to.
    group : str
        Criterion, phase, modality or kind of member.
    unit : str
        What is counted.
    """

    question: str
    group: str
    unit: str


@dataclass(frozen=True, eq=False)
class EpisodeCounter:
    """Counts episodes case by case, in the cohort's table or in tables drawn like it.

    Attributes
    ----------
    cohort : Cohort
        Whose sessions and cases they are.
    criteria : tuple of Criterion
        The first is the primary one, which alone is counted by phase and group.
    shares : tuple of CountedShare
        What is counted.
    of : ndarray of float, shape (n_cases, n_shares)
        Denominators.
    """

    cohort: Cohort
    criteria: tuple[Criterion, ...]
    shares: tuple[CountedShare, ...]
    of: Floats
    _groups: tuple[Integers, ...]

    @classmethod
    def prepared(cls, cohort: Cohort, criteria: Sequence[Criterion]) -> "EpisodeCounter":
        """Say what is counted, and of how many."""
        series = cohort.series
        shares = [
            CountedShare("criterion", each.id, f"cases with {FEWEST_RATINGS} ratings or more")
            for each in criteria
        ]
        counted = np.zeros(cohort.n_cases, np.bool_)
        counted[cohort.case[series.lengths >= FEWEST_RATINGS]] = True
        of = [counted.astype(np.float64)] * len(criteria)
        looks = series.position >= EARLIER_RATINGS
        owner = cohort.case[series.series_of]
        for name, first, last in PHASES:
            inside = looks & (series.session >= first) & (series.session <= last)
            shares.append(CountedShare("phase", name, "sessions that could be judged"))
            of.append(np.bincount(owner[inside], minlength=cohort.n_cases).astype(np.float64))
        groups = []
        for question, names in (("modality", _modalities(cohort)), ("member", _raters(cohort))):
            for name in sorted({*names} - {""}):
                members = np.flatnonzero(
                    (np.array(names) == name) & (series.lengths >= EARLIER_RATINGS + LOOKS)
                )
                shares.append(CountedShare(question, name, f"members, first {LOOKS} looks"))
                of.append(np.bincount(cohort.case[members], minlength=cohort.n_cases).astype(np.float64))
                groups.append(members)
        return cls(cohort, tuple(criteria), tuple(shares), np.stack(of, axis=1), tuple(groups))

    def counted(
        self, series: RatingSeries, tables: int, norms: Norms, primary: "pl.DataFrame | None" = None
    ) -> Floats:
        """Numerators of every share in so many tables, one after the other in the series.

        `primary`: the events of the primary criterion in them, where they are known.

        Returns
        -------
        ndarray of float, shape (tables, n_cases, n_shares)
        """
        first = self.judged(self.criteria[0], series, norms) if primary is None else primary
        others = [self.judged(criterion, series, norms) for criterion in self.criteria[1:]]
        columns = [self._flagged_cases(events, tables) for events in (first, *others)]
        columns += self._by_phase(first, tables)
        columns += self._by_group(first, series, tables)
        return np.stack(columns, axis=2)

    def judged(self, criterion: Criterion, series: RatingSeries, norms: Norms) -> "pl.DataFrame":
        """The events of a criterion; ``series`` is the number of the series."""
        return judge_in_blocks(criterion, series, norms, higher_is_better=True).events

    def split(self, events: "pl.DataFrame") -> tuple[Integers, Integers]:
        """Of each event: the number of its table, and of its series in it."""
        place = events.get_column("series").to_numpy().astype(np.int64)
        table, series = np.divmod(place, self.cohort.series.n_series)
        return table, series

    def _flagged_cases(self, events: "pl.DataFrame", tables: int) -> Floats:
        table, series = self.split(events)
        long = self.cohort.series.lengths[series] >= FEWEST_RATINGS
        flags = np.zeros((tables, self.cohort.n_cases))
        flags[table[long], self.cohort.case[series[long]]] = 1.0
        return flags

    def _by_phase(self, events: "pl.DataFrame", tables: int) -> list[Floats]:
        table, series = self.split(events)
        session = events.get_column("onset_session").to_numpy()
        return [
            self._summed(table, series, (session >= first) & (session <= last), tables)
            for _name, first, last in PHASES
        ]

    def _by_group(self, events: "pl.DataFrame", drawn: RatingSeries, tables: int) -> list[Floats]:
        """Members flagged within their first looks."""
        table, series = self.split(events)
        early = onset_positions(events, drawn) < EARLIER_RATINGS + LOOKS
        seen = np.zeros((tables, self.cohort.series.n_series), np.bool_)
        seen[table[early], series[early]] = True
        found = []
        for members in self._groups:
            counts = np.zeros((tables, self.cohort.n_cases))
            where = np.nonzero(seen[:, members])
            np.add.at(counts, (where[0], self.cohort.case[members[where[1]]]), 1.0)
            found.append(counts)
        return found

    def _summed(self, table: Integers, series: Integers, chosen: Flags, tables: int) -> Floats:
        counts = np.zeros((tables, self.cohort.n_cases))
        np.add.at(counts, (table[chosen], self.cohort.case[series[chosen]]), 1.0)
        return counts


def onset_positions(events: "pl.DataFrame", series: RatingSeries) -> Integers:
    """How many earlier ratings each onset had.

    Parameters
    ----------
    events : polars.DataFrame
        With ``series`` and ``onset_session``.
    series : RatingSeries
        That the events were found in.

    Returns
    -------
    ndarray of int, shape (n_events,)
    """
    wide = int(series.session.max(initial=0)) + 2
    at = series.series_of * wide + series.session
    owner = events.get_column("series").to_numpy().astype(np.int64)
    found = np.searchsorted(at, owner * wide + events.get_column("onset_session").to_numpy())
    positions: Integers = found - series.starts[owner]
    return positions


def _modalities(cohort: Cohort) -> list[str]:
    names = cohort.cases.get_column("modality").fill_null("").to_list()
    return [names[case] for case in cohort.case]


def _raters(cohort: Cohort) -> list[str]:
    """Kind of member, where there are several and the names are kinds rather than persons."""
    raters = [str(name) for name in cohort.series.keys.get_column("rater")]
    return raters if 1 < len({*raters}) <= MOST_KINDS else [""] * len(raters)
