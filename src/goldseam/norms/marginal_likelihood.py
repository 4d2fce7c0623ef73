"""How persons differ and how their ratings move, by maximum marginal likelihood; see ``docs/methods/norms.md``."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.norms.scale_norms import PersonNorms
from goldseam.progress import with_progress
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, OutlierModel, Population
from goldseam.state_space.prediction import normal_density

MOST_SERIES = 600
MOST_STEPS_SEEN = 250
FIT_ROUNDS = 2
SWEEPS = 3
FEWEST_PER_SESSION = 20
TRIM_AT = 2.5
STEP = 1e-3
TOLERANCE = 1e-6
HIGHEST_AUTOCORRELATION = 0.95
LOWEST_LOG_SD = 0.05

# Ratings to be fitted hold ruptures, so that an outlier is a dip more often than not. How many there are is hard to
# separate from unequal within-person SDs; this is what an eventful clinic has, so that the SDs come out a little too
# small where nothing ever happens.
DIPS = OutlierModel(outlier=0.03, outlier_depth=2.0, outlier_sd=1.5, jump=0.015, jump_sd=2.5)
DIP, DIP_SD, DIP_SHARE = -2.0, 1.2, 0.03

# A weak normal prior for each of the parameters below, on the scale on which it is searched for. It matters for the
# smallest samples only.
BOUNDS = (
    *((-2.3, 6.0), (-6.0, 6.0), (-3.0, 0.5), (0.0, HIGHEST_AUTOCORRELATION)),
    *((0.0, 1.0), (0.0, 1.0)),
)
PRIOR_MEAN = np.array([0.0, 0.0, np.log(0.35), 0.2, 0.0, 0.0])
PRIOR_SD = np.array([np.inf, np.inf, 0.5, 0.3, 0.15, 0.1])


@dataclass(frozen=True)
class FreeParameters:
    """The parameters the likelihood is maximised over, on the scale on which they are searched for.

    Attributes
    ----------
    log_between, log_within : float
        Logarithms of the SD between and within persons, in units of the first guess of the latter.
    log_sd : float
        Logarithm of the SD of the logarithm of the within-person SDs.
    autocorrelation, drift, trend : float
        As in `PersonNorms`; the trend's SD in units of the first guess of the within-person SD.
    """

    log_between: float
    log_within: float
    log_sd: float = float(np.log(0.35))
    autocorrelation: float = 0.2
    drift: float = 0.05
    trend: float = 0.02

    @classmethod
    def from_vector(cls, point: Floats) -> Self:
        """From the vector an optimiser gives, shape (6,)."""
        return cls(*(float(number) for number in point))

    def vector(self) -> Floats:
        """For an optimiser, shape (6,)."""
        given = (self.log_between, self.log_within, self.log_sd, self.autocorrelation, self.drift, self.trend)
        return np.array(given)

    def person(self, course: Floats, unit: float, step: float) -> PersonNorms:
        """As norms, in the unit of the ratings."""
        return PersonNorms(
            mean_course=tuple(float(mean) for mean in course),
            between_sd=unit * float(np.exp(self.log_between)),
            within_sd=unit * float(np.exp(self.log_within)),
            own_sd_log_sd=max(float(np.exp(self.log_sd)), LOWEST_LOG_SD),
            autocorrelation=self.autocorrelation,
            drift_sd=self.drift,
            trend_sd=unit * self.trend,
            step=step,
        )


def fit_person(series: RatingSeries, course: Floats, *, between_sd: float, within_sd: float) -> PersonNorms:
    """Estimate how persons differ and move.

    The likelihood is that of `goldseam.state_space.FilterState`: it reads ratings as the scale shows them, rounded
    and cut off, and expects outliers and lasting jumps, so that ruptures in the data hardly count.

    Parameters
    ----------
    series : RatingSeries
        Higher is better; one scale with one range (which may be unknown). At most 600 series, evenly chosen,
        are used.
    course : ndarray of float, shape (n_sessions,)
        First guess of the mean at session 1, 2, ..., in the unit of the ratings; the result is as long.
    between_sd, within_sd : float
        First guesses of the SD between and within persons, in the unit of the ratings, above 0.

    Returns
    -------
    PersonNorms
        In the unit of the ratings.
    """
    chosen = evenly_spaced(series, MOST_SERIES)
    step = stated_step(series) or scale_step(series.value)
    search = FreeParameters(float(np.log(between_sd / within_sd)), 0.0)
    person = search.person(course, within_sd, step)
    for _ in with_progress(range(FIT_ROUNDS), "fitting norms"):
        for _ in range(SWEEPS):
            person = replace(person, mean_course=_updated_course(chosen, person))
        search = _maximised(chosen, search, np.array(person.mean_course), unit=within_sd, step=step)
        person = search.person(np.array(person.mean_course), within_sd, step)
    return person


def stated_step(series: RatingSeries) -> float:
    """The one step that all series of a scale state.

    Parameters
    ----------
    series : RatingSeries
        Of one scale.

    Returns
    -------
    float
        In their unit; 0 where one states none, or another.
    """
    step = series.step
    return float(step[0]) if len(step) and np.all(step == step[0]) else 0.0


def scale_step(value: Floats) -> float:
    """Distance between two possible ratings; 0 where too many different ones were seen to tell.

    Parameters
    ----------
    value : ndarray of float, shape (n_ratings,)
        Ratings of one scale, in any unit.

    Returns
    -------
    float
        In that unit, 0 or more.
    """
    seen = np.unique(np.round(value, 9))
    if not 1 < len(seen) <= MOST_STEPS_SEEN:
        return 0.0
    step = float(np.diff(seen).min())
    whole = (seen - seen[0]) / step
    return step if np.abs(whole - np.round(whole)).max() < STEP else 0.0


def population_of(person: PersonNorms, series: RatingSeries) -> Population:
    """The population all the series are drawn from, in the unit both arguments have.

    Parameters
    ----------
    person : PersonNorms
        What is assumed of every person.
    series : RatingSeries
        Higher is better; their ranges become those of the population.

    Returns
    -------
    Population
        Prediction errors are taken as normal.
    """

    def each(figure: float) -> Floats:
        return np.full(series.n_series, figure)

    return Population(
        course=np.array([person.mean_course]),
        kind=np.zeros(series.n_series, np.int64),
        between_sd=each(person.between_sd),
        within_sd=each(person.within_sd),
        own_sd_log_sd=each(person.own_sd_log_sd),
        autocorrelation=each(person.autocorrelation),
        drift_sd=each(person.drift_sd),
        slope_sd=each(person.trend_sd),
        step=each(person.step),
        minimum=np.where(np.isnan(series.minimum), -np.inf, series.minimum),
        maximum=np.where(np.isnan(series.maximum), np.inf, series.maximum),
    )


def marginal_log_likelihood(series: RatingSeries, person: PersonNorms) -> float:
    """Logarithm of the probability (density, on a continuous scale) of all ratings, the persons' levels integrated out.

    Parameters
    ----------
    series : RatingSeries
        Higher is better, in the unit of `person`.
    person : PersonNorms
        What is assumed of every person.

    Returns
    -------
    float
    """
    state = _initial_state(series, person)
    total = 0.0
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        total += float(state.update(state.predict(), series.value[at]).sum())
    return total


def _maximised(
    series: RatingSeries, search: FreeParameters, course: Floats, *, unit: float, step: float
) -> FreeParameters:
    from scipy.optimize import minimize

    def loss(point: Floats) -> float:
        person = FreeParameters.from_vector(point).person(course, unit, step)
        penalty = float((((point - PRIOR_MEAN) / PRIOR_SD) ** 2).sum()) / 2
        return (penalty - marginal_log_likelihood(series, person)) / series.n_series

    found = minimize(
        loss,
        search.vector(),
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"eps": STEP, "ftol": TOLERANCE, "maxiter": 30},
    )
    return FreeParameters.from_vector(found.x)


def _updated_course(series: RatingSeries, person: PersonNorms) -> tuple[float, ...]:
    """The course moved by the mean innovation at each session; what is probably a dip hardly counts."""
    last = len(person.mean_course)
    total, count = np.zeros(last), np.zeros(last)
    state = _initial_state(series, person)
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        prediction = state.predict()
        innovation = state.innovation(prediction, series.value[at])
        weight = _no_dip_probability(innovation / prediction.spread())
        place = np.minimum(series.session[at], last) - 1
        total += np.bincount(place, weights=weight * innovation, minlength=last)
        count += np.bincount(place, weights=weight, minlength=last)
        state.update(prediction, series.value[at])
    enough = count >= FEWEST_PER_SESSION
    moved = np.where(enough, total / np.maximum(count, 1), 0.0)
    return tuple(float(mean) for mean in np.array(person.mean_course) + moved)


def _no_dip_probability(z: Floats) -> Floats:
    """Probability that an innovation of so many SDs is no dip; 0 where it is far off on either side."""
    near = np.clip(z, -TRIM_AT, TRIM_AT)
    dips = DIP_SHARE * normal_density((near - DIP) / DIP_SD) / DIP_SD
    plain = (1 - DIP_SHARE) * normal_density(near)
    ordinary: Floats = np.where(near == z, plain / (plain + dips), 0.0)
    return ordinary


def _initial_state(series: RatingSeries, person: PersonNorms) -> FilterState:
    population = population_of(person, series).take(series.by_length)
    return FilterState(population, outliers=DIPS)


def evenly_spaced(series: RatingSeries, most: int) -> RatingSeries:
    """At most so many of the series, evenly spaced over all.

    Parameters
    ----------
    series : RatingSeries
        All there are.
    most : int
        Largest number of series to take, 1 or more.

    Returns
    -------
    RatingSeries
        All of them where there are no more.
    """
    if series.n_series <= most:
        return series
    return take_series(series, np.linspace(0, series.n_series - 1, most).round().astype(np.int64))


def take_series(series: RatingSeries, chosen: Integers) -> RatingSeries:
    """Some of the series, without what was missed and without evidence.

    Parameters
    ----------
    series : RatingSeries
        All there are.
    chosen : ndarray of int
        Indices of those to take, ascending, each once.

    Returns
    -------
    RatingSeries
    """
    wanted = np.zeros(series.n_series, np.bool_)
    wanted[chosen] = True
    rated = wanted[series.series_of]
    none = np.zeros(0, np.int64)
    return RatingSeries(
        keys=series.keys[chosen],
        starts=np.concatenate(([0], np.cumsum(series.lengths[chosen]))),
        session=series.session[rated],
        value=series.value[rated],
        day=series.day[rated],
        minimum=series.minimum[chosen],
        maximum=series.maximum[chosen],
        step=series.step[chosen],
        missed_series=none,
        missed_session=none,
    )
