"""What was recorded at every session, at a first onset and at the same person's unflagged sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.conditional_logit import conditional_logit
from goldseam.cohort.episode_counts import EARLIER_RATINGS, EpisodeCounter, onset_positions
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.seen_alerts import ALERT_SEEN, alerts_column
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.progress import with_progress
from goldseam.series import RatingSeries
from goldseam.series.keyed_tables import KeyedTable, keyed_table

if TYPE_CHECKING:
    import polars as pl

NEAR = 4
"""Earlier ratings by which a control may differ from the onset, to either side."""
TABLES = 60
MOST_VALUES = 6
GAP = "days since the session before"


@dataclass(frozen=True, eq=False)
class CaseCrossover:
    """Odds ratios of what was recorded at every session.

    Attributes
    ----------
    table : polars.DataFrame
        A row per recorded thing: ``recorded, informative_cases, odds_ratio, odds_ratio_low, odds_ratio_high`` (95%),
        ``chance_odds_ratio, chance_odds_ratio_low, chance_odds_ratio_high`` (geometric mean, and where 95% of drawn
        tables lie), ``refused``.
    refused : str or None
        Why there is none.
    """

    table: "pl.DataFrame"
    refused: str | None


@dataclass(frozen=True, eq=False)
class _Strata:
    """Rows of the onsets and their controls: positions of ratings, whether the onset, and the stratum."""

    at: Integers
    event: Flags
    stratum: Integers


def case_crossover_of(counter: EpisodeCounter, model: ChanceModel, sessions: Any) -> CaseCrossover:
    """Compare first onsets with the same person's sessions at which a flag was possible, both sides of time.

    Parameters
    ----------
    counter, model
        Of the cohort.
    sessions
        A row per case and session, a path or a frame: ``case, session`` and what was recorded.

    Returns
    -------
    CaseCrossover
    """
    import polars as pl

    recorded = _recorded(counter, sessions)
    series = counter.cohort.series
    observed = _strata(counter, series, model)
    bootstrap = model.tables(model.norms)
    drawn = [
        _strata(counter, bootstrap.draw([number]), model)
        for number in with_progress(range(TABLES), "onsets by chance")
    ]
    rows = [_row(name, values, series, observed, drawn) for name, values in recorded.items()]
    if not rows:
        return CaseCrossover(pl.DataFrame(), "nothing is recorded in two different ways")
    table = pl.DataFrame(rows, infer_schema_length=None)
    said = table.filter(pl.col("refused").is_null()).height
    return CaseCrossover(table, None if said else str(rows[0]["refused"]))


def sessions_table(sessions: Any) -> KeyedTable:
    """What was recorded at sessions as `case_crossover_of` takes it, read and checked.

    Parameters
    ----------
    sessions
        As there.

    Returns
    -------
    KeyedTable

    Raises
    ------
    TableError
        It cannot be used, holds an infinite number, or says something else than yes or no of a seen alert.
    """
    given = keyed_table(sessions, ["case", "session"], "sessions")
    given.refuse_infinite()
    alerts_column(given)
    return given


def _recorded(counter: EpisodeCounter, source: Any) -> dict[str, Floats]:
    """What is known of each rated session, by name; NaN where it was not recorded."""
    import polars as pl

    cohort = counter.cohort
    series = cohort.series
    given = sessions_table(source).rows
    rows = pl.DataFrame(
        {
            "case": series.keys.get_column("case").cast(pl.String)[series.series_of],
            "session": pl.Series(series.session, dtype=pl.Int64),
        }
    ).join(given, on=["case", "session"], how="left", maintain_order="left")
    found: dict[str, Floats] = {}
    for name in rows.columns:
        # an alert follows a flag, so it is nothing that a flag could go with
        if name not in {"case", "session", ALERT_SEEN}:
            found |= dict(_predictors(name, rows.get_column(name)))
    day = series.day - series.lagged(series.day)
    if np.isfinite(day).any():
        found[GAP] = np.where(series.follows_directly, day, np.nan)
    return {name: values for name, values in found.items() if len(np.unique(values[np.isfinite(values)])) > 1}


def _predictors(name: str, column: "pl.Series") -> Iterator[tuple[str, Floats]]:
    """Numbers as they are; of a few words, each against the others, but the most frequent one."""
    import polars as pl

    number = column.cast(pl.Float64, strict=False)
    if number.count() == column.count():
        yield name, number.to_numpy().astype(np.float64)
        return
    words = column.cast(pl.String)
    counts = words.drop_nulls().value_counts(sort=True).sort("count", words.name, descending=[True, False])
    kinds = counts.get_column(words.name).to_list()
    for kind in kinds[1:MOST_VALUES]:
        yield f"{name}: {kind}", (words == kind).cast(pl.Float64).to_numpy().astype(np.float64)


def _strata(counter: EpisodeCounter, series: RatingSeries, model: ChanceModel) -> _Strata:
    """The first onset of each case and its controls: rated, three earlier ratings, in no running episode."""
    events = counter.judged(counter.criteria[0], series, model.norms)
    owner = events.get_column("series").to_numpy().astype(np.int64)
    onset, last = (
        events.get_column(name).to_numpy().astype(np.int64) for name in ("onset_session", "last_session")
    )
    position = onset_positions(events, series)
    possible = series.position >= EARLIER_RATINGS
    for place in range(len(owner)):
        own = slice(series.starts[owner[place]], series.starts[owner[place] + 1])
        possible[own] &= (series.session[own] < onset[place]) | (series.session[own] > last[place])
    order = np.lexsort((owner, onset, counter.cohort.case[owner]))
    first = order[np.unique(counter.cohort.case[owner][order], return_index=True)[1]]
    at, event, stratum = [], [], []
    for number, place in enumerate(first.tolist()):
        start, stop = series.starts[owner[place]], series.starts[owner[place] + 1]
        near = np.arange(
            max(start, start + position[place] - NEAR), min(stop, start + position[place] + NEAR + 1)
        )
        controls = near[possible[near]]
        at += [start + position[place], *controls]
        event += [True] + [False] * len(controls)
        stratum += [number] * (1 + len(controls))
    return _Strata(np.array(at, np.int64), np.array(event, np.bool_), np.array(stratum, np.int64))


def _row(
    name: str, values: Floats, series: RatingSeries, observed: _Strata, drawn: list[_Strata]
) -> dict[str, Any]:
    informative, fit = _fitted(values, series, observed)
    row: dict[str, Any] = {"recorded": name, "informative_cases": informative}
    empty = dict.fromkeys(
        (
            "odds_ratio",
            "odds_ratio_low",
            "odds_ratio_high",
            "chance_odds_ratio",
            "chance_odds_ratio_low",
            "chance_odds_ratio_high",
        )
    )
    refused = MINIMUMS["crossover"].refusal(informative)
    if refused is None and fit is None:
        refused = "it is always higher, or always lower, at the onset than at the controls"
    if refused or fit is None:
        return row | empty | {"refused": refused}
    logs = [each[1][0] for strata in drawn if (each := _fitted(values, series, strata))[1] is not None]
    if len(logs) < TABLES // 2:
        return row | empty | {"refused": "in most tables by chance it cannot be estimated"}
    low, high = np.percentile(logs, (2.5, 97.5))
    estimate, error = fit
    return row | {
        "odds_ratio": float(np.exp(estimate)),
        "odds_ratio_low": float(np.exp(estimate - NORMAL_95 * error)),
        "odds_ratio_high": float(np.exp(estimate + NORMAL_95 * error)),
        "chance_odds_ratio": float(np.exp(np.mean(logs))),
        "chance_odds_ratio_low": float(np.exp(low)),
        "chance_odds_ratio_high": float(np.exp(high)),
        "refused": None,
    }


def _fitted(values: Floats, series: RatingSeries, strata: _Strata) -> tuple[int, tuple[float, float] | None]:
    """How many strata are informative, and log odds ratio with its error, a trend in time held."""
    known = np.isfinite(values[strata.at])
    number = int(strata.stratum.max(initial=-1)) + 1
    has_event = np.zeros(number, np.bool_)
    has_event[strata.stratum[known & strata.event]] = True
    kept = known & has_event[strata.stratum]
    at, event, stratum = strata.at[kept], strata.event[kept], strata.stratum[kept]
    low, high = np.full(number, np.inf), np.full(number, -np.inf)
    np.minimum.at(low, stratum, values[at])
    np.maximum.at(high, stratum, values[at])
    tells = (high > low)[stratum]
    informative = len(np.unique(stratum[tells]))
    if not informative:
        return 0, None
    # strata in which it does not vary say something of the trend alone
    numbers = np.unique(stratum, return_inverse=True)[1]
    trend = series.position[at].astype(np.float64)
    fit = conditional_logit(np.stack([values[at], trend], axis=1), event, numbers)
    if not fit.converged:
        return informative, None
    return informative, (float(fit.estimate[0]), float(np.sqrt(fit.covariance[0, 0])))
