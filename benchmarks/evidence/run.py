"""Whether strengths of the evidence fitted to confirmed sessions serve `fused` as well as the true ones would.

    python benchmarks/evidence/run.py            results.json and the tables of README.md
    python benchmarks/evidence/run.py --seed 5   the same by other chance: results-5.json and a table of its own
    python benchmarks/evidence/run.py --small    in seconds, for a look (--out FOLDER writes elsewhere)

A clinic is simulated by `goldseam.EvidenceModel`, whose mechanisms are not those that `fused` assumes, with strengths
half, once and twice its own. Episodes that `predictive`, version 2, raises are asked about and answered as the truth
is. The reference is `fused` with strengths fitted to the episodes of 6,000 cases.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "detectors"))

from report import write_between  # noqa: E402
from study import KINDS, SESSIONS, Sample, Threshold, label  # noqa: E402

from goldseam import EvidenceModel, Norms, detect, fit_evidence, fit_norms, simulate  # noqa: E402
from goldseam.detection import evidence_fit  # noqa: E402

SEED = 20261128
STRENGTHS = (0.5, 1.0, 2.0)
SIZES = (50, 100, 300)
CLINIC = {False: 2_000, True: 700}
NORMING = 600
REFERENCE = {False: 6_000, True: 2_000}
CASES = {False: 2_000, True: 400}
SEEDS = {False: 2, True: 1}
RATE = 0.03
DIPS = ((2.0, 1), (3.0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="few cases, seconds")
    parser.add_argument("--kind", default="items", choices=list(KINDS), help="what the ratings are like")
    parser.add_argument("--seed", type=int, default=SEED, help="another one gives other cases")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    arguments = parser.parse_args()
    evidence_fit.FEWEST_CONFIRMED = evidence_fit.FEWEST_ORDINARY = 1  # to see what fewer would do
    started = time.process_time()
    rows = [
        row
        for strength in STRENGTHS
        for row in measured(arguments.kind, strength, first_seed=arguments.seed, small=arguments.small)
    ]
    results = {
        "kind": arguments.kind,
        "cases per sample": CASES[arguments.small],
        "sessions": SESSIONS,
        "seed": arguments.seed,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "processor seconds": round(time.process_time() - started),
        "rows": rows,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    other = [] if arguments.kind == "items" else [arguments.kind]
    other += [] if arguments.seed == SEED else [str(arguments.seed)]
    name = "-".join(["results", *other])
    (arguments.out / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if arguments.kind == "items":
        markers = f"<!-- made by run.py: {name} -->", f"<!-- end of {name} -->"
        write_between(arguments.out / "README.md", markers, tables(results))


def labelled_clinic(kind: str, strength: float, norms: Norms, *, cases: int, seed: int) -> pl.DataFrame:
    """A clinic's ratings, with what it was told of the episodes that were raised."""
    made = simulate(
        cases=cases,
        sessions=SESSIONS,
        seed=seed,
        model=KINDS[kind],
        evidence=EvidenceModel(strength=strength),
    )
    raised = detect(made.ratings, version=2, norms=norms).events.select("case", session="onset_session")
    truth = made.truth.select("case", "onset_session", last=pl.col("onset_session") + pl.col("duration") - 1)
    told = raised.join(truth, on="case", how="left").select(
        "case",
        "session",
        strain_confirmed=pl.col("session")
        .is_between(pl.col("onset_session"), pl.col("last"))
        .fill_null(value=False)
        .cast(pl.Float64),
    )
    return made.ratings.join(told, on=["case", "session"], how="left", maintain_order="left")


def first_confirmed(table: pl.DataFrame, wanted: int) -> pl.DataFrame:
    """The first cases that together have so many confirmed sessions."""
    counted = (table["strain_confirmed"].fill_null(0) == 1).cum_sum()
    reached = table.filter(counted >= wanted)
    if reached.is_empty():
        raise SystemExit(f"only {counted[-1]} confirmed sessions, {wanted} wanted")
    return table.filter(pl.col("case") <= reached["case"][0])


