"""How often the interval of the calibrated effect of repair holds the truth: slopes drive the outcome; resumable."""

import argparse

import numpy as np
import polars as pl

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam import detect
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.repair_effect import GRACE, repair_effect_of

SLOPE_SD = 0.1
OUTCOME_PER_SLOPE_SD = 0.6


def ratings_and_outcome(number: int, cases: int, sessions: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Straight courses with own slopes and no ruptures; the outcome goes with the slope (r = .5) and the level."""
    random = np.random.default_rng(number)
    level, slope = 6.5 + 0.9 * random.standard_normal(cases), SLOPE_SD * random.standard_normal(cases)
    sd = 0.8 * np.exp(0.3 * random.standard_normal(cases) - 0.09)
    time = np.arange(sessions)
    value = level[:, None] + slope[:, None] * time + sd[:, None] * random.standard_normal((cases, sessions))
    value = np.clip(np.round(value * 4) / 4, 0, 10)
    last = np.where(random.random(cases) < 0.3, random.integers(6, sessions + 1, cases), sessions)
    after = (
        OUTCOME_PER_SLOPE_SD * slope / SLOPE_SD + 0.3 * (level - 6.5) / 0.9 + random.standard_normal(cases)
    )
    table = pl.DataFrame(
        {
            "case": np.repeat([f"c{each:05d}" for each in range(cases)], sessions),
            "rater": "client",
            "scale": "alliance",
            "session": np.tile(time + 1, cases),
            "value": value.ravel(),
            "minimum": 0.0,
            "maximum": 10.0,
        }
    )
    return table.filter(pl.Series(np.tile(time + 1, cases) <= np.repeat(last, sessions))), after


def replication(number: int, effect: float, args: argparse.Namespace) -> Row:
    ratings, after = ratings_and_outcome(number, args.cases, args.sessions)
    cohort = read_cohort(ratings)
    model = ChanceModel.fitted(cohort, seed=number, fast=False)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    first = detect(ratings, norms=model.norms).episodes.unique("case", keep="first", maintain_order=True)
    mended = first.filter(pl.col("repair_session") <= pl.col("onset_session") + GRACE).get_column("case")
    names = cohort.cases.get_column("case")
    after = after + effect * after.std() * names.is_in(mended.implode()).to_numpy()
    found = repair_effect_of(counter, model, pl.DataFrame({"case": names, "after": after}), args.draws)
    rows = {row["estimate"]: row for row in found.table.to_dicts()} if not found.refused else {}
    said = {name: rows.get(name, {}) for name in ("calibrated", "regression", "by chance")}
    return {
        f"{name.split()[-1]}_{key}": row.get(key)
        for name, row in said.items()
        for key in ("d", "low", "high")
    }


def main() -> None:
    parser = loop_parser(__doc__, "repair.csv")
    parser.add_argument("--cases", type=int, default=800)
    parser.add_argument("--sessions", type=int, default=15)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--effects", type=float, nargs="+", default=[0.0, 0.3])
    args = parser.parse_args()
    table = run_replications(
        args, "effect", args.effects, lambda number, effect: replication(number, effect, args)
    )
    for effect, rows in by_cell(table, "effect"):
        print("effect", effect, "replications", rows.height)
        for name in ("calibrated", "regression"):
            if found := Coverage.of(rows, name, effect):
                print(f"  {name} {found.line()}")


if __name__ == "__main__":
    main()
