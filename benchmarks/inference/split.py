"""How often the interval of the hazard ratio of dropout after a split holds the truth, by simulation."""

import argparse
import os
from functools import partial

import numpy as np
import polars as pl

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam import fit_norms, simulate, split_alliance
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.split_dropout import split_dropout_of

HAZARD, SESSIONS = 0.05, 12


def couples(number: int, ratio: float, size: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Members who rate independently; the hazard of dropout is `ratio` times as high after a session with a split."""
    ratings = simulate(cases=size, sessions=SESSIONS, seed=number, raters=("client", "partner")).ratings
    sessions = split_alliance(ratings, scale="alliance", norms=fit_norms(ratings)).sessions
    split = {
        (case, session): conventional == "met"
        for case, session, conventional in sessions.select("case", "session", "conventional").iter_rows()
    }
    random, rows = np.random.default_rng([number, size]), []
    for case, last in ratings.group_by("case").agg(pl.col("session").max()).sort("case").iter_rows():
        end, ended = last, "planned"
        for session in range(1, last):
            if random.random() < HAZARD * (ratio if split.get((case, session)) else 1):
                end, ended = session, "dropout"
                break
        rows.append((case, end, ended))
    cases = pl.DataFrame(rows, schema=["case", "end", "ending"], orient="row")
    kept = ratings.join(cases, on="case").filter(pl.col("session") <= pl.col("end"))
    return kept.select(ratings.columns), cases.select("case", "ending")


def replication(number: int, ratio: float, args: argparse.Namespace) -> Row:
    """Logarithms of the ratio as estimated and calibrated, with their ends."""
    cohort = read_cohort(*couples(number, ratio, args.couples))
    found = split_dropout_of(cohort, ChanceModel.fitted(cohort, seed=1, fast=True))
    row: Row = {}
    for name, column in (("plain", "hazard_ratio"), ("calibrated", "calibrated")):
        known = None if found.hazard.is_empty() else found.hazard.row(0, named=True)
        for key, ending in (("d", ""), ("low", "_low"), ("high", "_high")):
            value = None if known is None else known[column + ending]
            row[f"{name}_{key}"] = None if value is None else float(np.log(value))
    return row


def main() -> None:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    parser = loop_parser(__doc__, "split.csv", 400)
    parser.add_argument("--couples", type=int, default=250)
    parser.add_argument("--ratios", type=float, nargs="+", default=[1.0, 2.0])
    args = parser.parse_args()
    rows = run_replications(args, "ratio", args.ratios, partial(replication, args=args))
    for ratio, each in by_cell(rows, "ratio"):
        print(f"ratio {ratio:g}, {each.height} replications")
        for name in ("plain", "calibrated"):
            found = Coverage.of(each, name, float(np.log(ratio)))
            if found is not None:
                print(f"  {name}", found.line())


if __name__ == "__main__":
    main()
