"""Measure how often `predictive` is wrong, beside other criteria and the limits at the same rate of false alarms.

    python benchmarks/detectors/run.py                 the study: results.json and the tables of README.md
    python benchmarks/detectors/run.py --error-rates   the table shipped in the package; --version 1 for an earlier rule
    python benchmarks/detectors/run.py --small         either of them in seconds, for a look

`--out FOLDER` writes elsewhere.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from report import write_readme
from study import KINDS, SESSIONS, SHIPPED, at_rates, contenders, make_data, promises

import goldseam.operating
from goldseam.operating import operating_characteristics

HERE = Path(__file__).parent
SEED = 20261122
STUDY_CASES = {False: 6_000, True: 150}
RATES_CASES = {False: 40_000, True: 300}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="few cases, seconds")
    parser.add_argument("--error-rates", action="store_true", help="make the shipped table instead")
    parser.add_argument("--version", type=int, help="version of the criterion; the newest where not given")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="kinds of data")
    parser.add_argument("--out", type=Path, help="folder to write into")
    arguments = parser.parse_args()
    if arguments.error_rates:
        default = Path(goldseam.operating.__file__).parent / "data"
        make_error_rates(arguments.out or default, arguments.version, small=arguments.small)
    else:
        run_study(arguments.out or HERE, arguments.kinds, small=arguments.small)


def make_error_rates(folder: Path, version: int | None, *, small: bool) -> None:
    """Write the table of a version of `predictive` with the shipped norms."""
    rates = operating_characteristics(
        criterion="predictive",
        version=version,
        model="items",
        sessions=12,
        cases=RATES_CASES[small],
        seed=SEED,
        computed_on=datetime.now(tz=UTC).date(),
    )
    _write_json(folder / f"{rates.criterion}-{rates.criterion_version}.json", rates.content())


def run_study(folder: Path, chosen: Sequence[str], *, small: bool) -> None:
    """Write results.json and README.md."""
    started = time.perf_counter()
    kinds = [
        _row(kind, norms, small=small)
        for kind in KINDS
        if kind in chosen
        for norms in (("shipped", "fitted") if kind in SHIPPED else ("fitted",))
    ]
    results = {
        "cases per sample": STUDY_CASES[small],
        "sessions": SESSIONS,
        "seed": SEED,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": _machine(),
        "seconds": round(time.perf_counter() - started),
        "kinds": kinds,
    }
    _write_json(folder / "results.json", results)
    write_readme(folder / "README.md", results)


def _row(kind: str, norms: str, *, small: bool) -> dict[str, object]:
    seed, cases = SEED + 1000 * list(KINDS).index(kind), STUDY_CASES[small]
    data = make_data(kind, norms, cases=cases, seed=seed)
    print(f"{kind}, norms {norms}", flush=True)
    return {
        "kind": kind,
        "norms": norms,
        "promises": promises(data, cases=cases, seed=seed),
        "equal": {name: at_rates(statistic, data) for name, statistic in contenders(data).items()},
    }


def _machine() -> str:
    versions = f"numpy {np.__version__}, polars {pl.__version__}"
    return f"{platform.machine()}, CPython {platform.python_version()}, {versions}, one process"


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, default=_plain)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {path}")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            key: round(number, 5) if isinstance(number, float) else number
            for key, number in asdict(value).items()
        }
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main()
