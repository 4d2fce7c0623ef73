"""How the prediction errors of fitted norms really fall, from the ratings they were fitted to."""

from dataclasses import dataclass, replace

import numpy as np

from goldseam.arrays import Floats
from goldseam.norms.likelihood import evenly, population_of
from goldseam.norms.people import PersonNorms
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, inverse_sinh_arcsinh
from goldseam.state_space.interval_observation import interval_chances
from goldseam.state_space.normal import density

MOST_SERIES = 1500
EARLIER_RATINGS = 3
TINY = 1e-12
FURTHEST = 8.0
# Some of the errors are those of ruptures. How many cannot be told well from skewed ratings: so many are expected,
# and so much skew, either way, is put down to there being more or fewer of them, besides what chance brings about.
DIP, DIP_SD, DIP_SHARE = -2.0, 1.2, 0.01
UNSURE_SHIFT, UNSURE_SKEW = 0.03, 0.07
BOUNDS = ((-1.0, 1.0), (-1.0, 1.0))


@dataclass(frozen=True, eq=False)
class Errors:
    """Normal scores of the predicted probabilities of less than both ends of what each rating stands for.

    Attributes
    ----------
    low, high : ndarray of float, shape (n,)
        Alike where the rating is exact.
    """

    low: Floats
    high: Floats


def with_errors(person: PersonNorms, series: RatingSeries) -> PersonNorms:
    """Add to the norms how their prediction errors fall, ruptures set aside.

    Parameters
    ----------
    person : PersonNorms
        Fitted to these series.
    series : RatingSeries
        At most 1,500 of them, evenly chosen, are used.

    Returns
    -------
    PersonNorms
    """
    from scipy.optimize import minimize, minimize_scalar

    errors = prediction_errors(person, evenly(series, MOST_SERIES))
    if not len(errors.low):
        return person

    def badness(shift: float, skew: float) -> float:
        return -log_likelihood(errors, shift, skew) / len(errors.low)

    chance = 1 / np.sqrt(len(errors.low))
    both = minimize(lambda point: badness(*point), np.zeros(2), method="L-BFGS-B", bounds=BOUNDS).x
    skew = _towards_nothing(both[1], UNSURE_SKEW + chance)
    shift = minimize_scalar(lambda point: badness(point, skew), bounds=BOUNDS[0], method="bounded").x
    # where there is skew, the middle has to lie off
    unsure = chance if skew else UNSURE_SHIFT + chance
    return replace(person, error_shift=_towards_nothing(shift, unsure), error_skew=skew)


def prediction_errors(person: PersonNorms, series: RatingSeries) -> Errors:
    """Go through the series as `predictive` does and note how surprising each rating was.

    Parameters
    ----------
    person : PersonNorms
    series : RatingSeries

    Returns
    -------
    Errors
        Of the ratings with three earlier ones.
    """
    state = FilterState(population_of(person, series).take(series.by_length))
    low, high = [], []
    for at in series.steps():
        state.keep(len(at))
        state.go_to(series.session[at], series.day[at])
        prediction, value = state.predict(), series.value[at]
        if series.position[at[0]] >= EARLIER_RATINGS:
            people, beneath = state.population, prediction.below(value)
            above = beneath.copy()
            coarse = np.flatnonzero((people.step > state.within_person_sd[0]) | (value >= people.maximum))
            beneath[coarse], above[coarse] = interval_chances(value, prediction, people, coarse)
            low.append(beneath)
            high.append(above)
        state.learn(prediction, value)
    return Errors(_scores(low), _scores(high))


def log_likelihood(errors: Errors, shift: float, skew: float) -> float:
    """Of the errors, as a mixture of ordinary ones and dips.

    Parameters
    ----------
    errors : Errors
    shift, skew : float

    Returns
    -------
    float
    """
    low, high = (inverse_sinh_arcsinh(end, shift, skew) for end in (errors.low, errors.high))
    u = errors.low - shift
    slope = np.cosh(skew) - np.sinh(skew) * u / np.sqrt(1 + u * u)
    ordinary = _chance(low, high, slope)
    dipped = _chance((errors.low - DIP) / DIP_SD, (errors.high - DIP) / DIP_SD, 1 / DIP_SD)
    return float(np.log((1 - DIP_SHARE) * ordinary + DIP_SHARE * dipped + TINY).sum())


def _towards_nothing(figure: float, by: float) -> float:
    return float(np.sign(figure) * max(abs(figure) - by, 0.0))


def _chance(low: Floats, high: Floats, slope: Floats | float) -> Floats:
    """Probability between two normal scores; where they are one, their density in the scores they came from."""
    from scipy.special import ndtr

    chance: Floats = np.where(low == high, slope * density(low), ndtr(high) - ndtr(low))
    return chance


def _scores(chances: list[Floats]) -> Floats:
    from scipy.special import ndtri

    return np.clip(ndtri(np.concatenate(chances)) if chances else np.zeros(0), -FURTHEST, FURTHEST)
