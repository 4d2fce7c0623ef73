"""One therapist rated by many: shares of therapists, cases, members and sessions in the variance of ratings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Integers
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.nested_ratings import (
    CASE,
    CLIENT,
    MEMBER,
    PARTS,
    REST,
    SHARED_SESSION,
    NestedRatings,
)
from goldseam.cohort.reciprocal_ratings import LEVELS, ReciprocalRatings
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

STREAM, RECIPROCAL_STREAM, SHUFFLES = 47, 48, 40


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
    reciprocity : polars.DataFrame
        Empty unless therapists' ratings are given. A row per level (*therapist*, *case and member*, *session*): the
        ``correlation`` between what members' ratings and their therapist's have there, with ``low, high`` (95%) and
        ``chance`` (what therapists have at each level shuffled over its units); ``refused``.
    refused : str or None
        Why there is nothing.
    used : polars.DataFrame or None
        The ratings it was estimated from: ``therapist, case, member`` (numbers), ``session, rating`` and, where
        therapists' are given, ``therapists_rating``, both around the mean of all at the session.
    """

    table: "pl.DataFrame"
    therapists: int
    cases: int
    members: int
    ratings: int
    families: int
    reciprocity: "pl.DataFrame"
    refused: str | None = None
    used: "pl.DataFrame | None" = None

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
    therapist_scale: str | None = None,
    therapist_phase: str | None = None,
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
    therapist_scale, therapist_phase : str, optional
        Of therapists' ratings of their cases, in the same table: the other side of the reciprocal design.
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
    options: dict[str, Any] = {"missing": missing, "outlying": outlying, "reading": reading}
    cohort = read_cohort(
        ratings, cases, scale=scale, phase=phase, higher_is_better=higher_is_better, **options
    )
    other = None
    if therapist_scale is not None:
        other = read_cohort(
            ratings,
            scale=therapist_scale,
            phase=therapist_phase,
            of="therapist",
            higher_is_better=higher_is_better,
            **options,
        )
    return one_with_many_of(cohort, other, seed=seed)


def one_with_many_of(cohort: Cohort, by_therapist: Cohort | None = None, *, seed: int) -> OneWithMany:
    """As `one_with_many`, of a cohort that was read.

    Parameters
    ----------
    cohort : Cohort
        Whose cases have therapists.
    by_therapist : Cohort, optional
        Therapists' ratings of the same cases.
    seed : int
        Of the shuffled units.

    Returns
    -------
    OneWithMany
    """
    import polars as pl

    nested, rated = NestedRatings.of(cohort)
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
        return OneWithMany(pl.DataFrame(), *facts, pl.DataFrame(), refused)
    few = MINIMUMS["members"].refusal(families)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAM,))))
    rows = [_row(nested, part, few, random) for part in PARTS]
    if few:
        rows.insert(2, _row(nested, CLIENT, None, random))
    table = pl.DataFrame(rows, infer_schema_length=None)
    both = None if by_therapist is None else ReciprocalRatings.of(cohort, by_therapist)
    return OneWithMany(table, *facts, _reciprocity(both, seed), used=_used(nested, rated, both))


def _used(nested: NestedRatings, rated: Integers, both: ReciprocalRatings | None) -> "pl.DataFrame":
    """A row per rating, with the therapist's of the same case and session."""
    import polars as pl

    case = nested.case[nested.member]
    numbers = {"therapist": nested.therapist[case] + 1, "case": case + 1, "member": nested.member + 1}
    table = pl.DataFrame(numbers | {"session": nested.session, "rating": nested.value})
    if both is None:
        return table
    other = np.full(len(rated), np.nan)
    other[np.searchsorted(rated, both.kept)] = both.therapist
    return table.with_columns(pl.Series("therapists_rating", other).fill_nan(None))


def _reciprocity(both: ReciprocalRatings | None, seed: int) -> "pl.DataFrame":
    """Refused alike at every level where too few therapists have rated two cases."""
    import polars as pl

    if both is None:
        return pl.DataFrame()
    several = int((both.members.cases_of_therapist > 1).sum())
    if why := MINIMUMS["one with many"].refusal(several):
        names = ("correlation", "low", "high", "chance")
        return pl.DataFrame([{"level": each, **dict.fromkeys(names), "refused": why} for each in LEVELS])
    return pl.DataFrame(both.rows(seed, RECIPROCAL_STREAM), infer_schema_length=None)


def _row(nested: NestedRatings, part: str, few: str | None, random: np.random.Generator) -> dict[str, Any]:
    """A part with its share, the interval of a jackknife over therapists, and what shuffled units give."""
    names = ("variance", "share", "low", "high", "chance", "chance_most", "refused")
    if few is not None and part in (CASE, MEMBER, SHARED_SESSION):
        return {"part": part} | dict.fromkeys(names) | {"refused": few}
    place = (*PARTS, CLIENT).index(part)
    variance, share = nested.variances()[place], nested.shares()[place]
    chance: tuple[float | None, float | None] = (None, None)
    if part != REST:
        drawn = [nested.shuffled(part, random).shares()[place] for _ in range(SHUFFLES)]
        chance = float(np.mean(drawn)), float(np.quantile(drawn, 0.95))
    figures = (float(variance), float(share), *nested.interval(part), *chance, None)
    return {"part": part} | dict(zip(names, figures, strict=True))
