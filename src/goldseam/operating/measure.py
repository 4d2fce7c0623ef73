"""Measuring by simulation how often a criterion is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.detection import Detection, detect, find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.rates import (
    CaseFalseAlarms,
    ErrorRates,
    Grade,
    GradeRates,
    PredictiveValue,
    Rate,
    Sensitivity,
)
from goldseam.simulate import Simulation, SimulationModel, simulate
from goldseam.simulate.model import model_named

if TYPE_CHECKING:
    import polars as pl

GRADES: tuple[Grade, ...] = ("any", "marked")


@dataclass(frozen=True)
class Rule:
    """A criterion with everything that decides its verdicts."""

    criterion: str
    version: int | None
    norms: Norms
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Observed:
    """What a rule did with a simulated table; arrays of shape (series, sessions).

    `evaluable` says where there is a rating and enough data to judge it, `onset` where an event of each
    grade begins, `dip` where the truth has a dip.
    """

    evaluable: NDArray[np.bool_]
    onset: dict[Grade, NDArray[np.bool_]]
    dip: NDArray[np.bool_]


def operating_characteristics(
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | None = None,
    model: str = "items",
    sessions: int = 12,
    cases: int = 20_000,
    seed: int,
    computed_on: date,
    depths: Sequence[float] = (2.0, 3.0),
    durations: Sequence[int] = (1, 2),
    prevalences: Sequence[float] = (0.2, 0.5),
    case_sessions: Sequence[int] = (6, 8, 12, 16, 24, 30),
    **parameters: Any,
) -> ErrorRates:
    """Measure false alarms, sensitivity and predictive value of a criterion by simulation.

    *False alarms per evaluable session*: events where nothing is wrong, divided by the sessions rated
    with enough ratings before. *Sensitivity*: of the true dips with at least one such session, those within
    which an event begins. *Predictive value*: of all events in cases of which `prevalences` have one true
    dip, those that begin within it, at each of `depths`, the `durations` mixed equally. Formulas and assumptions are in
    ``docs/methods/error-rates.md``.

    Parameters
    ----------
    criterion, version, norms, **parameters
        As for `goldseam.detect`; the newest version and the shipped norms where not given.
    model : str
        Kind of simulated data, a name from `goldseam.simulate.MODELS`.
    sessions : int
        Attended sessions per case, 5 or more (a dip begins at session 5 at the earliest).
    cases : int
        Simulated cases for each figure, 2 or more.
    seed : int
        Of the simulation.
    computed_on : datetime.date
        Written into the result.
    depths : sequence of float
        Depths of dips in the person's own SD.
    durations : sequence of int
        Sessions at full depth.
    prevalences : sequence of float
        Assumed shares of cases with one true dip, 0 to 1.
    case_sessions : sequence of int
        Numbers of sessions for the share of event-free cases with a false alarm.

    Returns
    -------
    ErrorRates
        Every figure with its Monte-Carlo standard error.

    Raises
    ------
    ParameterError
        If an argument is outside its range.
    NormsError
        If the norms do not fit the simulated scale.
    """
    people = model_named(model)
    _check(people, sessions=sessions, cases=cases, prevalences=prevalences)
    rule = Rule(criterion, version, norms or Norms.default(), dict(parameters))
    null = simulate(
        cases=cases, sessions=max(sessions, *case_sessions), seed=seed, model=people.without_episodes()
    )
    quiet = observe(rule, null, sessions)
    by_sessions = {count: observe(rule, null, count) for count in case_sessions}
    dips = _observe_dips(rule, people, depths, durations, sessions=sessions, cases=cases, seed=seed)
    return ErrorRates(
        criterion=criterion,
        criterion_version=find_criterion(criterion, version).version,
        norms_name=rule.norms.name,
        norms_version=rule.norms.version,
        norms_hash=rule.norms.content_hash,
        parameters=rule.parameters,
        model=model,
        sessions=sessions,
        cases=cases,
        seed=seed,
        computed_on=computed_on.isoformat(),
        grades={
            grade: _grade_rates(grade, quiet, by_sessions, dips, prevalences)
            for grade in GRADES
            if grade == "any" or find_criterion(criterion, version).graded
        },
    )


def _observe_dips(
    rule: Rule,
    people: SimulationModel,
    depths: Sequence[float],
    durations: Sequence[int],
    *,
    sessions: int,
    cases: int,
    seed: int,
) -> dict[tuple[float, int], Observed]:
    """Observe one set of cases per depth and duration.

    Each has people of its own, other than the event-free ones, so that Monte-Carlo errors are independent.
    """
    settings = [(depth, duration) for depth in depths for duration in durations]
    observed = {}
    for place, (depth, duration) in enumerate(settings, start=1):
        model = people.with_dips(depth_sd=depth, duration=duration)
        simulation = simulate(cases=cases, sessions=sessions, seed=seed + place, model=model)
        observed[depth, duration] = observe(rule, simulation, sessions)
    return observed


def observe(rule: Rule, simulation: Simulation, sessions: int) -> Observed:
    """Run a rule on the first sessions of a simulation and lay its verdicts out by series and session.

    Parameters
    ----------
    rule : Rule
        The criterion.
    simulation : Simulation
        One rater per case.
    sessions : int
        Sessions to use, from the first.

    Returns
    -------
    Observed
        Shape (series, sessions).
    """
    import polars as pl

    detection = run(rule, simulation, sessions)
    enough = pl.col("value").is_not_null() & (pl.col("verdict") != "not enough data")
    return Observed(
        evaluable=_cells(detection.sessions.filter(enough), simulation, sessions),
        onset={grade: onsets(detection, grade, simulation, sessions) for grade in GRADES},
        dip=dip_sessions(simulation, sessions),
    )


def run(rule: Rule, simulation: Simulation, sessions: int) -> Detection:
    """Run a rule on the first sessions of a simulation."""
    import polars as pl

    return detect(
        simulation.ratings.filter(pl.col("session") <= sessions),
        criterion=rule.criterion,
        version=rule.version,
        norms=rule.norms,
        **rule.parameters,
    )


def onsets(detection: Detection, grade: Grade, simulation: Simulation, sessions: int) -> NDArray[np.bool_]:
    """Where an event of the grade begins; shape (series, sessions)."""
    import polars as pl

    chosen = detection.events if grade == "any" else detection.events.filter(pl.col("grade") == grade)
    return _cells(chosen.rename({"onset_session": "session"}), simulation, sessions)


def ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Rate:
    """Ratio of two totals over cases, with the case as the sampling unit.

    Parameters
    ----------
    numerator, denominator : array, shape (cases,)
        Counts of each case.

    Returns
    -------
    Rate
        ``r = sum(a) / sum(b)`` with standard error ``sqrt(sum((a - r*b)**2)) / sum(b)`` (linearised ratio
        estimator, Cochran 1977, *Sampling Techniques*, chapter 6).

    Raises
    ------
    ParameterError
        If the denominators are all zero: nothing was evaluable.
    """
    total = int(denominator.sum())
    if total == 0:
        raise ParameterError("no evaluable session", where="the simulated table", allowed="longer series")
    value = float(numerator.sum() / total)
    error = float(np.sqrt(np.sum((numerator - value * denominator) ** 2)) / total)
    return Rate(value=value, standard_error=error, count=int(numerator.sum()), of=total)


def _grade_rates(
    grade: Grade,
    quiet: Observed,
    by_sessions: dict[int, Observed],
    dips: dict[tuple[float, int], Observed],
    prevalences: Sequence[float],
) -> GradeRates:
    depths = sorted({depth for depth, _ in dips})
    return GradeRates(
        false_alarms=ratio(quiet.onset[grade].sum(axis=1), quiet.evaluable.sum(axis=1)),
        false_alarm_cases=tuple(
            CaseFalseAlarms(count, _share_of_cases(observed.onset[grade]))
            for count, observed in by_sessions.items()
        ),
        sensitivity=tuple(
            Sensitivity(depth, duration, found(observed, grade))
            for (depth, duration), observed in dips.items()
        ),
        predictive_values=tuple(
            predictive_value(
                prevalence, depth, grade, quiet, [seen for (d, _), seen in dips.items() if d == depth]
            )
            for prevalence in prevalences
            for depth in depths
        ),
    )


def found(observed: Observed, grade: Grade) -> Rate:
    """Share of the evaluable dips within which an event of the grade begins."""
    return ratio(_any(observed.onset[grade] & observed.dip), _any(observed.evaluable & observed.dip))


def _share_of_cases(onset: NDArray[np.bool_]) -> Rate:
    return ratio(_any(onset), np.ones(len(onset), dtype=np.int64))


def _any(cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """1 for each series with a true cell, else 0; shape (series,)."""
    flags: NDArray[np.int64] = np.any(cells, axis=1).astype(np.int64)
    return flags


def predictive_value(
    prevalence: float, depth: float, grade: Grade, quiet: Observed, dips: Sequence[Observed]
) -> PredictiveValue:
    """Real events over all events, per case: ``pi*S / (pi*S + pi*F + (1 - pi)*F0)``.

    `S` and `F` are events within and outside the dip of a case with one, `F0` events of a case without.
    The standard error is the delta method on the three means.
    """
    real = np.concatenate([(seen.onset[grade] & seen.dip).sum(axis=1) for seen in dips])
    beside = np.concatenate([(seen.onset[grade] & ~seen.dip).sum(axis=1) for seen in dips])
    nothing = quiet.onset[grade].sum(axis=1)
    true = prevalence * real.mean()
    false = prevalence * beside.mean() + (1 - prevalence) * nothing.mean()
    if true + false == 0:
        raise ParameterError("no event at all", where="the simulated cases", allowed="more cases")
    slope = (true + false) ** 2
    from_dips = prevalence * (false * real - true * beside) / slope
    from_quiet = (1 - prevalence) * true * nothing / slope
    variance = from_dips.var() / len(from_dips) + from_quiet.var() / len(from_quiet)
    return PredictiveValue(prevalence, depth, float(true / (true + false)), float(np.sqrt(variance)))


def _cells(table: "pl.DataFrame", simulation: Simulation, sessions: int) -> NDArray[np.bool_]:
    """True at the series and session of each row; shape (series, sessions)."""
    order = simulation.people.select("case").with_row_index("series")
    placed = table.select("case", "session").join(order, on="case")
    cells = np.zeros((order.height, sessions), dtype=np.bool_)
    cells[placed["series"].to_numpy(), placed["session"].to_numpy() - 1] = True
    return cells


def dip_sessions(simulation: Simulation, sessions: int) -> NDArray[np.bool_]:
    """Where the truth has an episode; shape (series, sessions)."""
    truth = simulation.people.select("case").join(
        simulation.truth, on="case", how="left", maintain_order="left"
    )
    onset = truth["onset_session"].fill_null(sessions + 1).to_numpy()[:, None]
    end = onset + truth["duration"].fill_null(0).to_numpy()[:, None]
    session = np.arange(1, sessions + 1)
    dips: NDArray[np.bool_] = (session >= onset) & (session < end)
    return dips


def _check(people: SimulationModel, *, sessions: int, cases: int, prevalences: Sequence[float]) -> None:
    if sessions < people.earliest_onset:
        allowed = f"{people.earliest_onset} or more, where the earliest dip begins"
        raise ParameterError("too few to hold a dip", where="sessions", given=sessions, allowed=allowed)
    if cases < 2:
        raise ParameterError("too few for an error", where="cases", given=cases, allowed="2 or more")
    for prevalence in prevalences:
        if not 0 < prevalence < 1:
            raise ParameterError(
                "not a share of cases", where="prevalences", given=prevalence, allowed="above 0 and below 1"
            )
