"""What can be known at best, by exact Bayes: the limits every criterion is measured against."""

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.series import RatingSeries
from goldseam.simulate import Simulation, SimulationModel
from goldseam.state_space import FilterState, OutlierModel, Population, within_person_sd_grid

FINE_GRID = (21, 3.0)
CHUNK = 2048
NEARLY_NOTHING = 1e-9


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
        "between_sd": np.full(len(own), NEARLY_NOTHING * model.within_sd),
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
    """p at every rating, when nothing but the population's own law is reckoned with."""
    series = RatingSeries.from_table(simulation.ratings)
    chances = np.full((series.n_series, _sessions(simulation)), np.nan)
    ordinary = OutlierModel(outlier=0.0, jump=0.0)
    for first in range(0, series.n_series, CHUNK):
        order = series.by_length[first : first + CHUNK]
        state = FilterState(population.take(order), grid=grid, outliers=ordinary)
        for at in series.steps(order):
            state.keep(len(at))
            state.go_to(series.session[at], series.day[at])
            prediction = state.predict()
            chances[order[: len(at)], series.session[at] - 1] = state.tail(prediction, series.value[at])
            state.learn(prediction, series.value[at])
    return chances


def _sessions(simulation: Simulation) -> int:
    return simulation.ratings.height // simulation.people.height
