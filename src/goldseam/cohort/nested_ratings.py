"""Ratings of therapists by members of cases, and how much of their variance lies at which level."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.cohort_data import Cohort

THERAPIST, CASE, MEMBER, SHARED_SESSION, REST = "therapist", "case", "member", "session of a case", "rating"
SMALLEST = 1e-3  # of the noise, where a share below 0 takes all of it
PARTS = (THERAPIST, CASE, MEMBER, SHARED_SESSION, REST)
CLIENT = "case and member"
"""Both together, where too few cases have several members to tell them apart."""


@dataclass(frozen=True, eq=False)
class NestedRatings:
    """Ratings around the mean of their session, in members, cases and therapists, all numbered from 0 on.

    Attributes
    ----------
    value : ndarray of float, shape (n_ratings,)
    member, session : ndarray of int, shape (n_ratings,)
        Whose, and the session's number.
    case : ndarray of int, shape (n_members,)
        Of each member.
    therapist : ndarray of int, shape (n_cases,)
        Of each case.
    """

    value: Floats
    member: Integers
    session: Integers
    case: Integers
    therapist: Integers

    @classmethod
    def of(cls, cohort: Cohort, wanted: Flags | None = None) -> tuple["NestedRatings", Integers]:
        """The ratings of cases whose therapist is known, and which of the cohort's ratings these are.

        Parameters
        ----------
        cohort : Cohort
            With therapists.
        wanted : ndarray of bool, shape (n_ratings,), optional
            Others are left out.

        Returns
        -------
        NestedRatings
        ndarray of int
        """
        import polars as pl

        series = cohort.series
        names = cohort.cases.get_column("therapist")
        known = names.is_not_null().to_numpy()
        mine = known[cohort.case][series.series_of]
        rows = np.flatnonzero(mine if wanted is None else mine & wanted)
        chosen, member = np.unique(series.series_of[rows], return_inverse=True)
        cases, case = np.unique(cohort.case[chosen], return_inverse=True)
        codes = names.cast(pl.String).gather(cases).rank("dense").cast(pl.Int64).to_numpy() - 1
        session, value = series.session[rows], series.value[rows]
        mean = np.bincount(session, value) / np.maximum(np.bincount(session), 1)
        found = cls(value - mean[session], member.astype(np.int64), session, case.astype(np.int64), codes)
        return found, rows

    @property
    def members_of_case(self) -> Integers:
        """Number of members of each case."""
        return np.bincount(self.case)

    @property
    def cases_of_therapist(self) -> Integers:
        """Number of cases of each therapist."""
        return np.bincount(self.therapist)

    @cached_property
    def products(self) -> Floats:
        """Products of pairs of ratings, and how much they count, summed for each therapist; shape (2, 5, n_therapists).

        Every member counts alike. In turn: a rating with itself; two of a member; of two members of a case at one
        session; of two members at two sessions; of two cases of a therapist.
        """
        weight = 1 / np.bincount(self.member)[self.member]
        return np.stack([self._pairs(weight * self.value), self._pairs(weight)])

    def _pairs(self, x: Floats) -> Floats:
        n = len(self.cases_of_therapist)
        of_case, of_rating = self.therapist, self.therapist[self.case[self.member]]
        of_member = self.therapist[self.case]
        by_member: Floats = np.bincount(self.member, x).astype(np.float64)
        by_case: Floats = np.bincount(self.case, by_member).astype(np.float64)
        by_therapist: Floats = np.bincount(self.therapist, by_case).astype(np.float64)
        keys, place = np.unique(
            self.case[self.member] * (int(self.session.max()) + 1) + self.session, return_inverse=True
        )
        by_occasion: Floats = np.bincount(place, x).astype(np.float64)
        of_occasion = self.therapist[keys // (int(self.session.max()) + 1)]

        def squares(sums: Floats, owner: Integers) -> Floats:
            return np.bincount(owner, sums**2, n).astype(np.float64)

        ratings, members = squares(x, of_rating), squares(by_member, of_member)
        cases, occasions = squares(by_case, of_case), squares(by_occasion, of_occasion) - ratings
        return np.stack(
            [
                ratings,
                members - ratings,
                occasions,
                cases - members - occasions,
                by_therapist**2 - cases,
                by_therapist,
            ]
        )

    def variances(self, left_out: int | None = None) -> Floats:
        """Variance of each of `PARTS`, and of case and member together; without a therapist, if one is given."""
        sums, counts = (
            each if left_out is None else np.delete(each, left_out, axis=1) for each in self.products
        )
        apart = [each[5].sum() ** 2 - (each[5] ** 2).sum() for each in (sums, counts)]
        with np.errstate(invalid="ignore", divide="ignore"):
            itself, member, occasion, case, therapist = sums[:5].sum(axis=1) / counts[:5].sum(axis=1)
            none = apart[0] / apart[1]
        no_families = not counts[3].sum() > 0
        together = 0.0 if no_families else occasion - case
        case = therapist if no_families else case
        return np.array(
            [
                therapist - none,
                case - therapist,
                member - case,
                together,
                itself - member - together,
                member - therapist,
            ]
        )

    def shares(self, left_out: int | None = None) -> Floats:
        """The same as shares of their sum."""
        found = self.variances(left_out)
        shares: Floats = found / found[: len(PARTS)].sum()
        return shares

    @property
    def noise(self) -> float:
        """Variance of a therapist's mean were therapists alike, as a share of all variance."""
        sums, counts = self.products
        own = sums[:4].sum(axis=0) / counts[5] ** 2
        return float(own.mean() / self.variances()[: len(PARTS)].sum())

    def interval(self, part: str) -> tuple[float, float]:
        """A 95% interval of the share of a part, by a jackknife over therapists.

        The share of few therapists has a skewed distribution: that of the logarithm of its odds, noise added, which
        goes with the logarithm of a variance ratio, is more even (Arvesen 1970, Annals of Mathematical Statistics 41,
        2076).

        Parameters
        ----------
        part : str
            One of `PARTS`, or `CLIENT`.

        Returns
        -------
        low, high : float
        """
        place = (*PARTS, CLIENT).index(part)
        n = len(self.cases_of_therapist)
        share = float(self.shares()[place])
        without = np.array([self.shares(each)[place] for each in range(n)])
        if part != THERAPIST:
            half = jackknife_half(without)
            return share - half, share + half
        noise = self.noise
        value, others = (np.log(np.maximum(noise + x / (1 - x), SMALLEST * noise)) for x in (share, without))
        half = jackknife_half(others)
        odds = [float(np.exp(value + each)) - noise for each in (-half, half)]
        return odds[0] / (1 + odds[0]), odds[1] / (1 + odds[1])

    def shuffled(self, part: str, random: np.random.Generator) -> "NestedRatings":
        """With units shuffled, so that the part has no variance: cases over therapists, members over cases, ratings."""
        if part == THERAPIST:
            return NestedRatings(
                self.value, self.member, self.session, self.case, random.permutation(self.therapist)
            )
        if part == CASE:  # members keep their therapist
            owner = self.therapist[self.case]
            order, slots = np.lexsort((random.random(len(owner)), owner)), np.argsort(owner, kind="stable")
            case = self.case.copy()
            case[order] = self.case[slots]
            return NestedRatings(self.value, self.member, self.session, case, self.therapist)
        order, slots = (
            np.lexsort((random.random(len(self.value)), self.session)),
            np.argsort(self.session, kind="stable"),
        )
        value = self.value.copy()
        value[order] = self.value[slots]
        return NestedRatings(value, self.member, self.session, self.case, self.therapist)


def jackknife_half(without: Floats) -> float:
    """Half a 95% interval, from a figure without each therapist in turn; of t with one df fewer than therapists.

    Parameters
    ----------
    without : ndarray of float, shape (n_therapists,)
        The figure without each.

    Returns
    -------
    float
    """
    from scipy.special import stdtrit

    n = len(without)
    return float(stdtrit(n - 1, 0.975) * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
