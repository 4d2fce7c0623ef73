"""One therapist rated by many: shares of therapists, cases, members and sessions in the variance of ratings."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

STREAM, SHUFFLES = 47, 40
THERAPIST, CASE, MEMBER, SHARED_SESSION, REST = "therapist", "case", "member", "session of a case", "rating"
PARTS = (THERAPIST, CASE, MEMBER, SHARED_SESSION, REST)
CLIENT = "case and member"
"""Both together, where too few cases have several members to tell them apart."""


@dataclass(frozen=True, eq=False, repr=False)
class OneWithMany(ShownResult):
    """Shares of the variance of ratings.

    Attributes
    ----------
    table : polars.DataFrame
        A row per part: ``part`` (*therapist*: what all clients of a therapist have in common; *case*: what members of a
        case have in common beyond it; *member*: what a member's ratings have in common beyond it; *session of a case*:
        what members of a case have in common at one session; *rating*: the rest); ``variance`` (points squared, may be
        below 0), ``share`` with ``low, high`` (95%), ``chance`` and ``chance_most``: mean and 95% quantile of the
        share where units are shuffled over the part; ``refused``.
    therapists, cases, members, ratings : int
        Used: cases with a known therapist.
    families : int
        Cases with several members.
    refused : str or None
        Why there is nothing.
    """

    table: "pl.DataFrame"
    therapists: int
    cases: int
    members: int
    ratings: int
    families: int
    refused: str | None = None

    def summary(self) -> str:
        """What was used, and a line per part.

        Returns
        -------
        str
        """
        head = (
            f"One with many: {counted(self.therapists, 'therapist')}, {counted(self.cases, 'case')}, "
            f"{counted(self.members, 'member')}, {counted(self.ratings, 'rating')}"
        )
        if self.refused:
            return f"{head}\nnot enough data: {self.refused}"
        lines = [
            f"{row['part']}: {100 * row['share']:.1f}% ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
            for row in self.table.to_dicts()
            if row["refused"] is None
        ]
        return "\n".join([head, *lines])

    def plot(self) -> Any:
        """Shares with their intervals; crosses are what shuffled units give.

        Returns
        -------
        altair.LayerChart or None
            None where nothing was estimated.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.cohort.study_charts import interval_rows_chart

        rows = [
            {
                "name": row["part"],
                "value": row["share"],
                "low": row["low"],
                "high": row["high"],
                "chance": row["chance"],
            }
            for row in self.table.to_dicts()
            if row["refused"] is None
        ]
        return interval_rows_chart(rows, "share of the variance of ratings")

    def _main_table(self) -> "pl.DataFrame":
        return self.table


def one_with_many(
    ratings: Ratings,
    cases: Any,
    *,
    scale: str | None = None,
    phase: str | None = None,
    higher_is_better: bool = True,
    seed: int = 1,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> OneWithMany:
    """Split the variance of ratings of therapists by their clients (one with many: Kenny, Kashy & Cook 2006, ch. 10).

    Parameters
    ----------
    ratings, cases, scale, phase, higher_is_better
        As for `goldseam.episode_prevalence`; the cases table says who the therapist is.
    seed : int
        Of the shuffled units.
    missing, outlying, reading
        As for `goldseam.detect`.

    Returns
    -------
    OneWithMany
        Refused with fewer than ten therapists with two cases.

    Raises
    ------
    TableError
        A table cannot be used.
    """
    cohort = read_cohort(
        ratings,
        cases,
        scale=scale,
        phase=phase,
        higher_is_better=higher_is_better,
        missing=missing,
        outlying=outlying,
        reading=reading,
    )
    return one_with_many_of(cohort, seed=seed)


def one_with_many_of(cohort: Cohort, *, seed: int) -> OneWithMany:
    """As `one_with_many`, of a cohort that was read.

    Parameters
    ----------
    cohort : Cohort
        Whose cases have therapists.
    seed : int
        Of the shuffled units.

    Returns
    -------
    OneWithMany
    """
    import polars as pl

    nested = NestedRatings.of(cohort)
    several = int((nested.cases_of_therapist > 1).sum())
    families = int((nested.members_of_case > 1).sum())
    facts = (
        len(nested.cases_of_therapist),
        len(nested.members_of_case),
        len(nested.case),
        len(nested.value),
        families,
    )
    refused = MINIMUMS["one with many"].refusal(several)
    if refused is None and not nested.value.any():
        refused = "ratings do not vary"
    if refused:
        return OneWithMany(pl.DataFrame(), *facts, refused)
    few = MINIMUMS["members"].refusal(families)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAM,))))
    rows = [_row(nested, part, few, random) for part in PARTS]
    if few:
        rows.insert(2, _row(nested, CLIENT, None, random))
    return OneWithMany(pl.DataFrame(rows, infer_schema_length=None), *facts)


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
    def of(cls, cohort: Cohort) -> "NestedRatings":
        """The ratings of cases whose therapist is known."""
        import polars as pl

        series = cohort.series
        names = cohort.cases.get_column("therapist")
        known = names.is_not_null().to_numpy()
        chosen = known[cohort.case] & (series.lengths > 0)
        rows = chosen[series.series_of]
        member = np.unique(series.series_of[rows], return_inverse=True)[1]
        cases, case = np.unique(cohort.case[chosen], return_inverse=True)
        codes = names.cast(pl.String).gather(cases).rank("dense").cast(pl.Int64).to_numpy() - 1
        session, value = series.session[rows], series.value[rows]
        mean = np.bincount(session, value) / np.maximum(np.bincount(session), 1)
        return cls(value - mean[session], member.astype(np.int64), session, case.astype(np.int64), codes)

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


def _row(nested: NestedRatings, part: str, few: str | None, random: np.random.Generator) -> dict[str, Any]:
    """A part with its share, the interval of a jackknife over therapists, and what shuffled units give."""
    from scipy.special import stdtrit

    names = ("variance", "share", "low", "high", "chance", "chance_most", "refused")
    if few is not None and part in (CASE, MEMBER, SHARED_SESSION):
        return {"part": part} | dict.fromkeys(names) | {"refused": few}
    place = (*PARTS, CLIENT).index(part)
    variance, share = nested.variances()[place], nested.shares()[place]
    n = len(nested.cases_of_therapist)
    without = np.array([nested.shares(each)[place] for each in range(n)])
    half = float(stdtrit(n - 1, 0.975) * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    chance: tuple[float | None, float | None] = (None, None)
    if part != REST:
        drawn = [nested.shuffled(part, random).shares()[place] for _ in range(SHUFFLES)]
        chance = float(np.mean(drawn)), float(np.quantile(drawn, 0.95))
    figures = (float(variance), float(share), float(share) - half, float(share) + half, *chance, None)
    return {"part": part} | dict(zip(names, figures, strict=True))
