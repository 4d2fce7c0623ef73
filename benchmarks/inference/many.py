"""How often the intervals of shares of variance, one therapist being rated by many, hold the truth, by simulation."""

import argparse
from functools import partial

import numpy as np

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.cohort.nested_ratings import PARTS, NestedRatings

CASES, SESSIONS = 8, (5, 12)
SDS = (0.8, 0.9, 0.5, 1.0)
"""Of case, member, session of a case, rating."""


def nested(random: np.random.Generator, therapists: int, therapist_sd: float) -> NestedRatings:
    """Eight cases a therapist, half of them couples; five to eleven sessions."""
    therapist = np.repeat(np.arange(therapists), CASES)
    case = np.repeat(np.arange(len(therapist)), np.tile([2, 1], len(therapist) // 2))
    length = random.integers(*SESSIONS, len(therapist))
    member = np.repeat(np.arange(len(case)), length[case])
    session = np.arange(len(member)) - np.repeat(np.cumsum(length[case]) - length[case], length[case]) + 1
    of_case, of_member, of_session, rating = SDS
    shared = random.standard_normal((len(therapist), SESSIONS[1]))
    value = therapist_sd * random.standard_normal(therapists)[therapist][case][member]
    value += of_case * random.standard_normal(len(therapist))[case][member]
    value += of_member * random.standard_normal(len(case))[member]
    value += of_session * shared[case[member], session] + rating * random.standard_normal(len(member))
    mean = np.bincount(session, value) / np.maximum(np.bincount(session), 1)
    return NestedRatings(value - mean[session], member, session, case, therapist)


def replication(number: int, therapists: float, args: argparse.Namespace) -> Row:
    """Shares with their intervals."""
    random = np.random.default_rng([number, int(therapists)])
    found = nested(random, int(therapists), args.therapist_sd)
    shares = found.shares()
    row: Row = {}
    for part, value in zip(PARTS, shares, strict=False):
        low, high = found.interval(part)
        row |= {f"{part}_d": float(value), f"{part}_low": low, f"{part}_high": high}
    return row


def main() -> None:
    parser = loop_parser(__doc__, "many.csv", 2000)
    parser.add_argument("--therapists", type=int, nargs="+", default=[10, 20, 40])
    parser.add_argument("--therapist-sd", type=float, default=0.5)
    args = parser.parse_args()
    rows = run_replications(args, "therapists", args.therapists, partial(replication, args=args))
    variances = np.array([args.therapist_sd, *SDS]) ** 2
    for therapists, each in by_cell(rows, "therapists"):
        print(f"{therapists:.0f} therapists, {each.height} replications")
        for part, truth in zip(PARTS, variances / variances.sum(), strict=True):
            found = Coverage.of(each, part, float(truth))
            if found is not None:
                print(f"  {part} ({truth:.3f})", found.line())


if __name__ == "__main__":
    main()
