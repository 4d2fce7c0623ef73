"""`predictive` on sums of items; norms from files in which none, a fifth and nearly half of the series hold events.

    python benchmarks/detectors/run_item_sums.py [--kinds "middle,near both ends"] [--seed 7]

A row a kind and share: dips of 2 and 3 own SDs found by p alone, and by the criterion as shipped, as a share of what
the Bayes limit finds at the same rate of false alarms (all channels counted); p < .025 and onsets in null sessions.
"""

import argparse

import numpy as np
import polars as pl
from item_sums import KINDS, Courses, FloatArray, ItemSums, bayes_limit, dips, eventful, found_at, quiet

from goldseam.detection import detect
from goldseam.norms import Norms, fit_norms

CASES, NORMING_CASES = 2_500, 600
SHARES = (0.0, 0.2, 0.45)
DEPTHS = (2.0, 3.0)
NOMINAL = 0.025


def judged(courses: Courses, norms: Norms) -> tuple[FloatArray, FloatArray]:
    """p of every rating, and whether an episode begins with it."""
    found = detect(courses.table(), criterion="predictive", norms=norms)
    begins = found.events.select(pl.col("case").cast(pl.String), "onset_session").with_columns(
        onset=pl.lit(1.0)
    )
    rows = courses.table().select(pl.col("case").cast(pl.String), onset_session="session")
    onsets = rows.join(begins, on=["case", "onset_session"], how="left", maintain_order="left")["onset"]
    return courses.lay_out(found.sessions["p"]), np.nan_to_num(courses.lay_out(onsets))


def figures(kind: ItemSums, seed: int) -> dict[float, list[float]]:
    """By share of series with an event: p alone at both depths, as shipped at both, p < .025, onsets."""
    random = np.random.default_rng(seed)
    null, *held = quiet(kind, CASES, random), *(dips(kind, CASES, depth, random) for depth in DEPTHS)
    limit, limits = bayes_limit(null), [bayes_limit(each) for each in held]
    rows = {}
    for share in SHARES:
        file = eventful(kind, NORMING_CASES, share, np.random.default_rng(seed + 1000))
        norms = fit_norms(file.table())
        (p, onset), *seen = (judged(each, norms) for each in (null, *held))
        alarms = float(onset[null.evaluable].mean())
        alone, shipped = [], []
        for courses, best, (own, begins) in zip(held, limits, seen, strict=True):
            reach = [found_at(rate, (null, limit), (courses, best)) for rate in (NOMINAL, alarms)]
            alone.append(found_at(NOMINAL, (null, p), (courses, own)) / reach[0])
            shipped.append(float(begins[courses.evaluable & courses.deep].mean()) / reach[1])
        rows[share] = [*alone, *shipped, float((p[null.evaluable] < NOMINAL).mean()), alarms]
    return rows


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    print("| kind | events | p 2 SD | p 3 SD | shipped 2 SD | shipped 3 SD | p < .025 | onsets |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in given.kinds.split(","):
        for share, row in figures(KINDS[name], given.seed).items():
            cells = [*(f"{each:.3f}" for each in row[:4]), *(f"{each:.4f}" for each in row[4:])]
            print(f"| {name} | {share:.0%} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
