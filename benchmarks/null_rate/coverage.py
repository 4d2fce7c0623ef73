"""Does the null rate hold, and does the correction give the true prevalence back? Many simulated tables, truth known.

    python benchmarks/null_rate/coverage.py                   # all of it, prints the table of the README
    python benchmarks/null_rate/coverage.py --sets 20         # a quick look

Each table has 100 cases with 12 sessions. Where nothing is wrong, the prevalence seen should lie within the interval
of chance in 95 of 100 tables. Where 30% of the cases have a dip of 2.5 own SD for one or two sessions, the corrected
estimate should be .30 on average, and its interval should hold .30 in 95 of 100 tables.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import sqrt

import numpy as np

from goldseam import Norms, NullRate, Simulation, SimulationModel, fit_norms, null_rate, simulate
from goldseam.simulate import MODELS

CASES, SESSIONS = 100, 12
REPLICATIONS = 200
TRUE_SHARE = 0.3
NORMING_CASES = 1_000

CALM, STRAINED = "1,000 calm cases", "1,000 cases with ruptures"
ITSELF, SHIPPED = "the table itself", "shipped, not fitted"

# kind of data, what the norms are fitted to, criterion and version
SETTINGS = (
    ("items", CALM, "own-mean", 1),
    ("items", CALM, "previous-drop", 1),
    ("items", CALM, "predictive", 1),
    ("items", CALM, "predictive", 2),
    ("ceiling", CALM, "own-mean", 1),
    ("unequal-sd", CALM, "own-mean", 1),
    ("autocorrelated", CALM, "own-mean", 1),
    ("drift", CALM, "own-mean", 1),
    ("missing", CALM, "own-mean", 1),
    ("items", STRAINED, "own-mean", 1),
    ("items", STRAINED, "previous-drop", 1),
    ("items", STRAINED, "predictive", 1),
    ("items", ITSELF, "own-mean", 1),
    ("items", SHIPPED, "own-mean", 1),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=200, help="tables of each sort")
    parser.add_argument("--only", type=int, help="one setting, by its number from 0")
    arguments = parser.parse_args()
    chosen = SETTINGS if arguments.only is None else (SETTINGS[arguments.only],)
    print(
        "| data | norms fitted to | criterion | within chance, % | seen, % | corrected, % | its interval holds, % |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind, source, criterion, version in chosen:
        print(row(kind, source, criterion, version, sets=arguments.sets), flush=True)
    day = datetime.now(tz=UTC).date().isoformat()
    print(f"\n{day}, {arguments.sets} tables of {CASES} cases a figure, {REPLICATIONS} replications.")


def row(kind: str, source: str, criterion: str, version: int, *, sets: int) -> str:
    """One line of the table; in brackets the Monte-Carlo standard errors."""
    model = MODELS[kind]
    dips = replace(model.with_dips(depth_sd=2.5, duration=1), durations=(1, 2), episode_share=TRUE_SHARE)
    norms_for = _norms(source, model)

    def judged(simulation: Simulation, seed: int) -> NullRate:
        return null_rate(
            simulation.ratings,
            criterion=criterion,
            version=version,
            norms=norms_for(simulation),
            replications=REPLICATIONS,
            seed=seed,
        )

    tables = [
        [
            (
                made := simulate(cases=CASES, sessions=SESSIONS, seed=first + number, model=each),
                judged(made, number),
            )
            for number in range(sets)
        ]
        for first, each in ((10_000, model.without_episodes()), (20_000, dips))
    ]
    quiet = [_within(rates) for _, rates in tables[0]]
    seen = [rates.prevalence.value for _, rates in tables[1] if rates.prevalence]
    corrected = [rates.corrected_prevalence.value for _, rates in tables[1] if rates.corrected_prevalence]
    held = [_holds(rates) for _, rates in tables[1]]
    figures = " | ".join(_percent(each) for each in (quiet, seen, corrected, held))
    return f"| {kind} | {source} | `{criterion}` {version} | {figures} |"


def _norms(source: str, model: SimulationModel) -> Callable[[Simulation], Norms]:
    """The norms for a table: the same for all, or fitted to each."""
    if source == ITSELF:
        return lambda simulation: fit_norms(simulation.ratings)
    if source == SHIPPED:
        return lambda _: Norms.default()
    people = model.without_episodes() if source == CALM else model
    fitted = fit_norms(simulate(cases=NORMING_CASES, sessions=SESSIONS, seed=9, model=people).ratings)
    return lambda _: fitted


def _within(rates: NullRate) -> float:
    """1 where the prevalence seen lies within the interval of chance."""
    if rates.prevalence is None or rates.chance_prevalence is None:
        return np.nan
    return float(rates.chance_prevalence.low <= rates.prevalence.value <= rates.chance_prevalence.high)


def _holds(rates: NullRate) -> float:
    """1 where the corrected interval holds the share of the population the table comes from."""
    estimate = rates.corrected_prevalence
    return np.nan if estimate is None else float(estimate.low <= TRUE_SHARE <= estimate.high)


def _percent(values: list[float]) -> str:
    known = np.array([value for value in values if not np.isnan(value)])
    return f"{100 * known.mean():.1f} ({100 * known.std(ddof=1) / sqrt(len(known)):.1f})"


if __name__ == "__main__":
    main()
