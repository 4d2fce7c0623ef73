"""How much of what is seen in ratings is to be expected by chance: prevalence and repair beside their null rates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Integers
from goldseam.detection import find_criterion
from goldseam.detection.engine.criterion import Criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.bootstrap import Bootstrap, Dips
from goldseam.operating.null_rate_records import (
    AssumedSensitivity,
    ChanceRate,
    NullRate,
    excess_over,
    observed_share,
    rogan_gladen,
)
from goldseam.operating.simulation_verdicts import REPAIRED, SAYING_OF_REPAIR
from goldseam.progress import with_progress
from goldseam.series import RatingSeries, load_series
from goldseam.series.observed_ranges import with_observed_ranges
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

FEWEST_RATINGS = 6
RATINGS_AT_ONCE = 400_000
SENSITIVITY_REPLICATIONS = 200
PERCENTILES = (2.5, 97.5)


def null_rate(
    ratings: Ratings,
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | None = None,
    higher_is_better: bool | None = None,
    replications: int = 1000,
    seed: int = 1,
    sensitivity: float | None = None,
    depth_sd: float = 2.5,
    durations: Sequence[int] = (1, 2),
    fewest_ratings: int = FEWEST_RATINGS,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
    **parameters: Any,
) -> NullRate:
    """Set prevalence and repair rate beside those to be expected by chance (parametric bootstrap).

    The null is drawn from the norms with the table's own series, sessions, gaps, scale ranges and steps. Formulas and
    assumptions are in ``docs/methods/error-rates.md``.

    Parameters
    ----------
    ratings, criterion, version, norms, higher_is_better, missing, outlying, reading, **parameters
        As for `goldseam.detect`. Norms fitted to ratings like these (`fit_norms`) make the null theirs.
    replications : int
        Tables drawn, 2 or more.
    seed : int
        0 or more.
    sensitivity : float, optional
        Share of the cases with a true dip in which there is an event, above 0, at most 1; measured if not given, on
        tables drawn like the null with one dip in every case.
    depth_sd : float
        Depth of those dips in within-person SDs, above 0.
    durations : sequence of int
        Their lengths in sessions, equally likely.
    fewest_ratings : int
        Ratings of a series that counts, 1 or more.

    Returns
    -------
    NullRate

    Raises
    ------
    TableError
        The ratings cannot be used.
    ParameterError
        An argument is outside its range, or the criterion reads evidence that the table has.
    NormsError
        The norms do not cover a scale, or need a range that is not known.

    Examples
    --------
    >>> import goldseam
    >>> ratings = goldseam.simulate(cases=80, sessions=12, seed=1).ratings
    >>> rates = goldseam.null_rate(ratings, criterion="own-mean", replications=50)
    >>> rates.prevalence.of, rates.chance_prevalence.low < rates.chance_prevalence.value < rates.chance_prevalence.high
    (80, True)
    """
    _check(replications=replications, seed=seed, sensitivity=sensitivity, fewest_ratings=fewest_ratings)
    dips = Dips(depth_sd, durations)
    chosen = find_criterion(criterion, version, **parameters)
    direction = chosen.higher_is_better if higher_is_better is None else higher_is_better
    used = norms or Norms.default()
    given = load_series(
        ratings, evidence=chosen.reads_evidence, missing=missing, outlying=outlying, reading=reading
    )
    evidence = [name for name, values in given.evidence.items() if not np.isnan(values).all()]
    if evidence:
        # norms say how ratings vary by chance, not what else a session would bring
        raise ParameterError(
            f"criterion {chosen.id} reads more than ratings, and what more there would be by chance is not known",
            given=", ".join(evidence),
            allowed="a table without these columns, or a criterion that reads ratings alone, as predictive does",
        )
    given = replace(given, evidence={})
    if used.unit == "share_of_range" and np.isnan(given.minimum).any():
        given = with_observed_ranges(given)
    series = given if direction else given.reversed()
    table = _CountedTable.of(series, chosen, used, higher_is_better=direction, fewest=fewest_ratings)
    without_figures = NullRate(
        criterion=chosen.id,
        criterion_version=chosen.version,
        parameters=dict(parameters),
        norms_name=used.name,
        norms_version=used.version,
        norms_empirical=used.empirical,
        replications=replications,
        seed=seed,
        series=series.n_series,
        cases=table.cases,
        cases_counted=table.cases_counted,
        fewest_ratings=fewest_ratings,
        outcome="not enough data",
    )
    if not table.cases_counted:
        return without_figures
    observed = table.counted(series, 1)
    bootstrap = Bootstrap.of(series, used, higher_is_better=direction, seed=seed)
    null = table.drawn(bootstrap, replications)
    assumed = _sensitivity(table, bootstrap, dips, replications, given=sensitivity)
    return replace(without_figures, outcome="judged", **_estimates(table, observed, null, assumed))


@dataclass(frozen=True, eq=False)
class _EventCounts:
    """Of each table, one number: counted cases with an event, events, those called repaired; shape (n_tables,)."""

    flagged: Integers
    events: Integers
    repaired: Integers
    says_of_repair: bool


@dataclass(frozen=True, eq=False)
class _CountedTable:
    """How events of a table are counted.

    `case` is the number of each series' case, -1 where the series is too short to count; shape (n_series,).
    """

    criterion: Criterion
    norms: Norms
    higher_is_better: bool
    case: Integers
    cases: int
    cases_counted: int

    @classmethod
    def of(
        cls, series: RatingSeries, criterion: Criterion, norms: Norms, *, higher_is_better: bool, fewest: int
    ) -> "_CountedTable":
        names = series.keys.get_column("case").to_numpy()
        case = np.unique(names, return_inverse=True)[1]
        counted = series.lengths >= fewest
        return cls(
            criterion,
            norms,
            higher_is_better,
            case=np.where(counted, case, -1),
            cases=len(np.unique(case)),
            cases_counted=len(np.unique(case[counted])),
        )

    def counted(self, series: RatingSeries, tables: int) -> _EventCounts:
        """Count the events of so many tables, one after the other in the series."""
        found = self.criterion.judge(series, self.norms, higher_is_better=self.higher_is_better).events
        place = found.get_column("series").to_numpy()
        of_table, case = np.divmod(place, len(self.case))
        case = self.case[case]
        status = found.get_column("status")
        counts = case >= 0
        flagged = np.unique(np.stack([of_table[counts], case[counts]]), axis=1)[0]
        mended = counts & status.is_in(REPAIRED).fill_null(value=False).to_numpy()
        return _EventCounts(
            flagged=np.bincount(flagged, minlength=tables),
            events=np.bincount(of_table[counts], minlength=tables),
            repaired=np.bincount(of_table[mended], minlength=tables),
            says_of_repair=bool(status.is_in(SAYING_OF_REPAIR).any()),
        )

    def drawn(self, bootstrap: Bootstrap, replications: int, dips: Dips | None = None) -> _EventCounts:
        """Count the events of drawn tables, as many at once as fit the processor's memory."""
        at_once = max(1, RATINGS_AT_ONCE // max(len(bootstrap.series.value), 1))
        starts = range(0, replications, at_once)
        parts = [
            self.counted(bootstrap.draw(numbers, dips, self.case), len(numbers))
            for start in with_progress(starts, "drawing tables")
            if (numbers := range(start, min(start + at_once, replications)))
        ]
        return _EventCounts(
            flagged=np.concatenate([part.flagged for part in parts]),
            events=np.concatenate([part.events for part in parts]),
            repaired=np.concatenate([part.repaired for part in parts]),
            says_of_repair=any(part.says_of_repair for part in parts),
        )


def _estimates(
    table: _CountedTable, observed: _EventCounts, null: _EventCounts, assumed: AssumedSensitivity
) -> dict[str, Any]:
    cases = table.cases_counted
    seen = observed_share(int(observed.flagged[0]), cases)
    chance = _chance_rate(null.flagged / cases)
    excess = excess_over(seen, chance)
    repairs = observed.says_of_repair or null.says_of_repair
    events = int(observed.events[0])
    return {
        "prevalence": seen,
        "chance_prevalence": chance,
        "events": events,
        "chance_events": _chance_rate(null.events.astype(float)),
        "chance_of_as_many": float(1 + (null.flagged >= observed.flagged[0]).sum()) / (1 + len(null.flagged)),
        "excess": excess,
        "sensitivity": assumed,
        "corrected_prevalence": rogan_gladen(excess, chance, assumed),
        "repair": observed_share(int(observed.repaired[0]), events) if repairs and events else None,
        "chance_repair": _chance_repair(null) if repairs else None,
    }


def _chance_rate(shares: NDArray[np.float64]) -> ChanceRate:
    """The mean and the spread of what each drawn table has."""
    low, high = np.percentile(shares, PERCENTILES)
    error = shares.std(ddof=1) / sqrt(len(shares))
    return ChanceRate(float(shares.mean()), float(error), float(low), float(high))


def _chance_repair(null: _EventCounts) -> ChanceRate | None:
    """Repaired events over all events of all replications; the percentiles over those that have an event."""
    total, some = int(null.events.sum()), null.events > 0
    if not total:
        return None
    value = float(null.repaired.sum() / total)
    error = float(np.sqrt(np.sum((null.repaired - value * null.events) ** 2)) / total)
    low, high = np.percentile(null.repaired[some] / null.events[some], PERCENTILES)
    return ChanceRate(value, error, float(low), float(high))


def _sensitivity(
    table: _CountedTable, bootstrap: Bootstrap, dips: Dips, replications: int, *, given: float | None
) -> AssumedSensitivity:
    """The one given, else that to simulated dips."""
    if given is not None:
        return AssumedSensitivity(given, 0.0, None, ())
    struck = table.drawn(bootstrap, min(replications, SENSITIVITY_REPLICATIONS), dips)
    shares = _chance_rate(struck.flagged / table.cases_counted)
    return AssumedSensitivity(shares.value, shares.standard_error, dips.depth_sd, tuple(dips.durations))


def _check(*, replications: int, seed: int, sensitivity: float | None, fewest_ratings: int) -> None:
    rules = (
        ("replications", replications, replications >= 2, "2 or more"),
        ("seed", seed, seed >= 0, "0 or more"),
        ("sensitivity", sensitivity, sensitivity is None or 0 < sensitivity <= 1, "above 0, at most 1"),
        ("fewest_ratings", fewest_ratings, fewest_ratings >= 1, "1 or more"),
    )
    for name, given, right, allowed in rules:
        if not right:
            raise ParameterError("outside its range", where=name, given=given, allowed=allowed)
