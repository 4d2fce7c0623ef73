"""How persons differ and how their ratings move, by maximum marginal likelihood; see ``docs/methods/norms.md``."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.norms.scale_norms import PersonNorms
from goldseam.progress import with_progress
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, OutlierModel, Population, ScoreTable
from goldseam.state_space.prediction import normal_density

MOST_SERIES = 600
MOST_STEPS_SEEN = 250
FIT_ROUNDS = 2
SWEEPS = 3
FEWEST_PER_SESSION = 20
TRIM_AT = 2.5
STEP = 1e-3
WIDE_STEP = 0.25
TOLERANCE = 1e-6
HIGHEST_AUTOCORRELATION = 0.95
LOWEST_LOG_SD = 0.05

# Ratings to be fitted hold ruptures. How many there are is estimated with the rest, and how many of them stay for good
# is taken to be a fixed share of it: the ratings say little of so few. Were jumps rarer, drift would stand in for them.
DIP_DEPTH, DIP_DEPTH_SD = 2.2, 1.0  # in within-person SDs
DIP_LASTS = 0.5  # probability that the session after a dip lies in it too
JUMP_SHARE, JUMP_SD = 1.0, 2.5
# The same where lasting changes are taken to be falls.
FALL_SHARE, FALL_DEPTH, FALL_SD = 0.5, DIP_DEPTH, DIP_DEPTH_SD
DIP_SD = 1.4  # of a dip among prediction errors, with what else makes these

# A weak normal prior for each of the parameters below, on the scale on which it is searched for. It matters for the
# smallest samples only, but for that of dips, which are hard to tell from unequal within-person SDs.
FEWEST_DIPS, MOST_DIPS = 0.0005, 0.04
BOUNDS = (
    *((-2.3, 6.0), (-6.0, 6.0), (-3.0, 0.5), (0.0, HIGHEST_AUTOCORRELATION)),
    *((0.0, 1.0), (0.0, 1.0), (float(np.log(FEWEST_DIPS)), float(np.log(MOST_DIPS)))),
)
USUAL_DIPS = 0.01  # beginnings per session
PRIOR_MEAN = np.array([0.0, 0.0, np.log(0.35), 0.2, 0.0, 0.0, np.log(USUAL_DIPS)])
PRIOR_SD = np.array([np.inf, np.inf, 0.5, 0.3, 0.15, 0.1, 1.0])


def dips_expected(beginnings: float, *, falls: bool = False) -> OutlierModel:
    """Dips that last some sessions and come back, and lasting jumps, where ratings are fitted.

    Parameters
    ----------
    beginnings : float
        Probability that a dip begins, per session, 0 to 1.
    falls : bool
        Whether jumps are falls, half as many as dips; else they lead either way, as many.

    Returns
    -------
    OutlierModel
    """
    return OutlierModel(
        outlier=beginnings,
        outlier_depth=DIP_DEPTH,
        outlier_sd=DIP_DEPTH_SD,
        lasting=DIP_LASTS,
        jump=(FALL_SHARE if falls else JUMP_SHARE) * beginnings,
        jump_sd=FALL_SD if falls else JUMP_SD,
        jump_depth=FALL_DEPTH if falls else 0.0,
    )


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
    log_dips : float
        Logarithm of the probability that a dip begins, per session.
    """

    log_between: float
    log_within: float
    log_sd: float = float(np.log(0.35))
    autocorrelation: float = 0.2
    drift: float = 0.05
    trend: float = 0.02
    log_dips: float = float(np.log(USUAL_DIPS))

    @classmethod
    def from_vector(cls, point: Floats) -> Self:
        """From the vector an optimiser gives, shape (7,)."""
        return cls(*(float(number) for number in point))

    def vector(self) -> Floats:
        """For an optimiser, shape (7,)."""
        moves = (self.autocorrelation, self.drift, self.trend, self.log_dips)
        return np.array([self.log_between, self.log_within, self.log_sd, *moves])

    def person(self, like: PersonNorms, unit: float) -> PersonNorms:
        """As norms, in the unit of the ratings, with the mean course and the scale of other ones."""
        return replace(
            like,
            between_sd=unit * float(np.exp(self.log_between)),
            within_sd=unit * float(np.exp(self.log_within)),
            own_sd_log_sd=max(float(np.exp(self.log_sd)), LOWEST_LOG_SD),
            autocorrelation=self.autocorrelation,
            drift_sd=self.drift,
            trend_sd=unit * self.trend,
            dips=float(np.exp(self.log_dips)),
        )


