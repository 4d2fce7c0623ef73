"""What `predictive` promises over both channels, with norms fitted to files with no, some and many events.

    python benchmarks/detectors/run_budget.py [--version 4] [--kinds items drift] [--cases 3000]
    python benchmarks/detectors/run_budget.py --falls [--kinds items drift]   norms fitted with falls=True
    python benchmarks/detectors/run_budget.py --costs [--kinds items drift]   what a slow share costs
    python benchmarks/detectors/run_budget.py --levels [--kinds items drift]  false alarms by the person's own level

A row a kind of data (those of study.py and of item_sums.py) and share of series with an event where the norms come
from (none, a fifth, nearly half): onsets in null sessions, those of slow declines, dips found in the session of the dip
as a share of what the Bayes limit finds at that rate, slow declines found within ten sessions, onsets from the
seventh session after a lasting fall (of all, and where it had been found by then), and what is said of repair over all
found dips with two later ratings or more.
"""

import argparse
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from item_sums import KINDS as SUMS
from item_sums import Courses, ItemSums, bayes_limit, dips, eventful, found_at, quiet
from numpy.typing import NDArray
from rules import evaluable
from study import KINDS, LATE, LATE_SESSIONS, SESSIONS

from goldseam.detection import Detection, detect
from goldseam.norms import Norms, fit_norms
from goldseam.operating.bayes_limit import bayes_limit_p
from goldseam.simulate import Simulation, SimulationModel, simulate

SHARES = (0.0, 0.2, 0.45)
DEPTHS = (2.0, 3.0)
NORMING_CASES = 600
SEED = 20261128
SLOW_SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
LEVELS = (-7, -5, -4, -3, -2, -1, 0, 1)  # SDs between persons from the mean of the population
SHORT = 8
SOON = 10
SUM_KINDS = ("middle", "quarter at the ceiling", "near the floor", "nine totals", "short courses")
COLUMNS = (
    "onsets",
    "slow",
    "2 SD",
    "3 SD",
    "declines",
    "late",
    "late, found",
    "never: repaired",
    "repaired: repaired",
    "cannot be told",
    "short, never",
    "short, repaired",
    "false: repaired",
)
Row = dict[str, float]
Judge = partial[Detection]


