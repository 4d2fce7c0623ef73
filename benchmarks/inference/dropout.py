"""How often the interval of the hazard ratio of a recorded status holds the truth, by simulation."""

import argparse
from math import sqrt

import numpy as np

from goldseam.cohort.dropout_after_flag import SessionsAtRisk

FIRST, DROPOUT, PLANNED, FLAGGED, THERAPIST_SD = 4, 0.05, 0.06, 0.08, 0.4


def replication(number: int, ratio: float, args: argparse.Namespace) -> tuple[float, float]:
    """Grouped proportional hazards: planned end competes, status begins at any session; log ratio, half interval."""
    random = np.random.default_rng([number, round(100 * ratio)])
    therapist = random.integers(0, args.therapists, args.cases)
    therapist_log = (
        THERAPIST_SD * random.standard_normal(args.therapists) if args.spread else np.zeros(args.therapists)
    )
    onset = FIRST + random.geometric(FLAGGED, args.cases) - 1
    session = np.arange(FIRST, args.sessions)
    flagged = onset[:, None] <= session
    hazard = DROPOUT * np.exp(therapist_log[therapist])[:, None] * np.where(flagged, ratio, 1.0)
    left = random.random(flagged.shape) < 1 - np.exp(-hazard)
    planned = random.random(flagged.shape) < PLANNED
    ends = left | planned
    last = np.where(ends.any(axis=1), FIRST + ends.argmax(axis=1), args.sessions)
    at = np.minimum(last - FIRST, flagged.shape[1] - 1)
    ended = ends.any(axis=1)
    kinds = np.where(left[np.arange(args.cases), at], "dropout", "planned")
    kinds = np.where(ended, kinds, "ongoing").tolist()
    cluster = therapist if args.spread else np.arange(args.cases)
    rows = SessionsAtRisk.of(np.full(args.cases, FIRST), last, kinds, cluster)
    fit = rows.fitted(onset[rows.case] <= rows.session)
    return fit.log_ratio, rows.reach * fit.error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=15)
    parser.add_argument("--therapists", type=int, default=30)
    parser.add_argument("--spread", action="store_true", help="therapists differ, and are the clusters")
    parser.add_argument("--ratios", type=float, nargs="+", default=[1.0, 2.0, 3.0])
    args = parser.parse_args()
    for ratio in args.ratios:
        found = np.array([replication(number, ratio, args) for number in range(args.replications)])
        off = found[:, 0] - np.log(ratio)
        holds = float((np.abs(off) <= found[:, 1]).mean())
        rejects = float((np.abs(found[:, 0]) > found[:, 1]).mean())
        error = sqrt(holds * (1 - holds) / args.replications)
        print(
            f"ratio {ratio}: off {off.mean():.3f} sd {off.std():.3f} half interval {found[:, 1].mean():.3f} "
            f"holds {holds:.4f} ({error:.4f}) rejects 1 {rejects:.4f}"
        )


if __name__ == "__main__":
    main()
