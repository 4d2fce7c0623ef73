"""How the prediction errors of fitted norms are distributed, from the ratings they were fitted to.

The probability integral transform of a rating is uniform where the predictive distribution is right; its normal score
is then standard normal. What it really is gives the shift and skew of `goldseam.state_space.Calibration`.
"""

from dataclasses import dataclass, replace

import numpy as np

from goldseam.arrays import Floats
from goldseam.norms.marginal_likelihood import DIP_DEPTH, DIP_SD, dip_share, evenly_spaced, population_of
from goldseam.norms.scale_norms import PersonNorms
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState, Population, inverse_sinh_arcsinh
from goldseam.state_space.prediction import Prediction, interval_chances, normal_density

MOST_CALIBRATION_SERIES = 1500
EARLIER_RATINGS = 3
SMALLEST_PROBABILITY = 1e-12
LARGEST_SCORE = 8.0
# Some of the errors are those of ruptures, and how many is hard to separate from skewed ratings. So errors below this
# quantile count as below it, no more: the shape is learned from the middle and the upper tail.
LOWER_TAIL = 0.10
NEGLIGIBLE_SHIFT, NEGLIGIBLE_SKEW = 0.03, 0.05
UNLEARNED = 0.5  # share of the ratings in dips that the filter has not come to expect from the ones before
SHIFT_SKEW_BOUNDS = ((-1.0, 1.0), (-1.0, 1.0))


@dataclass(frozen=True, eq=False)
class PredictionErrors:
    """Normal scores of the predicted probabilities of less than both ends of what each rating stands for.

    The lowest tenth that was expected is one interval: of a rating in it, only that it is.

    Attributes
    ----------
    low, high : ndarray of float, shape (n_errors,)
        From -8 to 8; equal where the rating is exact.
    """

    low: Floats
    high: Floats


def with_calibration(person: PersonNorms, series: RatingSeries) -> PersonNorms:
    """Add to the norms how their prediction errors are distributed, ruptures set aside.

    Parameters
    ----------
    person : PersonNorms
        Fitted to these series.
    series : RatingSeries
        Higher is better, in the unit of the norms. At most 1,500 of them, evenly spaced, are used.

    Returns
    -------
    PersonNorms
        With `error_shift` and `error_skew`; 0 where there is no clear sign of either.
    """
    from scipy.optimize import minimize, minimize_scalar

    errors = prediction_errors(person, evenly_spaced(series, MOST_CALIBRATION_SERIES))
    if not len(errors.low):
        return person

    share = UNLEARNED * dip_share(person)

    def loss(shift: float, skew: float) -> float:
        return -error_log_likelihood(errors, shift, skew, share) / len(errors.low)

    chance = 1 / np.sqrt(len(errors.low))
    both = minimize(lambda point: loss(*point), np.zeros(2), method="L-BFGS-B", bounds=SHIFT_SKEW_BOUNDS).x
    skew = _soft_threshold(both[1], NEGLIGIBLE_SKEW + chance)
    shift = minimize_scalar(lambda point: loss(point, skew), bounds=SHIFT_SKEW_BOUNDS[0], method="bounded").x
    # a skewed distribution is not centred on 0: its shift is then held against the sampling error alone
    negligible = chance if skew else NEGLIGIBLE_SHIFT + chance
    return replace(person, error_shift=_soft_threshold(shift, negligible), error_skew=skew)


def prediction_errors(person: PersonNorms, series: RatingSeries) -> PredictionErrors:
    """Filter the series as `predictive` does and keep the probability integral transform of each rating.

    Parameters
    ----------
    person : PersonNorms
        What is assumed of every person.
    series : RatingSeries
        Higher is better, in the unit of the norms.

    Returns
    -------
    PredictionErrors
        Of the ratings with three earlier ones.
    """
    state = FilterState(population_of(person, series).take(series.by_length))
    low, high = [], []
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        prediction, value = state.predict(), series.value[at]
        if series.position[at[0]] >= EARLIER_RATINGS:
            beneath, above = _chances(value, prediction, state.population, state.within_person_sd[0])
            low.append(beneath)
            high.append(above)
        state.update(prediction, value)
    return PredictionErrors(_normal_scores(low), _normal_scores(high))


def _chances(
    value: Floats, prediction: Prediction, people: Population, smallest_sd: Floats
) -> tuple[Floats, Floats]:
    """Predicted probabilities of less than both ends of what each rating says; of a low one, that it is low."""
    middle, _, _, step = people.stands_for(value)
    beneath = prediction.probability_below(middle)
    above = beneath.copy()
    coarse = step > smallest_sd
    at = np.flatnonzero(coarse | (value >= people.maximum))
    beneath[at], above[at] = interval_chances(value, prediction, people, at)
    low = above <= LOWER_TAIL
    beneath[low] = 0.0
    above[low & ~coarse] = LOWER_TAIL
    # of ratings with few values, those that are low are all those whose interval ends below the quantile
    few = np.flatnonzero(low & coarse)
    above[few] = _highest_low_end(value[few], prediction.take(few), people.take(few))
    return beneath, above


def _highest_low_end(value: Floats, prediction: Prediction, people: Population) -> Floats:
    """Probability of less than the upper end of the highest rating that still counts as low."""
    if not len(value):
        return value
    quantile = people.point(prediction.quantile(np.full(len(value), LOWER_TAIL)))
    end, last = value + people.step / 2, people.maximum - people.step / 2
    end = np.minimum(end + people.step * np.floor((quantile - end) / people.step), last)
    return prediction.probability_below(people.score(end))


def error_log_likelihood(errors: PredictionErrors, shift: float, skew: float, dips: float) -> float:
    """Log-likelihood of the errors, as a mixture of ordinary ones and dips.

    Parameters
    ----------
    errors : PredictionErrors
        As `prediction_errors` returns them.
    shift, skew : float
        Of the ordinary ones; see `goldseam.state_space.Calibration`.
    dips : float
        Share of the ratings in dips, 0 to 1.

    Returns
    -------
    float
    """
    low, high = errors.low, errors.high
    u = low - shift
    slope = np.cosh(skew) - np.sinh(skew) * u / np.sqrt(1 + u * u)
    below, above = (inverse_sinh_arcsinh(end, shift, skew) for end in (low, high))
    ordinary = _interval_probability(below, above, slope)
    lower = _interval_probability((low + DIP_DEPTH) / DIP_SD, (high + DIP_DEPTH) / DIP_SD, 1 / DIP_SD)
    return float(np.log((1 - dips) * ordinary + dips * lower + SMALLEST_PROBABILITY).sum())


def _soft_threshold(figure: float, by: float) -> float:
    """The figure moved towards 0 by so much, and no further than 0."""
    return float(np.sign(figure) * max(abs(figure) - by, 0.0))


def _interval_probability(low: Floats, high: Floats, slope: Floats | float) -> Floats:
    """Probability between two normal scores; where they are one, their density in the scores they came from."""
    from scipy.special import ndtr

    chance: Floats = np.where(low == high, slope * normal_density(low), ndtr(high) - ndtr(low))
    return chance


def _normal_scores(chances: list[Floats]) -> Floats:
    from scipy.special import ndtri

    return np.clip(ndtri(np.concatenate(chances)) if chances else np.zeros(0), -LARGEST_SCORE, LARGEST_SCORE)