def onsets(found: Detection, ratings: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether an episode begins with each row of the ratings."""
    text = pl.col("case").cast(pl.String)
    begins = found.events.select(text, session="onset_session").with_columns(onset=pl.lit(value=True))
    rows = ratings.select(text, "session").join(
        begins, on=["case", "session"], how="left", maintain_order="left"
    )
    return rows["onset"].fill_null(value=False).to_numpy()


@dataclass(frozen=True, eq=False)
class Simulated:
    """Courses of the library's simulator, as rows of sessions."""

    made: Simulation

    @property
    def values(self) -> NDArray[np.float64]:
        return self.lay_out(self.made.ratings["value"])

    def lay_out(self, column: pl.Series) -> NDArray[np.float64]:
        cells = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return cells.reshape(self.made.people.height, -1)


def of_simulator(model: SimulationModel, judge: Judge, cases: int) -> Row:
    """All columns for one kind of the library's simulator."""
    calm = Simulated(simulate(cases=cases, sessions=SESSIONS, seed=SEED, model=model.without_episodes()))
    null = judge(calm.made.ratings)
    looks = evaluable(calm.values)
    begun = onsets(null, calm.made.ratings).reshape(looks.shape)
    alarms = float(begun[looks].mean())
    row = {"onsets": alarms, "slow": float((null.sessions["criterion_2"] == "met").sum() / looks.sum())}
    limit = bayes_limit_p(calm.made, model)
    for depth in DEPTHS:
        held = Simulated(
            simulate(
                cases=cases,
                sessions=SESSIONS,
                seed=SEED + 1,
                model=model.with_dips(depth_sd=depth, duration=1),
            )
        )
        deep = held.made.truth["onset_session"].to_numpy()[:, None] == np.arange(1, SESSIONS + 1)
        looked = deep & evaluable(held.values)
        best = bayes_limit_p(held.made, model)
        point = np.quantile(limit[looks], alarms)
        reach = float((best[looked] < point).mean())
        seen = onsets(judge(held.made.ratings), held.made.ratings).reshape(looked.shape)
        row[f"{depth:g} SD"] = float(seen[looked].mean()) / reach
    row["declines"] = _declines(model, judge, cases)
    row |= _late(model, judge, cases)
    row |= _repairs(model, judge, cases)
    if "repair" in null.episodes.columns:
        told = null.episodes.filter(pl.col("last_session") < SESSIONS)
        row["false: repaired"] = float((told["repair"] == "repaired").mean() or 0.0)
    return row


def _declines(model: SimulationModel, judge: Judge, cases: int) -> float:
    """Declines of 2 own SDs over six sessions that open an episode within ten sessions of their beginning."""
    slow = replace(model, episode_share=1.0, depth_sd=(2.0, 2.0), erosion_share=1.0, erosion_sessions=6)
    made = simulate(cases=cases, sessions=LATE_SESSIONS, seed=SEED + 2, model=slow)
    truth = made.truth.filter(pl.col("onset_session") <= LATE_SESSIONS - SOON)
    events = judge(made.ratings.join(truth.select("case"), on="case")).events
    since = events.select("case", "onset_session").join(
        truth.select("case", begins="onset_session"), on="case"
    )
    passed = pl.col("onset_session") - pl.col("begins")
    soon = since.filter(passed >= 0, passed < SOON)
    return soon["case"].n_unique() / truth.height


def _late(model: SimulationModel, judge: Judge, cases: int) -> Row:
    """Onsets per session that can be judged, from the seventh on after a lasting fall of 2 to 3 own SDs.

    Of all, and where the fall itself had been found by then: an onset that finds it later is late, but right.
    """
    fallen = replace(model, episode_share=1.0, depth_sd=(2.0, 3.0), repaired_share=0.0, erosion_share=0.0)
    made = Simulated(simulate(cases=cases, sessions=LATE_SESSIONS, seed=SEED + 3, model=fallen))
    onset = made.made.truth["onset_session"].to_numpy()[:, None]
    late = evaluable(made.values) & (np.arange(1, LATE_SESSIONS + 1) - onset >= LATE)
    begun = onsets(judge(made.made.ratings), made.made.ratings).reshape(late.shape)
    passed = np.arange(1, LATE_SESSIONS + 1) - onset
    found = (begun & (passed >= 0) & (passed < LATE)).any(axis=1)
    return {"late": float(begun[late].mean()), "late, found": float(begun[found][late[found]].mean())}


def _repairs(model: SimulationModel, judge: Judge, cases: int) -> Row:
    """What is said of the first event within each dip, if two ratings follow or more."""
    row: Row = {}
    for prefix, sessions in (("", SESSIONS), ("short, ", SHORT)):
        told = []
        for share in (0.0, 1.0):
            held = replace(model, episode_share=1.0, repaired_share=share, erosion_share=0.0)
            made = simulate(cases=cases, sessions=sessions, seed=SEED + 4, model=held)
            told.append(_answers(made, judge(made.ratings), repaired=share == 1))
        never, mended = told
        names = (
            ("never: repaired", "repaired: repaired") if not prefix else ("short, never", "short, repaired")
        )
        row |= dict(zip(names, (_share(each, "repaired") for each in told), strict=True))
        if not prefix:
            row["cannot be told"] = _share(pl.concat([never, mended]), "cannot be told")
    return row


def _share(answers: pl.Series, word: str) -> float:
    return float((answers == word).sum() / max(len(answers), 1))


def _answers(made: Simulation, found: Detection, *, repaired: bool) -> pl.Series:
    rated = made.ratings.drop_nulls("value").select("case", "session")
    truth = made.truth.select("case", "duration", mended="repair_session", begins="onset_session")
    events = found.episodes
    if "repair" not in events.columns:
        said = pl.col("status").is_in(["repaired", "repaired_unconfirmed"])
        events = events.with_columns(repair=pl.when(said).then(pl.lit("repaired")).otherwise(pl.lit("other")))
    since = pl.col("onset_session") - pl.col("begins")
    within = (
        events.select("case", "onset_session", "repair")
        .join(truth, on="case")
        .filter(since >= 0, since < pl.col("duration"))
        .sort("case", "onset_session")
        .unique("case", keep="first", maintain_order=True)
    )
    later = within.select("case", "onset_session").join(rated, on="case")
    counted = (
        later.filter(pl.col("session") > pl.col("onset_session"))
        .group_by("case")
        .agg(later=pl.len(), last=pl.col("session").max())
    )
    seen = within.join(counted, on="case").filter(pl.col("later") >= 2)
    if repaired:
        seen = seen.filter(pl.col("mended") <= pl.col("last"))
    return seen["repair"]


def of_sums(kind: ItemSums, judge: Judge, cases: int, seed: int) -> Row:
    """Onsets and dips found for sums of items of another program."""
    random = np.random.default_rng(seed)
    null, *held = quiet(kind, cases, random), *(dips(kind, cases, depth, random) for depth in DEPTHS)
    limit = bayes_limit(null)

    def begun(courses: Courses) -> NDArray[np.bool_]:
        return onsets(judge(courses.table()), courses.table()).reshape(courses.totals.shape)

    alarms = float(begun(null)[null.evaluable].mean())
    slow = (judge(null.table()).sessions["criterion_2"] == "met").sum() / null.evaluable.sum()
    row = {"onsets": alarms, "slow": float(slow)}
    for depth, courses in zip(DEPTHS, held, strict=True):
        reach = found_at(alarms, (null, limit), (courses, bayes_limit(courses)))
        looked = courses.evaluable & courses.deep
        row[f"{depth:g} SD"] = float(begun(courses)[looked].mean()) / reach
    return row


def norms_of(kind: str, share: float, cases: int = NORMING_CASES, *, falls: bool = False) -> Norms:
    """Fitted to other courses of the kind, so many with an event."""
    if kind in KINDS:
        model = replace(KINDS[kind], episode_share=share)
        made = simulate(cases=cases, sessions=SESSIONS, seed=SEED + 99, model=model)
        return fit_norms(made.ratings, falls=falls)
    return fit_norms(eventful(SUMS[kind], cases, share, np.random.default_rng(SEED)).table(), falls=falls)


def costs(kinds: list[str], cases: int) -> None:
    """Means over kinds of data, with norms of files of which a fifth of the series hold an event, by `slow_share`."""
    names = ("onsets", "slow", "dips of 2 SD", "dips of 3 SD", "declines")
    print("| slow_share | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    fitted = {kind: norms_of(kind, SHARES[1]) for kind in kinds}
    for slow in SLOW_SHARES:
        rows = []
        for kind in kinds:
            model = KINDS[kind]
            judge = partial(detect, criterion="predictive", version=4, norms=fitted[kind], slow_share=slow)
            calm = Simulated(
                simulate(cases=cases, sessions=SESSIONS, seed=SEED, model=model.without_episodes())
            )
            null, looks = judge(calm.made.ratings), evaluable(calm.values).sum()
            slow_ones = (null.sessions["criterion_2"] == "met").sum()
            found = [_dips_found(model, depth, judge, cases) for depth in DEPTHS]
            rows.append(
                [null.events.height / looks, slow_ones / looks, *found, _declines(model, judge, cases)]
            )
        means = np.mean(rows, axis=0)
        cells = [f"{figure:.4f}" if place < 2 else f"{figure:.3f}" for place, figure in enumerate(means)]
        print(f"| {slow:g} | {' | '.join(cells)} |", flush=True)


def levels(kinds: list[str], cases: int, version: int) -> None:
    """False alarms of people whose level is known: null sessions, norms of files in which a fifth hold an event.

    Somebody far below the population is rare, so that means over a population hide what they are told.
    """
    print("| kind | own level, SDs | own level | onsets | slow | cases with a slow decline |")
    print("|---|---|---|---|---|---|")
    for kind in kinds:
        fitted = norms_of(kind, SHARES[1])
        for place in LEVELS:
            model = KINDS[kind]
            level = model.mean + place * model.between_sd
            if model.minimum is not None:
                level = max(level, model.minimum)
            alone = replace(model, mean=level, between_sd=0.0).without_episodes()
            calm = Simulated(simulate(cases=cases, sessions=SESSIONS, seed=SEED + 5, model=alone))
            null = detect(calm.made.ratings, criterion="predictive", version=version, norms=fitted)
            looks = evaluable(calm.values).sum()
            slow = null.sessions.filter(criterion_2="met")
            told = slow["case"].n_unique() / cases
            rates = f"{null.events.height / looks:.4f} | {slow.height / looks:.4f} | {told:.3f}"
            print(f"| {kind} | {place} | {level:.2f} | {rates} |", flush=True)


def _dips_found(model: SimulationModel, depth: float, judge: Judge, cases: int) -> float:
    """Share of one-session dips with an onset in their session."""
    held = Simulated(
        simulate(
            cases=cases, sessions=SESSIONS, seed=SEED + 1, model=model.with_dips(depth_sd=depth, duration=1)
        )
    )
    deep = held.made.truth["onset_session"].to_numpy()[:, None] == np.arange(1, SESSIONS + 1)
    seen = onsets(judge(held.made.ratings), held.made.ratings).reshape(deep.shape)
    return float(seen[deep & evaluable(held.values)].mean())


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", type=int, default=4)
    parser.add_argument("--kinds", nargs="+", default=[*KINDS, *SUM_KINDS])
    parser.add_argument("--cases", type=int, default=3_000)
    parser.add_argument("--norming-cases", type=int, default=NORMING_CASES)
    parser.add_argument("--falls", action="store_true", help="norms that take lasting changes to be falls")
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--levels", action="store_true")
    given = parser.parse_args()
    if given.costs:
        costs([kind for kind in given.kinds if kind in KINDS], given.cases)
        return
    if given.levels:
        levels([kind for kind in given.kinds if kind in KINDS], given.cases, given.version)
        return
    started = time.process_time()
    print("| kind | events in norms | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for kind in given.kinds:
        for share in SHARES:
            judge = partial(
                detect,
                criterion="predictive",
                version=given.version,
                norms=norms_of(kind, share, given.norming_cases, falls=given.falls),
            )
            if kind in KINDS:
                row = of_simulator(KINDS[kind], judge, given.cases)
            else:
                row = of_sums(SUMS[kind], judge, given.cases, SEED)
            cells = [
                f"{row[name]:.4f}" if name in COLUMNS[:2] else f"{row[name]:.3f}" if name in row else ""
                for name in COLUMNS
            ]
            print(f"| {kind} | {share:.0%} | {' | '.join(cells)} |", flush=True)
    print(f"\n{time.process_time() - started:.0f} s of one processor.")


if __name__ == "__main__":
    main()
