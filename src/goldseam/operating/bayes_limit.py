"""What no criterion can do better: the oracle and the Bayes limit, and their sensitivity at a rate of false alarms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.exceptions import ParameterError
from goldseam.operating.error_rates import Rate, Sensitivity
from goldseam.operating.rate_estimators import any_in_series, ratio_estimate
from goldseam.operating.simulated_cases import SimulatedCases
from goldseam.operating.simulation_verdicts import dip_sessions
from goldseam.series import RatingSeries
from goldseam.simulate import Simulation, SimulationModel
from goldseam.simulate.simulation_model import model_named
from goldseam.state_space import FilterState, OutlierModel, Population, within_person_sd_grid

if TYPE_CHECKING:
    import polars as pl

FINE_GRID = (21, 3.0)  # points of the within-person SD, and how far they reach
SERIES_AT_ONCE = 2048
NEGLIGIBLE = 1e-9
PRIOR_RATINGS = 3

PValues = Callable[[Simulation], Floats]
"""p of every rating, shape (series, sessions), NaN where not rated."""


@dataclass(frozen=True)
class LimitRates:
    """What a limit finds at a rate of false alarms.

    Parameters
    ----------
    name : str
        ``oracle``: every person's figures known. ``Bayes limit``: the population known, the person learned.
    false_alarms : Rate
        Of the sessions with three ratings before and nothing wrong, those with p at the threshold or below.
    threshold : float
        The largest p with no more false alarms than wanted.
    sensitivity : tuple of Sensitivity
        A dip is found when p is that low within it. The errors contain that of the threshold.
    """

    name: str
    false_alarms: Rate
    threshold: float
    sensitivity: tuple[Sensitivity, ...]


def limit_p_values(model: str | SimulationModel) -> dict[str, PValues]:
    """The limits by name, for a kind of simulated data.

    Raises
    ------
    ParameterError
        The model's people are drawn from norms: what an exact filter would do with scores and skew is not known.
    """
    people = model_named(model)
    if people.shape is not None:
        allowed = "a model without a shape"
        raise ParameterError(
            "no limit is known", where="model", given="people drawn from norms", allowed=allowed
        )
    return {
        "oracle": partial(oracle_p, model=people),
        "Bayes limit": partial(bayes_limit_p, model=people),
    }


def limit_rates(
    name: str, p_of: PValues, samples: SimulatedCases, wanted: Sequence[float]
) -> tuple[LimitRates, ...]:
    """Sensitivity of a limit at each wanted rate of false alarms.

    Parameters
    ----------
    name : str
        Of the limit.
    p_of : callable
        Gives p of every rating of a simulation.
    samples : SimulatedCases
        The cases criteria are measured on.
    wanted : sequence of float
        False alarms per evaluable session, above 0 and below 1.

    Returns
    -------
    tuple of LimitRates
        One for each wanted rate.

    Raises
    ------
    ParameterError
        If a rate lies outside its range.
    """
    quiet = _LimitVerdicts.of(p_of, samples.quiet, samples.sessions)
    dips = {
        kind: _LimitVerdicts.of(p_of, cases, samples.sessions)
        for kind, cases in samples.events.items()
        if kind.course == "dip"
    }
    rows = []
    for rate in wanted:
        threshold = quiet.threshold(rate)
        alarms = quiet.alarms(threshold)
        around = (min(max(rate + by * alarms.standard_error, rate / 2), (1 + rate) / 2) for by in (1, -1))
        above, below = (quiet.threshold(each) for each in around)
        found = []
        for kind, judged in dips.items():
            share = judged.found(threshold)
            moved = (judged.found(above).value - judged.found(below).value) / 2
            share = replace(share, standard_error=hypot(share.standard_error, moved))
            found.append(Sensitivity(kind.depth_sd, kind.duration or 0, share))
        rows.append(LimitRates(name, alarms, threshold, tuple(found)))
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class _LimitVerdicts:
    """p, where it counts, and the true dips of a simulation; arrays of shape (series, sessions)."""

    p: Floats
    evaluable: Flags
    dip: Flags

    @classmethod
    def of(cls, p_of: PValues, simulation: Simulation, sessions: int) -> "_LimitVerdicts":
        first = replace(simulation, ratings=_first_sessions(simulation.ratings, sessions))
        p = p_of(first)
        rated = ~np.isnan(p)
        before = np.cumsum(rated, axis=1) - rated
        return cls(p, rated & (before >= PRIOR_RATINGS), dip_sessions(simulation, sessions))

    def threshold(self, rate: float) -> float:
        """The largest p that no more than this share of the evaluable sessions reach; 0 if there is none."""
        if not 0 < rate < 1:
            raise ParameterError("not a rate", where="wanted", given=rate, allowed="above 0 and below 1")
        ordered = np.sort(self.p[self.evaluable])
        allowed = int(np.floor(rate * len(ordered)))
        # ties beyond the last one allowed would be alarms too
        values = ordered[: allowed + 1]
        below = values[values < values[-1]] if allowed < len(ordered) else values
        return float(below[-1]) if len(below) else 0.0

    def alarms(self, threshold: float) -> Rate:
        """Share of the evaluable sessions with p at the threshold or below."""
        return ratio_estimate(
            _per_series(self.evaluable & (self.p <= threshold)), _per_series(self.evaluable)
        )

    def found(self, threshold: float) -> Rate:
        """Share of the evaluable dips with p at the threshold or below within them."""
        looked = self.evaluable & self.dip
        return ratio_estimate(any_in_series(looked & (self.p <= threshold)), any_in_series(looked))


def _per_series(cells: Flags) -> Integers:
    counts: Integers = np.sum(cells, axis=1, dtype=np.int64)
    return counts


def _first_sessions(ratings: "pl.DataFrame", sessions: int) -> "pl.DataFrame":
    import polars as pl

    return ratings.filter(pl.col("session") <= sessions)


def oracle_p(simulation: Simulation, model: SimulationModel) -> Floats:
    """Probability of so low a rating for somebody who knows each person's mean course, SD and autocorrelation.

    Parameters
    ----------
    simulation : Simulation
        One rater per case.
    model : SimulationModel
        What it was made of.

    Returns
    -------
    ndarray of float, shape (series, sessions)
        NaN where not rated.
    """
    people = simulation.people
    start, slope, own = (people[name].to_numpy() for name in ("mean", "trend", "sd"))
    course = np.asarray(start[:, None] + slope[:, None] * np.arange(_sessions(simulation)), np.float64)
    population = _population(model, course, np.arange(len(start)))
    known = {
        "between_sd": np.full(len(own), NEGLIGIBLE * model.within_sd),
        "within_sd": own,
        "own_sd_log_sd": np.zeros(len(own)),
        "slope_sd": np.zeros(len(own)),
    }
    return _chances(simulation, Population(**{**vars(population), **known}), within_person_sd_grid(1))


def bayes_limit_p(simulation: Simulation, model: SimulationModel) -> Floats:
    """Probability of so low a rating for somebody who knows the population and learns the person from the ratings.

    No criterion that meets a new person can do better on average.

    Parameters
    ----------
    simulation, model
        As for `oracle_p`.

    Returns
    -------
    ndarray of float, shape (series, sessions)
        NaN where not rated.
    """
    course = np.array([model.mean + model.trend * np.arange(_sessions(simulation))])
    population = _population(model, course, np.zeros(simulation.people.height, np.int64))
    return _chances(simulation, population, within_person_sd_grid(*FINE_GRID))


def _population(model: SimulationModel, course: Floats, kind: Integers) -> Population:
    def each(figure: float) -> Floats:
        return np.full(len(kind), float(figure))

    return Population(
        course=course,
        kind=kind,
        between_sd=each(model.between_sd),
        within_sd=each(model.within_sd),
        own_sd_log_sd=each(model.own_sd_log_sd),
        autocorrelation=each(model.autocorrelation),
        drift_sd=each(model.drift_sd),
        slope_sd=each(model.trend_sd),
        step=each(model.step or 0.0),
        minimum=each(model.minimum),
        maximum=each(model.maximum),
    )


def _chances(simulation: Simulation, population: Population, grid: tuple[Floats, Floats]) -> Floats:
    """p at every rating for a filter that expects neither outliers nor jumps; shape (n_series, n_sessions)."""
    series = RatingSeries.from_table(simulation.ratings)
    chances = np.full((series.n_series, _sessions(simulation)), np.nan)
    ordinary = OutlierModel(outlier=0.0, jump=0.0)
    for first in range(0, series.n_series, SERIES_AT_ONCE):
        order = series.by_length[first : first + SERIES_AT_ONCE]
        state = FilterState(population.take(order), grid=grid, outliers=ordinary)
        for at in series.steps(order):
            state.keep(len(at))
            state.advance(series.session[at], series.day[at])
            prediction = state.predict()
            chances[order[: len(at)], series.session[at] - 1] = state.lower_tail_probability(
                prediction, series.value[at]
            )
            state.update(prediction, series.value[at])
    return chances


def _sessions(simulation: Simulation) -> int:
    return simulation.ratings.height // simulation.people.height
