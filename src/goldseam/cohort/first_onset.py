"""First onset over treatment as cumulative incidence, with the same by chance beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cumulative_incidence import CENSORED, Histories, aalen_johansen
from goldseam.cohort.episode_counts import EARLIER_RATINGS, EpisodeCounter
from goldseam.cohort.judged_tables import AT_ONCE, JudgedTables, own_events
from goldseam.cohort.minimum_table import MINIMUMS

if TYPE_CHECKING:
    import polars as pl

ONSET = "first onset"
FEWEST_AT_RISK = 10
TABLES = 100
COMPETING = ("planned", "dropout")


@dataclass(frozen=True, eq=False)
class FirstOnset:
    """When episodes first appear, case by case.

    Attributes
    ----------
    table : polars.DataFrame
        A row per session from the first at which a case could be flagged, while ten cases are at risk: ``session,
        at_risk, onsets, hazard, chance_hazard, incidence, low, high`` (95%, clustered by case), ``chance_incidence``,
        and ``planned, dropout``: cumulative incidence of these ends before any onset.
    refused : str or None
        Why there is no table.
    endings_known : bool
        Whether planned end and dropout are told apart; else every end is taken as censoring.
    never_at_risk : int
        Cases without a session that could be judged; they are not in the table.
    """

    table: "pl.DataFrame"
    refused: str | None
    endings_known: bool
    never_at_risk: int


def first_onset_of(
    counter: EpisodeCounter, model: ChanceModel, judged: JudgedTables | None = None
) -> FirstOnset:
    """Estimate the cumulative incidence of a first onset by the primary criterion, and the same by chance."""
    import polars as pl

    cohort = counter.cohort
    endings = cohort.cases.get_column("ending").fill_null("ongoing").to_list()
    known = any(each in COMPETING for each in endings)
    entry = first_judged(counter)
    at_risk = entry > 0
    onset = _first_onsets(counter, own_events(counter, model, judged), 1)[0]
    onsets = int((onset[at_risk] > 0).sum())
    never = int((~at_risk).sum())
    refused = MINIMUMS["onset"].refusal(onsets)
    if refused:
        return FirstOnset(pl.DataFrame(), refused, known, never)
    last = cohort.cases.get_column("last_session").to_numpy()
    seen = aalen_johansen(_histories(entry, onset, last, endings), (ONSET, *COMPETING))
    table = _wide(seen).filter(pl.col("at_risk") >= FEWEST_AT_RISK)
    chance = _by_chance(judged or JudgedTables(counter, model))
    return FirstOnset(table.join(chance, on="session", how="left", maintain_order="left"), None, known, never)


def case_histories(counter: EpisodeCounter, events: "pl.DataFrame") -> "pl.DataFrame":
    """Of each case, what its first onset is estimated from: ``entry, time, end``, null where it was never at risk.

    Parameters
    ----------
    counter : EpisodeCounter
        Whose cases they are.
    events : polars.DataFrame
        Of the primary criterion in the cohort's own table.

    Returns
    -------
    polars.DataFrame
        In the order of the cases; ``end`` is empty where nothing ended it.
    """
    import polars as pl

    cohort = counter.cohort
    endings = cohort.cases.get_column("ending").fill_null("ongoing").to_list()
    entry = first_judged(counter)
    onset = _first_onsets(counter, events, 1)[0]
    found = _histories(entry, onset, cohort.cases.get_column("last_session").to_numpy(), endings)
    rows = pl.DataFrame(
        {"case": found.cluster, "entry": found.entry, "time": found.time, "end": list(found.end)}
    )
    everyone = pl.DataFrame({"case": np.arange(cohort.n_cases)})
    return everyone.join(rows, on="case", how="left", maintain_order="left").drop("case")


def first_judged(counter: EpisodeCounter) -> Integers:
    """The first session at which a case could be flagged, 0 where there is none.

    Parameters
    ----------
    counter : EpisodeCounter
        Whose cases they are.

    Returns
    -------
    ndarray of int, shape (n_cases,)
    """
    series, cohort = counter.cohort.series, counter.cohort
    at = np.flatnonzero(series.position == EARLIER_RATINGS)
    never = np.iinfo(np.int64).max
    entry = np.full(cohort.n_cases, never)
    np.minimum.at(entry, cohort.case[series.series_of[at]], series.session[at])
    return np.where(entry == never, 0, entry)


def _first_onsets(counter: EpisodeCounter, events: "pl.DataFrame", tables: int) -> Integers:
    """Session of the first onset of each case in so many tables, 0 where there is none; shape (tables, n_cases)."""
    cohort = counter.cohort
    table, owner = counter.split(events)
    found = np.full((tables, cohort.n_cases), np.iinfo(np.int64).max)
    np.minimum.at(found, (table, cohort.case[owner]), events.get_column("onset_session").to_numpy())
    return np.where(found == np.iinfo(np.int64).max, 0, found)


def _histories(entry: Integers, onset: Integers, last: Integers, endings: list[str]) -> Histories:
    at_risk = np.flatnonzero(entry > 0)
    flagged = onset[at_risk] > 0
    time = np.where(flagged, onset[at_risk], np.maximum(last[at_risk], entry[at_risk]))
    end = tuple(
        ONSET if hit else (endings[case] if endings[case] in COMPETING else CENSORED)
        for case, hit in zip(at_risk.tolist(), flagged.tolist(), strict=True)
    )
    # an onset cannot come before a session could be judged: such a criterion is at risk from its onset on
    return Histories(np.minimum(entry[at_risk], time), time, end, at_risk)


def _wide(table: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    onset = table.filter(pl.col("kind") == ONSET).select(
        "at_risk",
        "hazard",
        "incidence",
        "low",
        "high",
        session="time",
        onsets="events",
    )
    for kind in COMPETING:
        ends = table.filter(pl.col("kind") == kind).select(pl.col("incidence").alias(kind), session="time")
        onset = onset.join(ends, on="session", how="left", maintain_order="left")
    return onset.select("session", "at_risk", "onsets", "hazard", "incidence", "low", "high", *COMPETING)


def _by_chance(judged: JudgedTables) -> "pl.DataFrame":
    """Hazard and incidence over all drawn tables taken together, at the same sessions and ends."""
    import polars as pl

    counter, cases = judged.counter, judged.counter.cohort.cases
    entry, last = first_judged(counter), cases.get_column("last_session").to_numpy()
    endings = cases.get_column("ending").fill_null("ongoing").to_list()
    tables = []
    for _drawn, events in judged.blocks(TABLES, "first onsets by chance"):
        onsets = _first_onsets(counter, events, AT_ONCE)
        each = [_histories(entry, onset, last, endings) for onset in onsets]
        whole = Histories(
            np.concatenate([part.entry for part in each]),
            np.concatenate([part.time for part in each]),
            tuple(kind for part in each for kind in part.end),
            np.zeros(sum(len(part.time) for part in each), np.int64),
        )
        found = aalen_johansen(whole, (ONSET, *COMPETING))
        tables.append(found.filter(pl.col("kind") == ONSET).select("time", "at_risk", "events", "incidence"))
    pooled = (
        pl.concat(tables)
        .group_by("time", maintain_order=True)
        .agg(pl.col("at_risk").sum(), pl.col("events").sum(), pl.col("incidence").mean())
    )
    return pooled.sort("time").select(
        session="time",
        chance_hazard=pl.when(pl.col("at_risk") > 0).then(pl.col("events") / pl.col("at_risk")),
        chance_incidence="incidence",
    )
