"""Makes src/goldseam/trajectory/data/shape_limits.json: limits and chance shares from simulated flat courses."""

import argparse
import json
from pathlib import Path

import numpy as np

from goldseam.trajectory.shape_limits import BORROWED, ShapeLimits
from goldseam.trajectory.shape_names import SHAPES, courses_named, lines_named
from goldseam.trajectory.shape_templates import MOST_DIPS, ShapeStatistics, shape_statistics

LENGTHS = [*range(6, 31), 35, 40, 50, 60, 80, 100]
TAILS = {"curve": 0.02, "early": 0.01, "dip": 0.0125}
SAWTOOTH_TAIL = 0.004
OUT = Path(__file__).resolve().parents[2] / "src/goldseam/trajectory/data/shape_limits.json"


def flat(rng: np.random.Generator, persons: int, n: int, weight: float) -> np.ndarray:
    """Courses without anything in them; SDs differ between people where the usual one is borrowed."""
    sds = np.sqrt(weight / rng.chisquare(weight, persons)) if weight else np.ones(persons)
    return rng.normal(size=(persons, n)) * sds[:, None]


def limits_of(found: ShapeStatistics) -> ShapeLimits:
    """What each statistic exceeds in its share of flat courses."""
    teeth = [
        float(np.quantile(column, 1 - SAWTOOTH_TAIL)) if column.any() else np.inf
        for column in found.sawtooth.T
    ]
    return ShapeLimits(
        curve=float(np.quantile(np.abs(found.curve), 1 - TAILS["curve"])),
        early=float(np.quantile(found.early, 1 - TAILS["early"])),
        dip=float(np.quantile(found.dip, 1 - TAILS["dip"])),
        sawtooth=np.array(teeth),
    )


def own_sd(values: np.ndarray) -> np.ndarray:
    """The SD around the own line, which stands for the usual one where nothing else is known."""
    n = values.shape[1]
    time = np.arange(n) - (n - 1) / 2
    slope = values @ time / (time @ time)
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, time)
    return np.sqrt((left**2).sum(axis=1) / (n - 2))


def shares(names: np.ndarray) -> list[float]:
    return [float(np.mean(names == shape)) for shape in SHAPES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    made: dict[str, object] = {
        "made_by": "benchmarks/shapes/calibrate.py",
        "persons": given.persons,
        "seed": given.seed,
    }
    limits: dict[str, dict[str, list]] = {}
    chance: dict[str, object] = {"lengths": [4, 5, *LENGTHS]}
    for kind, weight in (("borrowed", BORROWED), ("own", 0.0)):
        rows, named = [], []
        for n in (4, 5):
            values = flat(np.random.default_rng([given.seed, n]), given.persons, n, weight)
            sd = 1.0 if weight else own_sd(values)
            named.append(shares(lines_named(values, sd, weight).shape))
        for n in LENGTHS:
            values = flat(np.random.default_rng([given.seed, n]), given.persons, n, weight)
            sd = 1.0 if weight else own_sd(values)
            found = shape_statistics(values, 1.0, weight)
            rows.append(limits_of(found))
            named.append(shares(courses_named(found, rows[-1], n, sd, weight).shape))
        limits[kind] = {
            "curve": [round(row.curve, 4) for row in rows],
            "early": [round(row.early, 4) for row in rows],
            "dip": [round(row.dip, 4) for row in rows],
            "sawtooth": [
                [None if np.isinf(row.sawtooth[at]) else round(float(row.sawtooth[at]), 4) for row in rows]
                for at in range(MOST_DIPS - 1)
            ],
        }
        chance[kind] = {shape: [round(row[at], 5) for row in named] for at, shape in enumerate(SHAPES)}
        print(kind, [(n, round(1 - row[0], 4)) for n, row in zip([4, 5, *LENGTHS], named, strict=True)])
    given.out.write_text(json.dumps({**made, "lengths": LENGTHS, "limits": limits, "chance": chance}) + "\n")


if __name__ == "__main__":
    main()
