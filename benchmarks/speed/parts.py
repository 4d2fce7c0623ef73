"""Time and memory of detection in parts of whole cases on Dask, with one worker and with two, beside one process."""

import argparse
import hashlib
import resource
import shutil
import tempfile
import time
from pathlib import Path

import polars as pl

from goldseam import detect, simulate
from goldseam.dask_engine import dask_engine
from goldseam.detection.partitioned import detect_in_parts

CASES_MADE = 20_000


def write_table(folder: Path, ratings: int, files: int) -> int:
    """Simulated cases again and again under new names, spread over the files; returns how many rows there are."""
    made = simulate(cases=CASES_MADE, sessions=15, seed=7).ratings
    folder.mkdir()
    times = max(1, -(-ratings // made.height))
    for number in range(files):
        some = [
            made[number::files].with_columns(case=pl.format("{}-{}", pl.lit(f"{each:04d}"), pl.col("case")))
            for each in range(times)
        ]
        pl.concat(some).write_parquet(folder / f"{number:03d}.parquet")
    return times * made.height


def checksum(folder: Path) -> str:
    """Of the rows of all parts, one after another."""
    total = hashlib.sha256()
    for each in sorted(folder.glob("part-*.parquet")):
        total.update(pl.read_parquet(each).write_csv(include_header=False).encode())
    return total.hexdigest()[:16]


def peak() -> float:
    """Gigabytes that a process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def used() -> float:
    """Processor seconds of a process."""
    return time.process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=3_000_000)
    parser.add_argument("--rows", type=int, default=500_000, help="of a part, about")
    parser.add_argument("--files", type=int, default=6)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--alone", action="store_true", help="also in one process, all at once")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    rows = write_table(folder / "in", args.ratings, args.files)
    print(f"{rows:,} rows in {args.files} files, load {Path('/proc/loadavg').read_text().strip()}")
    for jobs in args.jobs:
        with dask_engine("dask", jobs) as engine:
            out, began = folder / f"out{jobs}", time.perf_counter()
            found = detect_in_parts(str(folder / "in"), {"events": str(out)}, engine, rows=args.rows)
            seconds = time.perf_counter() - began
            most, busy = (engine.client.run(each).values() for each in (peak, used))
        print(
            f"{jobs} workers: {seconds:.1f} s, processor {sum(busy):.1f} s, {found.parts} parts, "
            f"most of a worker {max(most):.2f} GB, {checksum(out)}"
        )
    if args.alone:
        began, busy_before = time.perf_counter(), time.process_time()
        events = detect(pl.read_parquet(folder / "in/*.parquet"), norms="shipped").events
        seconds = time.perf_counter() - began
        own = hashlib.sha256(events.write_csv(include_header=False).encode()).hexdigest()[:16]
        busy_here = time.process_time() - busy_before
        print(f"one process: {seconds:.1f} s, processor {busy_here:.1f} s, {peak():.2f} GB, {own}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
