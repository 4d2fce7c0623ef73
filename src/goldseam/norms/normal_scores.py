"""A fixed table from ratings to normal scores, and the norms in these scores; see ``docs/methods/norms.md``.

Sums of items are squeezed together near the ends of the scale, since each item stops there by itself. In their normal
scores they are not.
"""

from dataclasses import replace

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.norms.calibration import with_calibration
from goldseam.norms.marginal_likelihood import (
    MOST_SERIES,
    evenly_spaced,
    fit_person,
    marginal_log_likelihood,
)
from goldseam.norms.scale_norms import PersonNorms
from goldseam.series import RatingSeries
from goldseam.state_space import ScoreTable

# Dips make the lower tail longer than it is without them, so the table is straight from this share of the ratings down.
LOWEST_SHARE, HIGHEST_SHARE = 0.05, 0.99
FEWEST_BETWEEN = 20
SMALLEST_SHARE_BETWEEN = 0.02
FEWEST_PLACES = 3
MIDDLE = (0.25, 0.75)


def score_table(value: Floats, step: float) -> ScoreTable | None:
    """Normal scores of ratings, in points of the middle of their distribution.

    Parameters
    ----------
    value : ndarray of float, shape (n_ratings,)
        Ratings of one scale, higher is better, in any unit.
    step : float
        Distance between two possible ratings, in that unit, above 0.

    Returns
    -------
    ScoreTable or None
        Its places lie half-way between two possible ratings; the score at each is the normal score of the share of
        ratings below (van der Waerden 1952), times and plus what makes the quartiles keep their places. None where
        the ratings lie at too few places.
    """
    from scipy.special import ndtri

    seen, counts = np.unique(np.round(value, 9), return_counts=True)
    below = np.cumsum(counts)
    chosen = _places(below)
    if len(chosen) < FEWEST_PLACES:
        return None
    points = seen[chosen] + step / 2
    z = ndtri(below[chosen] / below[-1])
    at_z = np.clip(ndtri(MIDDLE), z[0], z[-1])
    if at_z[0] == at_z[1]:
        at_z = z[[0, -1]]
    low, high = np.interp(at_z, z, points)
    return ScoreTable(points, low + (z - at_z[0]) * (high - low) / (at_z[1] - at_z[0]))


def _places(below: Integers) -> list[int]:
    """Which of the ratings have a place of the table above them: far enough apart, and not far out."""
    n_ratings = int(below[-1])
    apart = max(FEWEST_BETWEEN, SMALLEST_SHARE_BETWEEN * n_ratings)
    chosen: list[int] = []
    last = 0
    for place, count in enumerate(below.tolist()):
        beyond = count < LOWEST_SHARE * n_ratings or count > HIGHEST_SHARE * n_ratings
        if not beyond and count - last >= apart and n_ratings - count >= FEWEST_BETWEEN:
            chosen.append(place)
            last = count
    return chosen


def fit_scored_person(
    series: RatingSeries, person: PersonNorms, *, falls: bool = False
) -> PersonNorms | None:
    """Norms in normal scores, where these make the ratings more probable than norms in points do.

    Parameters
    ----------
    series : RatingSeries
        Higher is better, in the unit of the norms.
    person : PersonNorms
        Fitted to the same series, in that unit.
    falls : bool
        As for `goldseam.fit_norms`.

    Returns
    -------
    PersonNorms or None
        None on a scale without steps, and where the logarithm of the likelihood does not rise by more than half the
        logarithm of the number of ratings for each place in the table (Schwarz 1978), or half as much before anything
        is fitted.
    """
    table = score_table(series.value, person.step) if person.step else None
    if table is None:
        return None
    points, scores, course = (
        tuple(float(place) for place in each)
        for each in (table.points, table.scores, table.score(np.array(person.mean_course)))
    )
    first = replace(person, mean_course=course, points=points, scores=scores)
    chosen = evenly_spaced(series, MOST_SERIES)
    plain, by_table = (marginal_log_likelihood(chosen, each, falls=falls) for each in (person, first))
    enough = len(points) * np.log(len(chosen.value)) / 2
    if by_table - plain <= enough / 2:
        return None
    found = fit_person(series, first, falls=falls)
    gained = marginal_log_likelihood(chosen, found, falls=falls) - plain
    return with_calibration(found, series) if gained > enough else None
