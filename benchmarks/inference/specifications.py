"""How often the joint test of a specification curve finds an effect, where there is none and where there is one."""

import argparse

import numpy as np
import polars as pl

from benchmarks.inference.repair import ratings_and_outcome
from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.emulated_trials import NEVER, EmulatedTrials, TrialCases
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.flag_effect import FlagTrial
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.specification_curve import SpecificationCurve, impact_specifications_of

LEVEL = 0.05
TESTS = ("median", "count", "mean")


def replication(number: int, effect: float, args: argparse.Namespace) -> Row:
    """Both curves of one cohort; the effect is added to the outcome of whoever is ever flagged."""
    ratings, after = ratings_and_outcome(number, args.cases, args.sessions)
    cohort = read_cohort(ratings)
    model = ChanceModel.fitted(cohort, seed=number, fast=True)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria(args.criterion, None, args.others))
    outcomes = pl.DataFrame({"case": cohort.cases.get_column("case"), "after": after})
    row: Row = {"flag_truth": 0.0, "repair_truth": 0.0}
    if effect:
        table = EmulatedTrials.of(counter, model, TrialCases.of(cohort, outcomes)).table
        added = effect * after.std() * np.isin(np.arange(len(after)), table.owner)
        after = after + added
        outcomes = outcomes.with_columns(after=pl.Series(after))
        # some controls are flagged later; of repair nothing is added
        nobody = FlagTrial(np.full(len(after), NEVER))
        row["flag_truth"] = nobody.estimate(table, added, np.ones(len(after))) / after.std(ddof=1)
    for name, curve in zip(
        ("flag", "repair"), impact_specifications_of(counter, model, outcomes, 2 * args.tables), strict=True
    ):
        row |= _said(name, curve)
    return row


def _said(name: str, curve: SpecificationCurve) -> Row:
    if curve.refused:
        p, answer, known = [None] * len(TESTS), dict.fromkeys(("d", "low", "high")), 0
    else:
        p, answer = curve.test.get_column("p").to_list(), curve.table.row(0, named=True)
        known = curve.table.get_column("d").count()
    row: Row = {f"{name}_{test}_p": each for test, each in zip(TESTS, p, strict=True)}
    row |= {f"{name}_{key}": answer[key] for key in ("d", "low", "high")}
    return row | {f"{name}_answered": known}


def main() -> None:
    parser = loop_parser(__doc__, "specifications.csv")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--tables", type=int, default=39)
    parser.add_argument("--criterion", default="own-mean")
    parser.add_argument("--others", nargs="*", default=[])
    parser.add_argument("--effects", type=float, nargs="+", default=[0.0])
    args = parser.parse_args()
    table = run_replications(
        args, "effect", args.effects, lambda number, effect: replication(number, effect, args)
    )
    for effect, rows in by_cell(table, "effect"):
        print("effect", effect, "replications", rows.height)
        for name in ("flag", "repair"):
            for test in TESTS:
                p = rows[f"{name}_{test}_p"].drop_nulls()
                share = float((p <= LEVEL).mean() or 0)
                error = (share * (1 - share) / max(len(p), 1)) ** 0.5
                print(
                    f"  {name}, joint test by the {test} ({len(p)}): p at most .05 in {share:.3f} ({error:.3f})"
                )
            if found := Coverage.of(rows, name, rows[f"{name}_truth"]):
                print(f"  {name}, the answer's own specification {found.line()}")


if __name__ == "__main__":
    main()
