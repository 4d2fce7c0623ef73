"""Measure how many series fitted norms need: null rate and share of the Bayes limit, against the shipped norms.

python benchmarks/norms/run.py            the study: results.json and the table of README.md
python benchmarks/norms/run.py --small    a look, in seconds (--out FOLDER writes elsewhere)
"""

import argparse
import json
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "detectors"))

from study import KINDS, SESSIONS, Sample, Threshold  # noqa: E402

from goldseam import Norms, detect, fit_norms, simulate  # noqa: E402
from goldseam.operating.bayes_limit import bayes_limit_p  # noqa: E402
from goldseam.simulate import SimulationModel  # noqa: E402

FloatArray = NDArray[np.float64]

SEED = 20261125
SERIES = {False: (50, 100, 200, 500, 1000), True: (50, 60)}
CHOSEN = {False: ("items", "ceiling", "unequal-sd", "drift"), True: ("items",)}
DEPTH, RATE, NOMINAL = 2.0, 0.03, 0.025
CASES = {False: 3_000, True: 100}
FITS = {False: 12, True: 1}
START, END = "<!-- made by run.py: results -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Row:
    """What norms from so many series give, over fits to different series; None stands for the shipped norms."""

    kind: str
    series: int | None
    null: FloatArray
    share: FloatArray

    def content(self) -> dict[str, object]:
        """For results.json."""
        figures = {"null": self.null, "share of the Bayes limit": self.share}
        spread = {name: _summary(values) for name, values in figures.items()}
        return {"kind": self.kind, "series": self.series, "fits": len(self.null), **spread}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="few cases, seconds")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    arguments = parser.parse_args()
    started = process_time()
    rows = [row.content() for kind in CHOSEN[arguments.small] for row in study(kind, small=arguments.small)]
    results = {
        "cases per sample": CASES[arguments.small],
        "seed": SEED,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{platform.machine()}, CPython {platform.python_version()}, one process",
        "processor seconds": round(process_time() - started),
        "rows": rows,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_table(arguments.out / "README.md", results)


def study(kind: str, *, small: bool) -> list[Row]:
    """All sizes of norming samples for one kind of data, and the shipped norms."""
    model, seed = KINDS[kind], SEED + 1000 * CHOSEN[False].index(kind)
    quiet = Sample(simulate(cases=CASES[small], sessions=SESSIONS, seed=seed, model=model.without_episodes()))
    dipped = model.with_dips(depth_sd=DEPTH, duration=1)
    dips = Sample(simulate(cases=CASES[small], sessions=SESSIONS, seed=seed + 1, model=dipped))
    judge = partial(_judge, quiet=quiet, dips=dips, limit=_limit(model, quiet, dips))
    rows = []
    for count in SERIES[small]:
        print(kind, count, flush=True)
        fitted = [_fitted(model, count, seed + 10 + number) for number in range(FITS[small])]
        rows.append(Row(kind, count, *np.array([judge(norms) for norms in fitted]).T))
    return [*rows, Row(kind, None, *np.array([judge(Norms.default())]).T)]


def _fitted(model: SimulationModel, count: int, seed: int) -> Norms:
    """Norms from that many series, with the ruptures of the model among them."""
    made = simulate(cases=count, sessions=SESSIONS, seed=seed, model=model)
    return fit_norms(made.ratings)


def _limit(model: SimulationModel, quiet: Sample, dips: Sample) -> float:
    null, found = (bayes_limit_p(sample.simulation, model) for sample in (quiet, dips))
    return Threshold.at(RATE, np.where(quiet.evaluable, null, np.nan), quiet).found(dips, found).value


def _judge(norms: Norms, *, quiet: Sample, dips: Sample, limit: float) -> tuple[float, float]:
    """Share of null sessions with p below nominal; dips found, as a share of what the Bayes limit finds."""
    null, found = (
        sample.lay_out(detect(sample.simulation.ratings, norms=norms).sessions["p"])
        for sample in (quiet, dips)
    )
    with np.errstate(invalid="ignore"):
        low = float(((null < NOMINAL) & quiet.evaluable).sum() / quiet.evaluable.sum())
    at = Threshold.at(RATE, np.where(quiet.evaluable, null, np.nan), quiet)
    return low, at.found(dips, found).value / limit


def _summary(values: FloatArray) -> dict[str, float]:
    low, high = np.quantile(values, [0.1, 0.9])
    return {"mean": round(float(values.mean()), 4), "p10": round(float(low), 4), "p90": round(float(high), 4)}


def write_table(path: Path, results: dict[str, object]) -> None:
    """Replace what stands between the markers; a README that does not exist yet is only the table."""
    text = path.read_text(encoding="utf-8") if path.exists() else f"{START}\n{END}\n"
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    facts = (
        f"{results['date']}; {results['cases per sample']} cases per sample, {SESSIONS} sessions, seed {SEED}; "
        f"{results['machine']}; {results['processor seconds']} processor seconds."
    )
    head = (
        "| kind | series | p < .025 of null sessions | share of the Bayes limit |\n| --- | --- | --- | --- |"
    )
    lines = [_line(row) for row in results["rows"]]  # type: ignore[attr-defined]
    path.write_text(
        "\n".join([before + START, "", facts, "", head, *lines, "", END + after]), encoding="utf-8"
    )
    print(f"wrote {path}")


def _line(row: dict[str, dict[str, float]]) -> str:
    null, share = row["null"], row["share of the Bayes limit"]
    counted = row["series"] or "shipped norms"
    if row["fits"] == 1:
        return f"| {row['kind']} | {counted} | {null['mean']:.2%} | {share['mean']:.3f} |"
    low = f"{null['mean']:.2%} ({null['p10']:.2%} to {null['p90']:.2%})"
    return f"| {row['kind']} | {counted} | {low} | {share['mean']:.3f} ({share['p10']:.3f} to {share['p90']:.3f}) |"


if __name__ == "__main__":
    main()
