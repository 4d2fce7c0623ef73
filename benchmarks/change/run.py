"""How many each method calls improved or deteriorated where nobody's true score changed."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from goldseam.change.change_methods import CHANGE_METHODS, EXPECTATIONS
from goldseam.change.change_settings import ChangeSettings
from goldseam.change.judging import judged_columns
from goldseam.change.score_pairs import pair_figures
from goldseam.mixed_model import fit_mixed

HERE = Path(__file__).parent
RELIABILITY, MEAN, SD = 0.8, 50.0, 10.0
WORSE_THAN = 1.0
"""In SDs: who is taken into treatment because the first score is high, where lower is better."""

SESSIONS = (5, 10, 20)
PERSONS = 200
"""Of a group that one mixed model is fitted to."""


def pairs(n: int, rng: np.random.Generator, *, selected: bool) -> tuple[np.ndarray, np.ndarray]:
    """Two scores of people whose true score is the same at both."""
    true = rng.normal(MEAN, SD * np.sqrt(RELIABILITY), n * (8 if selected else 1))
    error = SD * np.sqrt(1 - RELIABILITY)
    first, later = (true + rng.normal(0, error, len(true)) for _ in range(2))
    kept = first > MEAN + WORSE_THAN * SD if selected else np.ones(len(true), bool)
    return first[kept][:n], later[kept][:n]


def shares(method: str, n: int, seed: int, *, selected: bool, stated: bool) -> tuple[float, float]:
    """Shares called improved and deteriorated by a method that compares two scores."""
    first, later = pairs(n, np.random.default_rng(seed), selected=selected)
    # stated: figures of the population the people come from; else those of the people themselves
    means = {"population_mean": MEAN} if method in {"GLN", "EN", "NK", "HLL"} else {}
    means |= {"population_post_mean": MEAN} if method == "HLL" else {}
    more = {"sd": SD, **means} if stated else {}
    settings = ChangeSettings(method=method, reliability=RELIABILITY, higher_is_better=False, **more)
    figures = pair_figures(first, later, settings)
    expected, error = EXPECTATIONS[method](first, figures, "published")
    status = judged_columns((later - expected) / error, (first, later), figures, None, settings)["status"]
    return float((status == "improved").mean()), float((status == "deteriorated").mean())


def model_shares(sessions: int, n: int, seed: int, *, own: bool) -> tuple[float, float]:
    """The same for the mixed model, with people who differ in level alone, or in slope too around an average of 0.

    Over many groups of people, since in each everybody's slope leans on one average.
    """
    found = [
        one_model(sessions, np.random.default_rng([seed, sessions, at]), own=own)
        for at in range(n // PERSONS)
    ]
    better, worse = np.concatenate(found, axis=1)
    return float(better.mean()), float(worse.mean())


def one_model(sessions: int, rng: np.random.Generator, *, own: bool) -> np.ndarray:
    """Who of one group is called improved, and who deteriorated, among those whose true slope is nil."""
    time = np.tile(np.arange(1.0, sessions + 1), PERSONS)
    person = np.repeat(np.arange(PERSONS), sessions)
    differ = rng.random(PERSONS) < 0.5 if own else np.zeros(PERSONS, bool)
    slope = np.where(differ, rng.normal(0, 0.7, PERSONS), 0.0)
    level = rng.normal(MEAN, SD * np.sqrt(RELIABILITY), PERSONS)
    y = level[person] + slope[person] * time + rng.normal(0, SD * np.sqrt(1 - RELIABILITY), len(time))
    x = np.column_stack([np.ones_like(time), time])
    model = fit_mixed(y, x, x, person)
    weight = np.array([0.0, 1.0])
    index = (model.fixed[1] + model.random[:, 1]) / np.sqrt(model.prediction_variance(weight, weight))
    return np.array([index < -1.96, index > 1.96])[:, ~differ]


def rows(n: int, seed: int) -> list[dict[str, object]]:
    """Every cell of the table."""
    found: list[dict[str, object]] = []
    for method in EXPECTATIONS:
        if method in {"PCT", "MIC"} or method == "HA":
            continue
        for selected, stated in ((False, False), (True, False), (True, True)):
            people = "everybody" if not selected else f"first score {WORSE_THAN:g} SD worse"
            whose = "stated population" if stated else "their own"
            better, worse = shares(method, n, seed, selected=selected, stated=stated)
            found.append(
                {
                    "method": method,
                    "people": people,
                    "figures": whose,
                    "improved": better,
                    "deteriorated": worse,
                }
            )
    for sessions in SESSIONS:
        for own in (False, True):
            better, worse = model_shares(sessions, n // 5, seed, own=own)
            people = f"{sessions} sessions, " + (
                "every other person has a slope (SD 0.7 a session)" if own else "nobody has a slope"
            )
            found.append(
                {
                    "method": "HLM",
                    "people": people,
                    "figures": "their own",
                    "improved": better,
                    "deteriorated": worse,
                }
            )
    return found


def hageman(n: int, seed: int) -> list[dict[str, object]]:
    """Hageman and Arrindell's needs true differences to have a reliability: a tenth of the people change."""
    rng = np.random.default_rng(seed)
    first, later = pairs(n, rng, selected=False)
    changed = rng.random(n) < 0.3
    later = later + np.where(changed, rng.normal(-8, 4, n), 0)
    settings = ChangeSettings(method="HA", reliability=RELIABILITY, higher_is_better=False)
    figures = pair_figures(first, later, settings)
    expected, error = EXPECTATIONS["HA"](first, figures, "published")
    status = judged_columns((later - expected) / error, (first, later), figures, None, settings)["status"]
    still = status.filter(~changed)
    row = {
        "method": "HA",
        "people": "everybody; three in ten others improve by 8 points",
        "figures": "their own",
    }
    return [
        {
            **row,
            "improved": float((still == "improved").mean()),
            "deteriorated": float((still == "deteriorated").mean()),
        }
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    given = parser.parse_args()
    found = [*rows(given.persons, given.seed), *hageman(given.persons, given.seed)]
    order = [*CHANGE_METHODS]
    found.sort(key=lambda row: order.index(str(row["method"])))
    made = {
        "date": f"{datetime.now(tz=UTC):%Y-%m-%d}",
        "persons": given.persons,
        "seed": given.seed,
        "rows": found,
    }
    given.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    for row in found:
        rates = f"{row['improved']:.1%} | {row['deteriorated']:.1%}"
        print(f"| {row['method']} | {row['people']} | {row['figures']} | {rates} |")


if __name__ == "__main__":
    main()
