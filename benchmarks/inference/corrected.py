"""How often the interval of the corrected prevalence holds the truth: goldseam.cohort.episode_prevalence, resumable."""

import argparse
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam import detect, fit_norms, simulate
from goldseam.cohort.corrected_share import corrected_shares
from goldseam.cohort.prevalence import episode_prevalence
from goldseam.simulate import MODELS

CONFIRMED = 100
CASES_FOR_SENSITIVITY = 6000


def model(share: float):
    return replace(MODELS["items"], episode_share=share)


def true_sensitivity(share: float, sessions: int, fit_share: float) -> float:
    """Share of cases with a dip that are flagged, with norms fitted to cases of which `fit_share` have one."""
    norms = fit_norms(simulate(cases=1000, sessions=sessions, seed=77, model=model(fit_share)).ratings)
    drawn = simulate(cases=CASES_FOR_SENSITIVITY, sessions=sessions, seed=78, model=model(share))
    series = detect(drawn.ratings, norms=norms).series
    struck = series.filter(pl.col("case").is_in(drawn.truth.get_column("case").implode()))
    return float((struck.get_column("n_events") > 0).mean())


def replication(number: int, share: float, args: argparse.Namespace, sensitivity: float) -> Row:
    ratings = simulate(
        cases=args.cases, sessions=args.sessions, seed=1000 + number, model=model(share)
    ).ratings
    confirmed = (int(np.random.default_rng(number).binomial(CONFIRMED, sensitivity)), CONFIRMED)
    found = episode_prevalence(ratings, others=(), draws=args.draws, seed=number, confirmed=confirmed)
    counts, counter = found.counts, found.counter
    marks = pl.DataFrame({"depth_sd": [2.5], "sessions": [1], "sensitivity": [sensitivity], "error": [0.0]})
    import goldseam.cohort.corrected_share as module

    module.SENSITIVITIES = (sensitivity,)
    given = corrected_shares(counter.of[:, 0], counts, marks, confirmed=None, seed=number).curve.row(
        0, named=True
    )
    row = found.table.row(0, named=True)
    figure = found.corrected.figure or (None, None, None)
    return {
        "observed": row["observed"],
        "chance": row["chance"],
        "excess_low": row["excess_low"],
        "excess_high": row["excess_high"],
        "corrected": given["corrected"],
        "low": given["low"],
        "high": given["high"],
        "figure": figure[0],
        "figure_low": figure[1],
        "figure_high": figure[2],
    }


def main() -> None:
    parser = loop_parser(__doc__, "corrected.csv", 200)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.3])
    args = parser.parse_args()
    sensitivity = {share: true_sensitivity(max(share, 0.3), args.sessions, share) for share in args.shares}
    print("sensitivity", sensitivity)
    table = run_replications(
        args,
        "share",
        args.shares,
        lambda number, share: replication(number, share, args, sensitivity[share]),
    )
    for share, rows in by_cell(table, "share"):
        print("share", share, "replications", rows.height, "mean observed", rows["observed"].mean())
        print("  mean chance", rows["chance"].mean())
        for name, ends in (("corrected", ("low", "high")), ("figure", ("figure_low", "figure_high"))):
            if found := Coverage.of(rows, name, share, (name, *ends)):
                print(f"  {name} {found.line()}")


if __name__ == "__main__":
    main()
