"""How long episodes last, how deep they are, how they are repaired: beside the same of episodes that are chance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cumulative_incidence import CENSORED, Histories, aalen_johansen
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.judged_tables import JudgedTables, own_events
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.operating.simulation_verdicts import REPAIRED
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

    from goldseam.cohort.cohort_data import Cohort

TABLES = 40
REPAIR = "repaired"
ENDED = "treatment ended"
REPAIR_TIMES = (1, 2, 3, 6)
AFTER = 3
RESAMPLES = 400
STREAM = 42
FIGURES = {
    "depth": ("depth, points", "fall from the level before to the lowest rating"),
    "depth_z": ("depth, SDs of the prediction", "the same in SDs of what was predicted at the onset"),
    "duration": (
        "duration, sessions, of repaired episodes",
        "from the onset to the session before the repair",
    ),
    "overshoot": (
        "overshoot, points, of repaired episodes",
        f"mean of up to {AFTER} ratings after the repair, above the level before the onset",
    ),
}
"""Columns that are described, with what they are called and mean."""


@dataclass(frozen=True, eq=False)
class EpisodeCourses:
    """What episodes are like.

    Attributes
    ----------
    figures : polars.DataFrame
        ``figure, meaning, episodes, median, low, high`` (95%, between cases, norms held),
        ``lower_quartile, upper_quartile, chance_median`` (of the episodes of tables in which nothing happens).
    repair : polars.DataFrame
        ``sessions`` after the onset, ``at_risk, repaired`` (cumulative incidence, the end of treatment competing),
        ``low, high`` (95%, clustered by case), ``chance_repaired``.
    refused : str or None
        Why there is nothing.
    """

    figures: "pl.DataFrame"
    repair: "pl.DataFrame"
    refused: str | None


def episode_courses_of(
    counter: EpisodeCounter,
    model: ChanceModel,
    judged: JudgedTables | None = None,
    *,
    linearised: bool = False,
) -> EpisodeCourses:
    """Describe the episodes of the primary criterion, beside those of drawn tables.

    `linearised`: intervals of medians without resampling.
    """
    import polars as pl

    cohort = counter.cohort
    own = own_events(counter, model, judged)
    events = _described(counter, cohort.series, own)
    refused = MINIMUMS["episodes"].refusal(events.height)
    if refused:
        return EpisodeCourses(pl.DataFrame(), pl.DataFrame(), refused)
    tables = judged or JudgedTables(counter, model)
    drawn = [_described(tables.counter, *block) for block in tables.blocks(TABLES, "episodes by chance")]
    chance = pl.concat(drawn)
    random = None
    if not linearised:
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(model.seed, spawn_key=(STREAM,))))
    rows = [_figure(name, events, chance, random) for name in FIGURES]
    return EpisodeCourses(
        pl.DataFrame([row for row in rows if row], infer_schema_length=None),
        _repairs(events, _endings(cohort), chance, _endings(tables.counter.cohort)),
        None,
    )


def _described(counter: EpisodeCounter, series: RatingSeries, events: "pl.DataFrame") -> "pl.DataFrame":
    """The episodes with their case, overshoot, and whether they were followed to the end of the series."""
    import polars as pl

    cohort = counter.cohort
    _table, owner = counter.split(events)
    drawn = events.get_column("series").to_numpy().astype(np.int64)
    repaired = events.get_column("status").is_in(REPAIRED).fill_null(value=False)
    last_rated = series.session[np.maximum(series.starts[1:] - 1, 0)][drawn]
    overshoot = _overshoots(events, series, drawn)
    return events.select(
        "onset_session",
        "depth",
        "depth_z",
        "last_session",
        "repair_session",
        case=pl.Series(cohort.case[owner]),
        repaired=repaired,
        duration=pl.when(pl.Series(repaired)).then("duration").cast(pl.Float64),
        overshoot=pl.Series(overshoot).fill_nan(None),
        to_the_end=pl.Series(last_rated) <= pl.col("last_session"),
    )


def _overshoots(events: "pl.DataFrame", series: RatingSeries, owner: Integers) -> Floats:
    """Mean of the ratings after the repair above the baseline; NaN where there was no repair, or no rating after."""
    import polars as pl

    found = np.full(events.height, np.nan)
    rows = zip(
        owner.tolist(),
        events.get_column("repair_session").cast(pl.Int64).to_list(),
        events.get_column("baseline").to_list(),
        strict=True,
    )
    for place, (number, session, baseline) in enumerate(rows):
        if session is None:
            continue
        own = slice(series.starts[number], series.starts[number + 1])
        after = series.value[own][series.session[own] > session][:AFTER]
        if len(after):
            found[place] = after.mean() - baseline
    return found


def _figure(
    name: str, events: "pl.DataFrame", chance: "pl.DataFrame", random: np.random.Generator | None
) -> dict[str, object] | None:
    said = events.select("case", name).drop_nulls()
    if said.height < MINIMUMS["episodes"].least:
        return None
    value, case = said.get_column(name).to_numpy().astype(np.float64), said.get_column("case").to_numpy()
    low, high = _median_interval(value, np.unique(case, return_inverse=True)[1], random)
    lower, median, upper = np.percentile(value, (25, 50, 75))
    label, meaning = FIGURES[name]
    by_chance = chance.get_column(name).drop_nulls()
    return {
        "figure": label,
        "meaning": meaning,
        "episodes": said.height,
        "median": float(median),
        "low": float(low),
        "high": float(high),
        "lower_quartile": float(lower),
        "upper_quartile": float(upper),
        "chance_median": float(np.median(by_chance.to_numpy())) if len(by_chance) else None,
    }


def _median_interval(
    value: Floats, case: Integers, random: np.random.Generator | None
) -> tuple[float, float]:
    """A 95% interval of the median: cases resampled, or inverted from the error of the share below it."""
    clusters = int(case.max()) + 1
    if random is None:
        # Woodruff 1952, Journal of the American Statistical Association 47, 635: the share is a ratio over cases
        part = np.bincount(case, (value <= np.median(value)) - 0.5, clusters)
        half = NORMAL_95 * float(np.sqrt((part**2).sum() * clusters / max(clusters - 1, 1))) / len(value)
        ends = np.quantile(value, (max(0.5 - half, 0.0), min(0.5 + half, 1.0)))
        return float(ends[0]), float(ends[1])
    medians = []
    for _ in range(RESAMPLES):
        weights = np.bincount(random.integers(0, clusters, clusters), minlength=clusters)
        medians.append(float(np.median(np.repeat(value, weights[case]))))
    low, high = np.percentile(medians, (2.5, 97.5))
    return float(low), float(high)


def _endings(cohort: "Cohort") -> list[str]:
    endings: list[str] = cohort.cases.get_column("ending").fill_null("").to_list()
    return endings


def _repairs(
    events: "pl.DataFrame", endings: list[str], chance: "pl.DataFrame", endings_drawn: list[str]
) -> "pl.DataFrame":
    """Cumulative incidence of repair by sessions since the onset, and the same by chance."""
    import polars as pl

    seen, by_chance = (
        aalen_johansen(_repair_histories(each, known), (REPAIR, ENDED), max(REPAIR_TIMES)).filter(
            pl.col("kind") == REPAIR
        )
        for each, known in ((events, endings), (chance, endings_drawn))
    )
    null = by_chance.select("time", chance_repaired="incidence")
    joined = seen.join(null, on="time", how="left", maintain_order="left")
    return (
        joined.filter(pl.col("time").is_in(REPAIR_TIMES))
        .select("at_risk", "low", "high", "chance_repaired", sessions="time", repaired="incidence")
        .select("sessions", "at_risk", "repaired", "low", "high", "chance_repaired")
    )


def _repair_histories(events: "pl.DataFrame", endings: list[str]) -> Histories:
    """From the session after the onset: repaired, treatment over (where that is known), or seen no longer."""
    import polars as pl

    repaired = events.get_column("repaired").to_numpy()
    until = pl.when("repaired").then("repair_session").otherwise("last_session") - pl.col("onset_session")
    time = events.select(until.alias("time")).get_column("time").cast(pl.Int64).to_numpy()
    over = events.get_column("to_the_end").to_numpy()
    case = events.get_column("case").to_numpy().astype(np.int64)
    end = [
        REPAIR if mended else (ENDED if ended and endings[own] in {"planned", "dropout"} else CENSORED)
        for mended, ended, own in zip(repaired.tolist(), over.tolist(), case.tolist(), strict=True)
    ]
    # an onset at the last rating was never followed: at risk at no session after it
    entry = np.ones(len(time), np.int64)
    followed = time >= 1
    return Histories(
        entry[followed],
        time[followed],
        tuple(kind for kind, kept in zip(end, followed.tolist(), strict=True) if kept),
        case[followed],
    )
