"""Time and memory of `goldseam detect` on large Parquet files, on one core.

    python benchmarks/speed/detect.py                          1,000,000 ratings: 50,000 series of 20
    python benchmarks/speed/detect.py --criterion all          the same with every criterion
    python benchmarks/speed/detect.py --criterion fused --evidence
    python benchmarks/speed/detect.py --criterion predictive xmr --series 5000 25000 50000 250000 1000000

Beside each runs a baseline that only reads the file and writes it again, each in a process of its own, so
that the ratio says something on any machine. Prints a line of JSON for each size and criterion.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from goldseam import EvidenceModel, criteria
from goldseam.simulate import MODELS, simulate

SEED = 20261122
SESSIONS = 20
REPEATS = 3
ONE_CORE = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_RSS_UNIT = 1 if platform.system() == "Darwin" else 1024  # bytes there, kilobytes elsewhere
COPY = "import polars as pl, sys; pl.read_parquet(sys.argv[1]).write_parquet(sys.argv[2])"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, nargs="+", default=[50_000])
    parser.add_argument("--criterion", nargs="+", default=["predictive"], help="ids, or all")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument(
        "--evidence", action="store_true", help="twelve columns of evidence in the file as well"
    )
    arguments = parser.parse_args()
    keep_to_one_core()
    for series in arguments.series:
        with tempfile.TemporaryDirectory(prefix="goldseam-speed-") as folder:
            ratings = Path(folder) / "ratings.parquet"
            make_ratings(ratings, series, EvidenceModel() if arguments.evidence else None)
            for criterion, version in _wanted(arguments.criterion):
                measured = measure(ratings, criterion, version, repeats=arguments.repeats)
                print(json.dumps({"ratings": series * SESSIONS, **measured}), flush=True)


def _wanted(names: list[str]) -> list[tuple[str, int]]:
    """Ids and versions; the newest of those named."""
    every = {(each.id, each.version) for each in criteria()}
    if names == ["all"]:
        return sorted(every)
    return [(name, max(version for other, version in every if other == name)) for name in names]


def measure(ratings: Path, criterion: str, version: int, *, repeats: int) -> dict[str, object]:
    """Time both commands on a file."""
    events, copy = ratings.with_name("events.parquet"), ratings.with_name("copy.parquet")
    detect = [
        sys.executable,
        "-m",
        "goldseam",
        "detect",
        str(ratings),
        "--norms",
        "shipped",
        "--out",
        str(events),
        "--force",
    ]
    detect += ["--criterion", criterion, "--criterion-version", str(version)]
    baseline = [sys.executable, "-c", COPY, str(ratings), str(copy)]
    found, copied = timed(detect, repeats), timed(baseline, repeats)
    return {
        "criterion": f"{criterion} {version}",
        "detect": asdict(found),
        "read and write": asdict(copied),
        "ratio of processor seconds": round(found.processor_seconds / copied.processor_seconds, 1),
        "repeats": repeats,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{platform.machine()}, CPython {platform.python_version()}, one core",
    }


def make_ratings(path: Path, series: int, evidence: EvidenceModel | None = None) -> None:
    """Write the ratings: every session rated, so that the number of ratings is round."""
    model = replace(MODELS["items"], missing_share=0.0)
    made = simulate(cases=series, sessions=SESSIONS, seed=SEED, model=model, evidence=evidence)
    made.ratings.write_parquet(path)


@dataclass(frozen=True)
class Timing:
    """One command on one core: elapsed seconds (median), processor seconds (least) and highest resident memory.

    What else runs on the machine can only add to processor seconds.
    """

    seconds: float
    processor_seconds: float
    peak_megabytes: float


def timed(command: list[str], repeats: int) -> Timing:
    """Run a command from import to exit, several times."""
    runs = [_run(command) for _ in range(repeats)]
    return Timing(
        seconds=round(statistics.median(run.seconds for run in runs), 2),
        processor_seconds=round(min(run.processor_seconds for run in runs), 2),
        peak_megabytes=round(max(run.peak_megabytes for run in runs)),
    )


def _run(command: list[str]) -> Timing:
    started = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, **ONE_CORE}, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Timing(
        time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT / 1e6
    )


def keep_to_one_core() -> None:
    """Keep this process and those it starts on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


if __name__ == "__main__":
    main()
