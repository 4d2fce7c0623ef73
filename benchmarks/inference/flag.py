"""How often the interval of the calibrated effect of being flagged holds the truth, by simulation; resumable."""

import argparse

import numpy as np
import polars as pl

from benchmarks.inference.repair import ratings_and_outcome
from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.emulated_trials import NEVER, EmulatedTrials, TrialCases
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.flag_effect import FlagTrial, MatchedSets
from goldseam.cohort.impact_effects import impact_effects_of
from goldseam.cohort.prevalence import chosen_criteria


def replication(number: int, effect: float, args: argparse.Namespace) -> Row:
    ratings, after = ratings_and_outcome(number, args.cases, args.sessions)
    cohort = read_cohort(ratings)
    model = ChanceModel.fitted(cohort, seed=number, fast=False)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    names = cohort.cases.get_column("case")
    plain = pl.DataFrame({"case": names, "after": after})
    cases = TrialCases.of(cohort, plain)
    table = EmulatedTrials.of(counter, model, cases).table
    flagged = np.zeros(args.cases)
    flagged[table.owner] = 1.0
    trial, ones = FlagTrial(np.full(args.cases, NEVER)), np.ones(args.cases)
    added = effect * after.std() * flagged
    # some controls are flagged later: the difference is linear in the outcome, so that of what was added is the truth
    truth = trial.estimate(table, added, ones)
    outcomes = plain.with_columns(after=pl.Series(after + added))
    flags, repair = impact_effects_of(counter, model, outcomes, args.draws)
    sets = MatchedSets.of(trial, table, (after + added)[:, None], ones)
    scale = float(np.std(np.r_[sets.y[:, 0], (after + added)[sets.used]], ddof=1))
    row: Row = {"truth": truth / scale}
    for kind, found in (("flag", flags), ("repair", repair)):
        said = {} if found.refused else {each["estimate"]: each for each in found.table.to_dicts()}
        for name in ("calibrated", "matched" if kind == "flag" else "regression"):
            for key in ("d", "low", "high"):
                row[f"{kind}_{name}_{key}"] = said.get(name, {}).get(key)
    return row


def main() -> None:
    parser = loop_parser(__doc__, "flag.csv")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--draws", type=int, default=24)
    parser.add_argument("--effects", type=float, nargs="+", default=[0.0, 0.3])
    args = parser.parse_args()
    table = run_replications(
        args, "effect", args.effects, lambda number, effect: replication(number, effect, args)
    )
    for effect, rows in by_cell(table, "effect"):
        print("effect", effect, "replications", rows.height, "mean truth", rows["truth"].mean())
        # the truth is that of the trial of being flagged; nothing is added that repair could find where it is 0
        kinds = ["flag_calibrated", "flag_matched"]
        kinds += ["repair_calibrated", "repair_regression"] if effect == 0 else []
        for name in kinds:
            if found := Coverage.of(rows, name, rows["truth"]):
                print(f"  {name} {found.line()}")


if __name__ == "__main__":
    main()
