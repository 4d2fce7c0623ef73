"""Time of goldseam study on simulated cases, and what its script of R says of the files."""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from goldseam import simulate


def write_tables(folder: Path, cases: int, sessions: int) -> None:
    simulate(cases=cases, sessions=sessions, seed=3).ratings.write_csv(folder / "ratings.csv")
    names = pl.read_csv(folder / "ratings.csv").get_column("case").unique().sort()
    random = np.random.default_rng(5)
    pl.DataFrame(
        {
            "case": names,
            "modality": random.choice(["individual", "couple"], cases),
            "therapist": [f"T{number:02d}" for number in random.integers(1, 41, cases)],
            "ending": random.choice(["planned", "dropout", "ongoing"], cases, p=[0.5, 0.3, 0.2]),
        }
    ).write_csv(folder / "cases.csv")
    pl.DataFrame({"case": names, "after": random.standard_normal(cases).round(2)}).write_csv(
        folder / "outcomes.csv"
    )


def write_large(folder: Path, ratings: int, made: int = 50_000) -> None:
    """Simulated cases of 20 sessions, as often as needed under new names, with what is known of each, as Parquet."""
    simulated = simulate(cases=min(made, ratings // 20), sessions=20, seed=3).ratings
    times = -(-ratings // simulated["value"].count())
    whole = pl.concat(
        [
            simulated.with_columns(case=pl.format("{}-{}", pl.lit(f"{each:03d}"), "case"))
            for each in range(times)
        ]
    )
    whole = whole.filter(pl.col("value").is_not_null().cum_sum() <= ratings)
    whole.write_parquet(folder / "ratings.parquet")
    names = whole["case"].unique(maintain_order=True)
    random = np.random.default_rng(5)
    pl.DataFrame(
        {
            "case": names,
            "modality": random.choice(["individual", "couple"], len(names)),
            "therapist": [f"T{number:03d}" for number in random.integers(1, 401, len(names))],
            "ending": random.choice(["planned", "dropout", "ongoing"], len(names), p=[0.5, 0.3, 0.2]),
        }
    ).write_parquet(folder / "cases.parquet")


def add_relations(folder: Path, cases: int, sessions: int) -> list[str]:
    """Turn the ratings into those of couples, with progress and their therapists' ratings; returns further options."""
    alliance, other = (
        simulate(cases=cases, sessions=sessions, seed=seed, raters=("client", "partner")).ratings
        for seed in (3, 9)
    )
    theirs = simulate(cases=cases, sessions=sessions, seed=19, raters=("therapist",)).ratings
    known = pl.read_csv(folder / "cases.csv").select("case", "therapist")
    random = np.random.default_rng(6)
    own = dict(zip(known["therapist"].unique().sort(), random.normal(0, 0.7, 40), strict=False))
    own_case = pl.Series("moved", random.normal(0, 0.7, cases))
    by = known.with_columns(moved=pl.col("therapist").replace_strict(own, return_dtype=pl.Float64) + own_case)
    pl.concat(
        [
            ratings.join(by.select("case", "moved"), on="case")
            .with_columns(value=(pl.col("value") + pl.col("moved")).clip(0, 10).round(1), scale=pl.lit(scale))
            .select(ratings.columns)
            for ratings, scale in ((alliance, "alliance"), (other, "wellbeing"), (theirs, "view"))
        ]
    ).write_csv(folder / "ratings.csv")
    return ["--scale", "alliance", "--progress-scale", "wellbeing", "--therapist-scale", "view"]


def timed(command: list[str], folder: Path) -> float:
    began, used = time.perf_counter(), os.times()
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    print(done.stdout[-600:], done.stderr[-600:], "exit", done.returncode)
    after = os.times()
    own = after.children_user + after.children_system - used.children_user - used.children_system
    print("processor seconds", round(own, 1))
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=15)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument(
        "--outcomes", action="store_true", help="with both emulated trials and their specifications"
    )
    parser.add_argument(
        "--relations", action="store_true", help="couples, with progress and their therapists' ratings"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--ratings", type=int, help="so many, of cases of 20 sessions, without draws")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    if args.ratings:
        write_large(folder, args.ratings)
        args.draws, ending = 0, "parquet"
    else:
        write_tables(folder, args.cases, args.sessions)
        ending = "csv"
    relations = add_relations(folder, args.cases, args.sessions) if args.relations else []
    command = [
        sys.executable,
        "-m",
        "goldseam",
        "study",
        f"ratings.{ending}",
        "--cases",
        f"cases.{ending}",
        "--out",
        "out",
    ]
    more = ["--draws", str(args.draws), "--jobs", str(args.jobs), *(["--fast"] if args.fast else [])]
    more += relations
    more += ["--outcomes", "outcomes.csv"] if args.outcomes else []
    print(
        "seconds",
        round(timed([*command, *more], folder), 1),
        "load",
        Path("/proc/loadavg").read_text().strip(),
    )
    print("GB at most", round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9, 2))
    if shutil.which("Rscript") and not args.ratings:
        print("R seconds", round(timed(["Rscript", "recompute.R"], folder / "out"), 1))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
