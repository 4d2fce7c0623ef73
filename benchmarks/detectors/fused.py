"""What `fused` finds beside `predictive` at the same rate of false alarms, and what each piece of evidence is worth.

    python benchmarks/detectors/fused.py            fused.json and the tables of README.md
    python benchmarks/detectors/fused.py --small    in seconds, for a look (--out FOLDER writes elsewhere)

Evidence is simulated by `goldseam.EvidenceModel`, whose mechanisms are not those that `fused` assumes. Norms are
fitted to other cases of the same kind, ruptures among them.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from report import write_between
from rules import FloatArray
from study import DIPS, KINDS, RATES, SESSIONS, Figure, Sample, Threshold, label

from goldseam import EvidenceModel, Norms, SimulationModel, detect, fit_norms, simulate

HERE = Path(__file__).parent
SEED = 20261125
CASES = {False: 5_000, True: 150}
NORMING = 1_000
MARKERS = ("<!-- made by fused.py: results -->", "<!-- end of results of fused.py -->")

NOTHING = EvidenceModel(
    items=0, facets=0, members=0, therapist=False, tension=False, skipped=False, seconds=False, late=False
)
SETTINGS: Mapping[str, tuple[str, EvidenceModel]] = {
    "everything": ("items", EvidenceModel()),
    "everything, unbounded": ("unbounded", EvidenceModel()),
    "everything, a quarter at the ceiling": ("ceiling", EvidenceModel()),
    "everything, own SDs very unequal": ("unequal-sd", EvidenceModel()),
    "everything, 30% missing": ("missing", EvidenceModel()),
    "everything but other people's ratings": ("items", EvidenceModel(therapist=False, members=0)),
    "only how the form was filled in": (
        "items",
        replace(NOTHING, items=4, tension=True, skipped=True, seconds=True, late=True),
    ),
    "tension alone": ("items", replace(NOTHING, tension=True)),
    "facets alone": ("items", replace(NOTHING, facets=2)),
    "items alone": ("items", replace(NOTHING, items=4)),
    "therapist alone": ("items", replace(NOTHING, therapist=True)),
    "another member alone": ("items", replace(NOTHING, members=1)),
    "left out, fast and late alone": ("items", replace(NOTHING, skipped=True, seconds=True, late=True)),
    "nothing": ("items", NOTHING),
    "everything, at half the strength": ("items", EvidenceModel(strength=0.5)),
    "everything, saying nothing of ruptures": ("items", EvidenceModel(strength=0.0)),
}


@dataclass(frozen=True, eq=False)
class Made:
    """Event-free cases, dips, and norms, of one setting."""

    quiet: Sample
    dips: Mapping[tuple[float, int], Sample]
    norms: Norms

    def p(self, criterion: str, sample: Sample) -> FloatArray:
        """p of every session; NaN where it cannot be judged."""
        found = detect(sample.simulation.ratings, criterion=criterion, norms=self.norms)
        return np.where(sample.evaluable, sample.lay_out(found.sessions["p"]), np.nan)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="few cases, seconds")
    parser.add_argument(
        "--settings",
        nargs="+",
        choices=list(SETTINGS),
        default=list(SETTINGS),
        help="which evidence there is",
    )
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    arguments = parser.parse_args()
    started = time.process_time()
    cases = CASES[arguments.small]
    rows = []
    for name in arguments.settings:
        kind, evidence = SETTINGS[name]
        rows.append({"setting": name, "kind": kind, **compared(make(KINDS[kind], evidence, cases=cases))})
        print(name, flush=True)
    results = {
        "cases per sample": cases,
        "sessions": SESSIONS,
        "seed": SEED,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "processor seconds": round(time.process_time() - started),
        "settings": rows,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "fused.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_between(arguments.out / "README.md", MARKERS, tables(results))


def make(model: SimulationModel, evidence: EvidenceModel, *, cases: int) -> Made:
    """Simulate one setting."""

    def sample(of: SimulationModel, place: int) -> Sample:
        return Sample(
            simulate(cases=cases, sessions=SESSIONS, seed=SEED + place, model=of, evidence=evidence)
        )

    others = simulate(cases=NORMING, sessions=SESSIONS, seed=SEED + 99, model=model, evidence=evidence)
    return Made(
        quiet=sample(model.without_episodes(), 0),
        dips={
            dip: sample(model.with_dips(depth_sd=dip[0], duration=dip[1]), place)
            for place, dip in enumerate(DIPS, start=1)
        },
        norms=fit_norms(others.ratings),
    )


def compared(made: Made) -> dict[str, Any]:
    """Both criteria at the same rates, and how often their p is below .025 where nothing is wrong."""
    found: dict[str, Any] = {}
    for criterion in ("predictive", "fused"):
        quiet = made.p(criterion, made.quiet)
        dips = {dip: made.p(criterion, sample) for dip, sample in made.dips.items()}
        known = quiet[~np.isnan(quiet)]
        found[criterion] = {
            "p < .025": rounded(Figure(float((known < 0.025).mean()), _clustered(quiet < 0.025, quiet))),
            "found": {
                f"{rate:.1%}": {
                    label(dip): rounded(
                        Threshold.at(rate, quiet, made.quiet).found(made.dips[dip], statistics)
                    )
                    for dip, statistics in dips.items()
                }
                for rate in RATES
            },
        }
    return found


def _clustered(alarms: np.ndarray, p: FloatArray) -> float:
    """Standard error of a share of sessions, with the case as the sampling unit."""
    looks = (~np.isnan(p)).sum(axis=1)
    count = (alarms & ~np.isnan(p)).sum(axis=1)
    share = count.sum() / looks.sum()
    return float(np.sqrt(((count - share * looks) ** 2).sum()) / looks.sum())


def rounded(figure: Figure) -> dict[str, float]:
    """A figure as it is stored."""
    return {"value": round(figure.value, 5), "standard_error": round(figure.standard_error, 5)}


def tables(results: Mapping[str, Any]) -> str:
    """The results as tables of README.md."""
    facts = (
        f"{results['date']}; {results['cases per sample']:,} cases per sample, {results['sessions']} sessions, "
        f"seed {results['seed']}; {results['processor seconds']} processor seconds."
    )
    parts = [facts]
    for rate in (f"{each:.1%}" for each in RATES):
        dips = [label(dip) for dip in DIPS]
        lines = [
            f"| at {rate} | " + " | ".join(f"{dip}: predictive, fused, ratio" for dip in dips) + " |",
            "| --- |" + " --- |" * len(dips),
        ]
        for row in results["settings"]:
            cells = [
                _cell(row["predictive"]["found"][rate][dip], row["fused"]["found"][rate][dip]) for dip in dips
            ]
            lines.append(f"| {row['setting']} | " + " | ".join(cells) + " |")
        parts.append("\n".join(lines))
    lines = ["| nothing wrong, p < .025 | predictive | fused |", "| --- | --- | --- |"]
    lines += [
        f"| {row['setting']} | {_percent(row['predictive']['p < .025'])} | {_percent(row['fused']['p < .025'])} |"
        for row in results["settings"]
    ]
    return "\n\n".join([*parts, "\n".join(lines)]) + "\n"


def _cell(alone: Mapping[str, float], fused: Mapping[str, float]) -> str:
    ratio = fused["value"] / alone["value"]
    return f"{alone['value']:.3f}, {fused['value']:.3f} ± {fused['standard_error']:.3f}, **{ratio:.2f}**"


def _percent(figure: Mapping[str, float]) -> str:
    return f"{100 * figure['value']:.2f}% ± {100 * figure['standard_error']:.2f}"


if __name__ == "__main__":
    main()
