"""Time per person of `sudden-gain` with every detail, file reading and writing included, on one core.

    python benchmarks/speed/sudden_gain.py                    100,000 persons of 12 sessions
    python benchmarks/speed/sudden_gain.py --persons 20000

Writes a row per session, per event with every detail, and per person. Beside it runs the same for a single person,
so that what starting the program takes can be told apart. Prints JSON.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from detect import SEED, Timing, keep_to_one_core, timed

from goldseam.simulate import MODELS, simulate

SESSIONS = 12
OUTPUTS = ("out", "details", "episodes", "by-series")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    keep_to_one_core()
    with tempfile.TemporaryDirectory(prefix="goldseam-speed-") as folder:
        many = _timed(Path(folder), arguments.persons, arguments.repeats)
        one = _timed(Path(folder), 1, arguments.repeats)
    per_person = many.processor_seconds / arguments.persons * 1e6
    further = (many.processor_seconds - one.processor_seconds) / (arguments.persons - 1) * 1e6
    found = {
        "persons": arguments.persons,
        "all": asdict(many),
        "one person": asdict(one),
        "processor microseconds per person": round(per_person, 1),
        "per further person": round(further, 1),
    }
    print(json.dumps(found, indent=1))


def _timed(folder: Path, persons: int, repeats: int) -> Timing:
    ratings = folder / "ratings.parquet"
    model = replace(MODELS["items"], missing_share=0.0)
    simulate(cases=persons, sessions=SESSIONS, seed=SEED, model=model).ratings.write_parquet(ratings)
    command = [sys.executable, "-m", "goldseam", "detect", str(ratings), "--criterion", "sudden-gain"]
    for name in OUTPUTS:
        command += [f"--{name}", str(folder / f"{name}.parquet")]
    return timed(command, repeats)


if __name__ == "__main__":
    main()