def fit_person(series: RatingSeries, first: PersonNorms, *, falls: bool = False) -> PersonNorms:
    """Estimate how persons differ and move.

    The likelihood is that of `goldseam.state_space.FilterState`: it reads ratings as the scale shows them, rounded
    and cut off, and expects outliers and lasting jumps, so that ruptures in the data hardly count.

    Parameters
    ----------
    series : RatingSeries
        Higher is better; one scale with one range (which may be unknown). At most 600 series, evenly chosen,
        are used.
    first : PersonNorms
        First guesses of mean course and SDs, in the unit of the ratings, and, where ratings are read as scores, the
        table that leads to them.
    falls : bool
        Whether lasting changes of level are taken to be falls; see `goldseam.fit_norms`.

    Returns
    -------
    PersonNorms
        In the unit of the ratings.
    """
    chosen = evenly_spaced(series, MOST_SERIES)
    unit = first.within_sd
    search = FreeParameters(float(np.log(first.between_sd / unit)), 0.0)
    person = search.person(replace(first, step=stated_step(series) or scale_step(series.value)), unit)
    for _ in with_progress(range(FIT_ROUNDS), "fitting norms"):
        for _ in range(SWEEPS):
            person = replace(person, mean_course=_updated_course(chosen, person, falls=falls))
        search = _maximised(chosen, search, person, unit, falls=falls)
        person = search.person(person, unit)
    return replace(person, dips_log_sd=_log_dips_error(chosen, search, person, unit, falls=falls))


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
        tables={0: ScoreTable(np.array(person.points), np.array(person.scores))} if person.points else {},
    )


def marginal_log_likelihood(series: RatingSeries, person: PersonNorms, *, falls: bool = False) -> float:
    """Logarithm of the probability (density, on a continuous scale) of all ratings, the persons' levels integrated out.

    Parameters
    ----------
    series : RatingSeries
        Higher is better, in the unit of `person`.
    person : PersonNorms
        What is assumed of every person.
    falls : bool
        As for `dips_expected`.

    Returns
    -------
    float
    """
    state = _initial_state(series, person, falls=falls)
    total = 0.0
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        total += float(state.update(state.predict(), series.value[at]).sum())
    return total


def _maximised(
    series: RatingSeries, search: FreeParameters, person: PersonNorms, unit: float, *, falls: bool
) -> FreeParameters:
    from scipy.optimize import minimize

    found = minimize(
        lambda point: _loss(point, series, person, unit, falls=falls) / series.n_series,
        search.vector(),
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"eps": STEP, "ftol": TOLERANCE, "maxiter": 30},
    )
    return FreeParameters.from_vector(found.x)


def _loss(point: Floats, series: RatingSeries, person: PersonNorms, unit: float, *, falls: bool) -> float:
    """Minus the logarithm of likelihood times prior, up to a constant; mean course and scale are those of `person`."""
    penalty = float((((point - PRIOR_MEAN) / PRIOR_SD) ** 2).sum()) / 2
    found = FreeParameters.from_vector(point).person(person, unit)
    return penalty - marginal_log_likelihood(series, found, falls=falls)


def _log_dips_error(
    series: RatingSeries, search: FreeParameters, person: PersonNorms, unit: float, *, falls: bool
) -> float:
    """Standard error of the logarithm of `dips`, the rest held fixed: curvature of the loss, at most the prior's."""
    around = [replace(search, log_dips=search.log_dips + by) for by in (-WIDE_STEP, 0.0, WIDE_STEP)]
    below, here, above = (_loss(each.vector(), series, person, unit, falls=falls) for each in around)
    curvature = (below - 2 * here + above) / WIDE_STEP**2
    return float(1 / np.sqrt(max(curvature, 1 / PRIOR_SD[-1] ** 2)))


def _updated_course(series: RatingSeries, person: PersonNorms, *, falls: bool) -> tuple[float, ...]:
    """The course moved by the mean innovation at each session; what is probably a dip hardly counts."""
    last = len(person.mean_course)
    total, count = np.zeros(last), np.zeros(last)
    state = _initial_state(series, person, falls=falls)
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        prediction = state.predict()
        innovation = state.innovation(prediction, series.value[at])
        z = innovation / prediction.spread()
        state.update(prediction, series.value[at])
        # the filter itself knows what is low because a dip or a fall goes on
        weight = (
            np.where(np.abs(z) < TRIM_AT, state.ordinary_probability(), 0.0)
            if falls
            else _no_dip_probability(z, dip_share(person))
        )
        place = np.minimum(series.session[at], last) - 1
        total += np.bincount(place, weights=weight * innovation, minlength=last)
        count += np.bincount(place, weights=weight, minlength=last)
    enough = count >= FEWEST_PER_SESSION
    moved = np.where(enough, total / np.maximum(count, 1), 0.0)
    return tuple(float(mean) for mean in np.array(person.mean_course) + moved)


def dip_share(person: PersonNorms) -> float:
    """Share of the ratings that lie in a dip, from how often one begins and how long it lasts.

    Parameters
    ----------
    person : PersonNorms
        With the estimated `dips`; the usual ones stand in.

    Returns
    -------
    float
        0 to 1.
    """
    begins = person.dips or USUAL_DIPS
    return begins / (1 - DIP_LASTS + begins)


def _no_dip_probability(z: Floats, share: float) -> Floats:
    """Probability that an innovation of so many SDs is no dip; 0 where it is far off on either side."""
    near = np.clip(z, -TRIM_AT, TRIM_AT)
    dips = share * normal_density((near + DIP_DEPTH) / DIP_SD) / DIP_SD
    plain = (1 - share) * normal_density(near)
    ordinary: Floats = np.where(near == z, plain / (plain + dips), 0.0)
    return ordinary


def _initial_state(series: RatingSeries, person: PersonNorms, *, falls: bool) -> FilterState:
    population = population_of(person, series).take(series.by_length)
    return FilterState(population, outliers=dips_expected(person.dips or USUAL_DIPS, falls=falls))


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
