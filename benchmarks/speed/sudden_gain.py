"""Time per person of `sudden-gain` with every detail, on one core: with files, and in memory.

    python benchmarks/speed/sudden_gain.py                    100,000 persons of 12 sessions
    python benchmarks/speed/sudden_gain.py --persons 20000
    python benchmarks/speed/sudden_gain.py --in-memory

With files it writes a row per session, per event with every detail, and per person; beside it runs the same for a
single person, so that what starting the program takes can be told apart. In memory the table of ratings is there
already, and the same four tables are made of it: *whole* is that call, *judging* is what it does once the ratings
have been checked and sorted, events included. Prints JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detect import ONE_CORE, SEED, Timing, keep_to_one_core, timed

from goldseam import Norms, detect
from goldseam.detection import find_criterion
from goldseam.detection.engine.criterion import judge_in_blocks
from goldseam.series import load_series
from goldseam.simulate import MODELS, simulate

if TYPE_CHECKING:
    import polars as pl

SESSIONS = 12
OUTPUTS = ("out", "details", "episodes", "by-series")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--in-memory", action="store_true")
    arguments = parser.parse_args()
    keep_to_one_core()
    if arguments.in_memory:
        print(json.dumps(in_memory(arguments.persons, arguments.repeats), indent=1))
    else:
        print(json.dumps(with_files(arguments.persons, arguments.repeats), indent=1))


def with_files(persons: int, repeats: int) -> dict[str, object]:
    """Time the command on a file of many persons, and of one."""
    with tempfile.TemporaryDirectory(prefix="goldseam-speed-") as folder:
        many = _timed(Path(folder), persons, repeats)
        one = _timed(Path(folder), 1, repeats)
    further = (many.processor_seconds - one.processor_seconds) / (persons - 1)
    return {
        "persons": persons,
        "all": asdict(many),
        "one person": asdict(one),
        "processor microseconds per person": round(many.processor_seconds / persons * 1e6, 1),
        "per further person": round(further * 1e6, 1),
    }


def in_memory(persons: int, repeats: int) -> dict[str, object]:
    """Time what is done in this process with a table that is there already; beside it, sorting that table."""
    os.environ.update(ONE_CORE)  # before polars is loaded
    table = _ratings(persons)
    rule, norms = find_criterion("sudden-gain"), Norms.default()
    series = load_series(table).reversed()
    tasks = {
        "checking and sorting": lambda: load_series(table),
        "judging": lambda: judge_in_blocks(rule, series, norms, higher_is_better=False),
        "whole": lambda: _tables(table),
        "beside: sorting the table with polars": lambda: table.sort("case", "session"),
    }
    spent = {name: min(_processor_seconds(task) for _ in range(repeats)) for name, task in tasks.items()}
    return {"persons": persons} | {
        f"{name}, processor microseconds per person": round(seconds / persons * 1e6, 2)
        for name, seconds in spent.items()
    }


def _tables(table: "pl.DataFrame") -> list["pl.DataFrame"]:
    found = detect(table, criterion="sudden-gain")
    return [found.events, found.episodes, found.details, found.one_per_series()]


def _processor_seconds(task: Callable[[], object]) -> float:
    started = time.process_time()
    task()
    return time.process_time() - started


def _ratings(persons: int) -> "pl.DataFrame":
    model = replace(MODELS["items"], missing_share=0.0)
    return simulate(cases=persons, sessions=SESSIONS, seed=SEED, model=model).ratings


def _timed(folder: Path, persons: int, repeats: int) -> Timing:
    ratings = folder / "ratings.parquet"
    _ratings(persons).write_parquet(ratings)
    command = [sys.executable, "-m", "goldseam", "detect", str(ratings), "--criterion", "sudden-gain"]
    for name in OUTPUTS:
        command += [f"--{name}", str(folder / f"{name}.parquet")]
    return timed(command, repeats)


if __name__ == "__main__":
    main()
