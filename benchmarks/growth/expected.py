"""What expected courses say of courses that were not there when they were learnt: rates, coverage, time."""

import time

import numpy as np
import polars as pl

from goldseam import expected_course, simulate

REPLICATIONS, FRESH, SESSIONS = 12, 1000, 15


def with_endings(ratings: pl.DataFrame, seed: int, *, low_ends: bool) -> pl.DataFrame:
    """Three in ten courses end early: by lot, or after a rating that is low."""
    cases = ratings["case"].unique().sort()
    rng = np.random.default_rng(seed)
    ends = np.where(rng.random(len(cases)) < 0.3, rng.integers(2, SESSIONS, len(cases)), 99)
    last = pl.DataFrame({"case": cases, "last": ends})
    kept = ratings.join(last, on="case")
    if not low_ends:
        return kept.filter(pl.col("session") <= pl.col("last")).drop("last")
    low = pl.when(pl.col("value") < 5).then(pl.col("session")).min().over("case")
    leaves = (pl.col("last") < 99) & (pl.col("session") > low.fill_null(99))
    return kept.filter(~leaves).drop("last")


def main() -> None:
    for kind in ("all run on", "ends by lot", "ends after a low rating"):
        for cases in (250, 600, 2000):
            rates, inside, taken, told = [], [], [], []
            for seed in range(REPLICATIONS if cases < 2000 else REPLICATIONS // 3):
                history = simulate(cases=cases, sessions=SESSIONS, seed=seed).ratings
                if kind != "all run on":
                    history = with_endings(history, seed, low_ends=kind != "ends by lot")
                learnt = expected_course(history)
                fresh = simulate(cases=FRESH, sessions=SESSIONS, seed=10_000 + seed).ratings
                begun = time.perf_counter()
                judged = learnt.judge(fresh)
                taken.append((time.perf_counter() - begun) / judged.height * 1e6)
                called = judged.filter(verdict="not on track")["case"].n_unique()
                rates.append(called / FRESH)
                told.append(learnt.rates["per_case"][-1])
                later = judged.drop_nulls("z")
                inside.append(float((later["z"].abs() <= 1.2815515655446004).mean()))  # type: ignore[arg-type]
            shown = (
                f"{np.mean(rates):.1%} | {np.mean(told):.1%} | {np.mean(inside):.1%} | {np.median(taken):.1f}"
            )
            print(f"| {kind} | {cases} | {shown} |")


if __name__ == "__main__":
    main()
