"""The other side of one with many: whether whom a therapist rates high rates that therapist high, level by level."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.nested_ratings import (
    CLIENT,
    PARTS,
    REST,
    SHARED_SESSION,
    THERAPIST,
    NestedRatings,
    jackknife_half,
)

SHUFFLES, LARGEST = 40, 0.999
WIDEST_HALF = 0.5
SESSION = "session"
LEVELS = (THERAPIST, CLIENT, SESSION)
_PLACES = {
    THERAPIST: [PARTS.index(THERAPIST)],
    CLIENT: [len(PARTS)],
    SESSION: [PARTS.index(SHARED_SESSION), PARTS.index(REST)],
}


@dataclass(frozen=True, eq=False)
class ReciprocalRatings:
    """Ratings by members, with those by their therapist of the same case at the same session.

    Attributes
    ----------
    members : NestedRatings
        Those for which both are known.
    therapist : ndarray of float, shape (n_ratings,)
        The therapist's, around the mean of the session.
    kept : ndarray of int, shape (n_ratings,)
        Which of the cohort's ratings these are.
    """

    members: NestedRatings
    therapist: Floats
    kept: Integers

    @classmethod
    def of(cls, cohort: Cohort, by_therapist: Cohort) -> Self:
        """From the members' ratings and the therapists', matched by case and session.

        Parameters
        ----------
        cohort, by_therapist : Cohort
            One scale each.

        Returns
        -------
        ReciprocalRatings
        """
        series = by_therapist.series
        where = {name: place for place, name in enumerate(cohort.cases.get_column("case"))}
        of = np.array([where.get(name, -1) for name in by_therapist.cases.get_column("case")], np.int64)
        case = of[by_therapist.case][series.series_of]
        span = 1 + max(int(each.session.max(initial=0)) for each in (series, cohort.series))
        size = cohort.n_cases * span
        place = (case * span + series.session)[case >= 0]
        count = np.bincount(place, minlength=size)
        total = np.bincount(place, series.value[case >= 0], minlength=size)
        rated = cohort.case[cohort.series.series_of] * span + cohort.series.session
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(count > 0, total / count, np.nan)[rated]
        known = np.isfinite(own)
        mean = np.bincount(cohort.series.session[known], own[known]) / np.maximum(
            np.bincount(cohort.series.session[known]), 1
        )
        members, kept = NestedRatings.of(cohort, known)
        return cls(members, own[kept] - mean[cohort.series.session[kept]], kept)

    def correlations(self, left_out: int | None = None) -> Floats:
        """Of what both have at each of `LEVELS`; NaN where a variance is not above 0. Without a therapist, if given."""
        x, y = self.members.value, self.therapist
        found = [replace(self.members, value=each).variances(left_out) for each in (x, y, x + y)]
        first, second, both = (np.array([each[_PLACES[level]].sum() for level in LEVELS]) for each in found)
        with np.errstate(invalid="ignore", divide="ignore"):
            usual: Floats = (both - first - second) / 2 / np.sqrt(first * second)
        return np.where((first > 0) & (second > 0), usual, np.nan)

    def shuffled(self, random: np.random.Generator) -> Self:
        """With what therapists have at each level shuffled over its units, so that nothing goes together.

        At all levels at once: what is left of a level around the means of the one above sums to 0 there, and would show
        as a negative correlation if it alone kept its place.
        """
        case = self.members.case[self.members.member]
        therapist = self.members.therapist[case]
        span = int(self.members.session.max()) + 1
        occasion = np.unique(case * span + self.members.session, return_inverse=True)[1]
        of_therapist, of_case, of_occasion = (
            _means(self.therapist, unit)[unit] for unit in (therapist, case, occasion)
        )
        drawn = np.zeros(len(case))
        for own, unit in (
            (of_therapist, therapist),
            (of_case - of_therapist, case),
            (of_occasion - of_case, occasion),
        ):
            drawn += random.permutation(_means(own, unit))[unit]
        return replace(self, therapist=drawn)

    def intervals(self) -> Floats:
        """Correlation at each of `LEVELS`, and the ends of its 95% interval, by a jackknife over therapists.

        Returns
        -------
        ndarray of float, shape (3, 3)
            On Fisher's scale a correlation is spread more evenly, so that it is taken there.
        """
        n = len(self.members.cases_of_therapist)
        values = self.correlations()
        without = np.stack([self.correlations(each) for each in range(n)])
        fisher, others = (np.arctanh(np.clip(each, -LARGEST, LARGEST)) for each in (values, without))
        half = np.array([jackknife_half(others[:, place]) for place in range(len(LEVELS))])
        return np.column_stack([values, np.tanh(fisher - half), np.tanh(fisher + half)])

    def rows(self, seed: int, stream: int) -> list[dict[str, Any]]:
        """A row per level: ``level, correlation`` with ``low, high``, ``chance``, ``refused``.

        Parameters
        ----------
        seed, stream : int
            Of the shuffles.

        Returns
        -------
        list of dict
        """
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream,))))
        several = int((self.members.cases_of_therapist > 1).sum())
        intervals = self.intervals()
        drawn = np.stack([self.shuffled(random).correlations() for _ in range(SHUFFLES)])
        found = []
        for place, level in enumerate(LEVELS):
            few = MINIMUMS["reciprocity"].refusal(several) if level == THERAPIST else None
            value, low, high = (float(each) for each in intervals[place])
            row = {"level": level, **dict.fromkeys(("correlation", "low", "high", "chance", "refused"))}
            if few:
                row["refused"] = few
            elif not np.isfinite(value):
                row["refused"] = "one side does not differ at this level"
            elif not (high - low) / 2 <= WIDEST_HALF:
                row["refused"] = f"the interval reaches further than {WIDEST_HALF:g} to either side"
            else:
                known = drawn[np.isfinite(drawn[:, place]), place]
                chance = float(known.mean()) if len(known) else None
                row |= {"correlation": value, "low": low, "high": high, "chance": chance}
            found.append(row)
        return found


def _means(values: Floats, unit: Integers) -> Floats:
    found: Floats = np.bincount(unit, values) / np.maximum(np.bincount(unit), 1)
    return found
