"""How often the intervals of reciprocity, therapists and members rating each other, hold the truth, by simulation."""

import argparse
from functools import partial

import numpy as np
import polars as pl

from benchmarks.inference.many import CASES, SESSIONS
from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.arrays import Floats
from goldseam.cohort.nested_ratings import NestedRatings
from goldseam.cohort.reciprocal_ratings import LEVELS, WIDEST_HALF, ReciprocalRatings

SDS = (0.5, 0.8, 0.5)
"""Of therapist, case, session of a case; members (.9) and single ratings (1) differ on the members' side alone."""
MEMBER, RATING = 0.9, 1.0
NAMES = dict(zip(LEVELS, ("therapist", "client", "session"), strict=True))


def both_sides(random: np.random.Generator, therapists: int, correlations: list[float]) -> ReciprocalRatings:
    """Eight cases a therapist, half of them couples, five to eleven sessions; correlations of what cases share."""
    therapist = np.repeat(np.arange(therapists), CASES)
    case = np.repeat(np.arange(len(therapist)), np.tile([2, 1], len(therapist) // 2))
    length = random.integers(*SESSIONS, len(therapist))
    member = np.repeat(np.arange(len(case)), length[case])
    session = np.arange(len(member)) - np.repeat(np.cumsum(length[case]) - length[case], length[case]) + 1
    of = case[member]

    def pair(sd: float, correlation: float, size: tuple[int, ...]) -> Floats:
        first, second = random.standard_normal((2, *size))
        found: Floats = sd * np.stack([first, correlation * first + np.sqrt(1 - correlation**2) * second])
        return found

    parts = [
        pair(SDS[0], correlations[0], (therapists,))[:, therapist[of]],
        pair(SDS[1], correlations[1], (len(therapist),))[:, of],
        pair(SDS[2], correlations[2], (len(therapist), SESSIONS[1]))[:, of, session],
    ]
    value, theirs = sum(parts)
    value = value + MEMBER * random.standard_normal(len(case))[member]
    value = value + RATING * random.standard_normal(len(member))

    def around(ratings: Floats) -> Floats:
        found: Floats = (
            ratings - (np.bincount(session, ratings) / np.maximum(np.bincount(session), 1))[session]
        )
        return found

    nested = NestedRatings(around(value), member, session, case, therapist)
    return ReciprocalRatings(nested, around(theirs), np.arange(len(member)))


def truths(correlations: list[float]) -> dict[str, float]:
    """Of each level: what members have beside their case, and single ratings, makes the correlation smaller."""
    of_client = SDS[1] / np.hypot(SDS[1], MEMBER)
    of_session = SDS[2] / np.hypot(SDS[2], RATING)
    sizes = (1.0, float(of_client), float(of_session))
    return dict(
        zip(
            NAMES.values(), (each * size for each, size in zip(correlations, sizes, strict=True)), strict=True
        )
    )


def replication(number: int, therapists: float, args: argparse.Namespace) -> Row:
    """Correlations with their intervals; none where one side does not differ at a level, also without a therapist."""
    random = np.random.default_rng([number, int(therapists)])
    row: Row = {}
    for name, (value, low, high) in zip(
        NAMES.values(), both_sides(random, int(therapists), args.correlations).intervals(), strict=True
    ):
        known = np.isfinite([value, low, high]).all()
        found = (float(value), float(low), float(high)) if known else (None,) * 3
        row |= dict(zip((f"{name}_d", f"{name}_low", f"{name}_high"), found, strict=True))
    return row


def main() -> None:
    parser = loop_parser(__doc__, "reciprocity.csv", 2000)
    parser.add_argument("--therapists", type=int, nargs="+", default=[10, 20, 40])
    parser.add_argument("--correlations", type=float, nargs=3, default=[0.5, 0.4, 0.3])
    args = parser.parse_args()
    rows = run_replications(args, "therapists", args.therapists, partial(replication, args=args))
    for therapists, each in by_cell(rows, "therapists"):
        print(f"{therapists:.0f} therapists, {each.height} replications")
        for name, truth in truths(args.correlations).items():
            shown = each.filter((pl.col(f"{name}_high") - pl.col(f"{name}_low")) / 2 <= WIDEST_HALF)
            for kind, of in (("all", each), ("shown in a study", shown)):
                found = Coverage.of(of, name, truth)
                if found is not None:
                    print(f"  {name} ({truth:.3f}), {kind}", found.line())


if __name__ == "__main__":
    main()