def measured(kind: str, strength: float, *, first_seed: int, small: bool) -> list[dict[str, Any]]:
    """Every size and seed beside what is assumed and the reference, at one strength."""
    evidence, model = EvidenceModel(strength=strength), KINDS[kind]

    def sample(of: Any, place: int) -> Sample:
        return Sample(
            simulate(
                cases=CASES[small], sessions=SESSIONS, seed=first_seed + place, model=of, evidence=evidence
            )
        )

    samples = {"quiet": sample(model.without_episodes(), 0)} | {
        label(dip): sample(model.with_dips(depth_sd=dip[0], duration=dip[1]), place)
        for place, dip in enumerate(DIPS, start=1)
    }
    norming = simulate(cases=NORMING, sessions=SESSIONS, seed=first_seed + 99, model=model, evidence=evidence)
    norms = fit_norms(norming.ratings)
    many = labelled_clinic(kind, strength, norms, cases=REFERENCE[small], seed=first_seed + 50)
    rows = []

    def row(name: str, confirmed: int, ordinary: int = 0, *, seed: int = 0, **rule: Any) -> None:
        figures = found_by(samples, norms=norms, **rule)
        counts = {"confirmed": confirmed, "ordinary": ordinary}
        rows.append({"strength": strength, "name": name, **counts, "seed": seed, **figures})
        print(rows[-1], flush=True)

    row("predictive", 0, criterion="predictive", version=2)
    row("assumed", 0, criterion="fused")
    reference = fit_evidence(many, norms=norms)
    row("reference", reference.confirmed, reference.ordinary, criterion="fused", evidence=reference)
    for seed in range(SEEDS[small]):
        clinic = labelled_clinic(
            kind, strength, norms, cases=CLINIC[small], seed=first_seed + 100 + seed + int(1000 * strength)
        )
        for size in SIZES if not small else SIZES[:2]:
            fitted = fit_evidence(first_confirmed(clinic, size), norms=norms)
            row("fitted", size, fitted.ordinary, seed=seed, criterion="fused", evidence=fitted)
    return rows


def found_by(samples: Mapping[str, Sample], *, norms: Norms, **rule: Any) -> dict[str, float]:
    """Dips found at `RATE`, and how often p is below .025 where nothing is wrong."""

    def p_of(sample: Sample) -> np.ndarray:
        found = detect(sample.simulation.ratings, norms=norms, **rule)
        return np.where(sample.evaluable, sample.lay_out(found.details["p"]), np.nan)

    quiet = p_of(samples["quiet"])
    threshold = Threshold.at(RATE, quiet, samples["quiet"])
    found = {
        name: round(threshold.found(sample, p_of(sample)).value, 5)
        for name, sample in samples.items()
        if name != "quiet"
    }
    known = quiet[~np.isnan(quiet)]
    return {"p < .025": round(float((known < 0.025).mean()), 5), **found}


def tables(results: Mapping[str, Any]) -> str:
    """The results as tables of README.md."""
    dips = [label(dip) for dip in DIPS]
    facts = (
        f"{results['date']}; kind {results['kind']}, {results['cases per sample']:,} cases per sample, "
        f"{results['sessions']} sessions, seed {results['seed']}; {results['processor seconds']} processor seconds."
    )
    head = [
        f"| strength | | {' | '.join(f'{dip}, share of the reference' for dip in dips)} | nothing wrong, p < .025 |",
        "| --- | --- | " + "--- | " * len(dips) + "--- |",
    ]
    lines = []
    for strength in STRENGTHS:
        rows = [row for row in results["rows"] if row["strength"] == strength]
        (reference,) = [row for row in rows if row["name"] == "reference"]
        for row in rows:
            if row["name"] != "fitted":
                cells = " | ".join(f"{row[dip]:.3f}, {row[dip] / reference[dip]:.3f}" for dip in dips)
                lines.append(f"| {strength:g} | {_name(row)} | {cells} | {100 * row['p < .025']:.2f}% |")
        for size in sorted({row["confirmed"] for row in rows if row["name"] == "fitted"}):
            some = [row for row in rows if row["name"] == "fitted" and row["confirmed"] == size]
            cells = " | ".join(_mean_and_least([row[dip] / reference[dip] for row in some]) for dip in dips)
            p = [100 * row["p < .025"] for row in some]
            lines.append(f"| {strength:g} | fitted to {size} | {cells} | {min(p):.2f} to {max(p):.2f}% |")
    return "\n".join([facts, "", *head, *lines]) + "\n"


def _name(row: Mapping[str, Any]) -> str:
    return f"reference, {row['confirmed']:,} confirmed" if row["name"] == "reference" else row["name"]


def _mean_and_least(shares: list[float]) -> str:
    return f"{np.mean(shares):.3f}, least {min(shares):.3f}"


if __name__ == "__main__":
    main()
