"""Names that straight courses get by chance, and the names that courses of known shapes get."""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np

from goldseam.trajectory.shape_limits import BORROWED, shape_limits
from goldseam.trajectory.shape_names import SHAPES, STABLE, courses_named, lines_named
from goldseam.trajectory.shape_templates import shape_statistics

HERE = Path(__file__).parent
LENGTHS = (4, 6, 8, 12, 20, 30)
LOG_SD, AUTOCORRELATION = 0.35, 0.2
DEPTHS = (3.5, 5.0)
"""Of the true shapes, in SDs within persons; the change over the course for rising and declining ones."""


def noise(rng: np.random.Generator, persons: int, n: int, kind: str) -> np.ndarray:
    """Ratings around a level, of several kinds; on average their SD is 1."""
    sds = np.exp(rng.normal(0, LOG_SD, persons)) if kind != "equal SDs" else np.ones(persons)
    made = rng.normal(size=(persons, n))
    if kind == "autocorrelation .2":
        for at in range(1, n):
            made[:, at] = AUTOCORRELATION * made[:, at - 1] + np.sqrt(1 - AUTOCORRELATION**2) * made[:, at]
    if kind == "heavy tails":
        made = rng.standard_t(5, size=(persons, n)) * np.sqrt(3 / 5)
    return made * sds[:, None]


def ceilinged(rng: np.random.Generator, persons: int, n: int) -> np.ndarray:
    """A scale from 0 to 10 in halves, a quarter of the ratings at its end."""
    level = rng.normal(8.8, 1.2, persons)[:, None]
    return np.clip(np.round(2 * (level + noise(rng, persons, n, "unequal SDs"))) / 2, 0, 10)


def true_shape(shape: str, n: int, persons: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """The course itself, without noise."""
    place = np.arange(n) / (n - 1)
    bow = depth * (2 * place - 1) ** 2
    courses = {
        "stable": 0 * place,
        "rising": depth * place,
        "declining": -depth * place,
        "U": bow,
        "inverted U": -bow,
        "low early, then better": depth * (np.arange(n) >= max(2, n // 4)),
    }
    if shape in courses:
        return np.broadcast_to(courses[shape], (persons, n))
    at = rng.integers(1, n - 2, persons)
    dips = (np.arange(n) == at[:, None]) | (np.arange(n) == at[:, None] + 1)
    if shape == "sawtooth":
        phase = rng.integers(0, 4, persons)[:, None]
        dips = (np.arange(n) + phase) % 4 < 1
    return -depth * dips


def named(values: np.ndarray, sd: float) -> np.ndarray:
    n = values.shape[1]
    if n < 6:
        return lines_named(values, sd, BORROWED).shape
    return courses_named(
        shape_statistics(values, sd, BORROWED), shape_limits(n, BORROWED), n, sd, BORROWED
    ).shape


def pooled_sd(values: np.ndarray) -> float:
    n = values.shape[1]
    time = np.arange(n) - (n - 1) / 2
    slope = values @ time / (time @ time)
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, time)
    return float(np.sqrt((left**2).sum() / (n - 2) / len(values)))


def chance(persons: int, seed: int) -> list[dict[str, object]]:
    """Shares of flat courses that are called anything but stable."""
    found = []
    for kind in ("equal SDs", "unequal SDs", "autocorrelation .2", "heavy tails", "ceiling"):
        for n in LENGTHS:
            rng = np.random.default_rng([seed, n])
            values = ceilinged(rng, persons, n) if kind == "ceiling" else noise(rng, persons, n, kind)
            names = named(values, pooled_sd(values))
            shares = {shape: float(np.mean(names == shape)) for shape in SHAPES if shape != STABLE}
            found.append({"kind": kind, "n": n, "in all": sum(shares.values()), **shares})
    return found


def truths(persons: int, seed: int) -> list[dict[str, object]]:
    """True by given names."""
    found = []
    for depth, n, shape in product(DEPTHS, (8, 12, 20), SHAPES):
        rng = np.random.default_rng([seed, n])
        values = true_shape(shape, n, persons, depth, rng) + noise(rng, persons, n, "unequal SDs")
        names = named(values, float(np.exp(LOG_SD**2)))  # root mean square of these people's SDs
        given = {each: float(np.mean(names == each)) for each in SHAPES}
        found.append({"depth": depth, "n": n, "true": shape, **given})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    made = {"persons": given.persons, "seed": given.seed, "chance": chance(given.persons, given.seed)}
    made["truths"] = truths(given.persons // 4, given.seed)
    (HERE / "results.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    for row in made["chance"]:  # type: ignore[attr-defined]
        print(
            row["kind"],
            row["n"],
            f"{row['in all']:.1%}",
            {k: round(v, 3) for k, v in row.items() if k in SHAPES},
        )
    for row in made["truths"]:  # type: ignore[attr-defined]
        print(
            row["depth"],
            row["n"],
            f"{row['true']:24}",
            {k: round(v, 2) for k, v in row.items() if k in SHAPES and v > 0.02},
        )


if __name__ == "__main__":
    main()
