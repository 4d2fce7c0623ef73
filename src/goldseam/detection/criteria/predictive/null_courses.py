"""Courses drawn from norms in which nothing is ever wrong, from which the limit of slow declines is read."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection.criteria.predictive.sum_channel import BANDS, TAIL, SumLimit
from goldseam.series import RatingSeries
from goldseam.state_space import Calibration, Population, ScoreTable, sinh_arcsinh

COURSES, SESSIONS = 3_000, 28
STREAM = 31
DIGITS = 7  # figures that agree so far are one population
GRAIN = 0.05  # limits are multiples of it, so that no last digit of a sum decides
SMALLEST_LIMIT, LARGEST_LIMIT = 1.0, 60.0
FAR_TAIL = 0.005
USUAL_RATE = 1.0

LimitFigures = tuple[tuple[float, float, float], ...]
"""Limit, start and rate in each band."""


@dataclass(frozen=True)
class PopulationFigures:
    """What limits depend on, in own SDs from the mean at the first session: the same for a scale of any range.

    Attributes
    ----------
    course, points, scores : tuple of float
        The mean course, and the table from ratings to scores.
    figures : tuple of float
        ``between_sd, own_sd_log_sd, autocorrelation, drift_sd, slope_sd, step, minimum, maximum, shift, skew`` and the
        smallest drop that counts.
    """

    course: tuple[float, ...]
    points: tuple[float, ...]
    scores: tuple[float, ...]
    figures: tuple[float, ...]

    @classmethod
    def of(cls, population: Population, smallest_drop: Floats, series: int) -> "PopulationFigures":
        """The figures of a series' population.

        Parameters
        ----------
        population : Population
            Of many series, in points.
        smallest_drop : ndarray of float, shape (n_series,)
            The smallest drop that counts, in points.
        series : int
            Its index.

        Returns
        -------
        PopulationFigures
        """
        kind = int(population.kind[series])
        course = population.course[kind]
        unit, origin = population.within_sd[series], course[0]
        table = population.tables.get(kind)

        def rounded(values: Floats | list[float]) -> tuple[float, ...]:
            return tuple(float(f"{value:.{DIGITS}g}") + 0.0 for value in np.asarray(values).tolist())

        lengths = [population.between_sd, population.slope_sd, population.step, smallest_drop]
        between, slope, step, drop = (each[series] / unit for each in lengths)
        ends = [(each[series] - origin) / unit for each in (population.minimum, population.maximum)]
        shares = [population.own_sd_log_sd, population.autocorrelation, population.drift_sd]
        calibration = population.calibration
        errors = [0.0, 0.0] if calibration is None else [calibration.shift[series], calibration.skew[series]]
        return cls(
            course=rounded((course - origin) / unit),
            points=() if table is None else rounded((table.points - origin) / unit),
            scores=() if table is None else rounded((table.scores - origin) / unit),
            figures=rounded([between, *(each[series] for each in shares), slope, step, *ends, *errors, drop]),
        )

    def population(self, n_series: int) -> tuple[Population, Floats]:
        """So many series of this population, in own SDs, and the smallest drop that counts in each.

        Parameters
        ----------
        n_series : int
            1 or more.

        Returns
        -------
        population : Population
        smallest_drop : ndarray of float, shape (n_series,)
        """
        spread = [np.full(n_series, value) for value in self.figures]
        between, log_sd, kept, drift, slope, step, low, high, shift, skew, drop = spread
        people = Population(
            course=np.array([self.course]),
            kind=np.zeros(n_series, np.int64),
            between_sd=between,
            within_sd=np.ones(n_series),
            own_sd_log_sd=log_sd,
            autocorrelation=kept,
            drift_sd=drift,
            slope_sd=slope,
            step=step,
            minimum=low,
            maximum=high,
            calibration=Calibration(shift, skew),
            tables={0: ScoreTable(np.array(self.points), np.array(self.scores))} if self.points else {},
        )
        return people, drop


def null_courses(people: Population) -> RatingSeries:
    """Whole courses of so many persons: the same random numbers whatever the population.

    Parameters
    ----------
    people : Population
        Of each person.

    Returns
    -------
    RatingSeries
        Of 20 sessions each, none missing.
    """
    import polars as pl

    n_series = len(people.kind)
    random = np.random.Generator(np.random.PCG64(STREAM))
    level, spread, slope = random.standard_normal((3, n_series, 1))
    shocks, moves = random.standard_normal((2, SESSIONS, n_series))
    if people.calibration is not None:
        shocks = sinh_arcsinh(shocks, people.calibration.shift, people.calibration.skew)
    own = people.within_sd * np.exp(people.own_sd_log_sd * spread[:, 0] - people.own_sd_log_sd**2)
    kept, sessions = people.autocorrelation, np.arange(1, SESSIONS + 1)
    deviation, walk = shocks[0], np.zeros(n_series)
    latent = np.empty((SESSIONS, n_series))
    for place in range(SESSIONS):
        if place:
            deviation = kept * deviation + np.sqrt(1 - kept**2) * shocks[place]
            walk = walk + people.drift_sd * moves[place]
        latent[place] = own * (deviation + walk)
    courses = people.course[0][np.minimum(sessions, people.course.shape[1]) - 1]
    latent += courses[:, None] + people.between_sd * level[:, 0]
    latent += people.slope_sd * slope[:, 0] * (sessions - 1)[:, None]
    points = np.stack([people.point(each) for each in latent], axis=1)
    return RatingSeries(
        keys=pl.DataFrame({"case": np.arange(n_series)}),
        starts=np.arange(n_series + 1) * SESSIONS,
        session=np.tile(sessions, n_series),
        value=_on_the_scale(points, people).ravel(),
        day=np.full(n_series * SESSIONS, np.nan),
        minimum=np.where(np.isfinite(people.minimum), people.minimum, np.nan),
        maximum=np.where(np.isfinite(people.maximum), people.maximum, np.nan),
        step=np.where(people.step > 0, people.step, np.nan),
        missed_series=np.zeros(0, np.int64),
        missed_session=np.zeros(0, np.int64),
    )


def _on_the_scale(points: Floats, people: Population) -> Floats:
    """Rounded to the scale's steps and cut off at its ends; shape (n_series, n_sessions)."""
    low, high, step = people.minimum[:, None], people.maximum[:, None], people.step[:, None]
    origin = np.where(np.isfinite(low), low, 0.0)
    width = np.where(step > 0, step, 1.0)
    rounded = origin + width * np.round((points - origin) / width)
    return np.clip(np.where(step > 0, rounded, points), low, high)


def limits_of_rate(total: Floats, looked_at: Flags, rate: float) -> list[float]:
    """The limits that sums first pass at a given rate, in each band of earlier ratings.

    Parameters
    ----------
    total : ndarray of float, shape (n_series, n_sessions)
        The sums, where nothing is wrong; every session is rated.
    looked_at : ndarray of bool, shape (n_series, n_sessions)
        Sessions that can be judged.
    rate : float
        First passages wanted per session that can be judged until then, above 0.

    Returns
    -------
    list of float
        Multiples of .05, from 1 to 60, ascending; the smallest at which the rate is not passed.
    """
    limits: list[float] = []
    passed = np.zeros(len(total), np.bool_)
    # whoever passed a limit once is looked at no more
    for first, stop in pairwise([*BANDS.tolist(), total.shape[1]]):
        sums, looked = total[~passed, first:stop], looked_at[~passed, first:stop]
        found = max(_limit_of_band(sums, looked, rate), *limits[-1:], SMALLEST_LIMIT)
        limits.append(found)
        passed[np.flatnonzero(~passed)[sums.max(axis=1) > found]] = True
    return limits


def _limit_of_band(total: Floats, looked_at: Flags, rate: float) -> float:
    highest = np.maximum.accumulate(total, axis=1)
    before = np.concatenate([np.zeros((len(total), 1)), highest[:, :-1]], axis=1)

    def too_many(limit: float) -> bool:
        looks = int((looked_at & (before <= limit)).sum())
        return int((highest[:, -1] > limit).sum()) > rate * looks

    low, high = round(SMALLEST_LIMIT / GRAIN), round(LARGEST_LIMIT / GRAIN)
    while low < high:
        middle = (low + high) // 2
        if too_many(middle * GRAIN):
            low = middle + 1
        else:
            high = middle
    return low * GRAIN


def sum_limits(
    population: Population,
    smallest_drop: Floats,
    of_null: Callable[[PopulationFigures], LimitFigures],
) -> SumLimit:
    """The limit of each series, from as many populations as there are.

    Parameters
    ----------
    population : Population
        Of each series, in points.
    smallest_drop : ndarray of float, shape (n_series,)
        The smallest drop that counts, in points.
    of_null : callable
        Limit, start and rate of a population, in each band.

    Returns
    -------
    SumLimit
    """
    # an entry of the norms on one range: everything else follows
    _, first, which = np.unique(population.kind, return_index=True, return_inverse=True)
    found = [of_null(PopulationFigures.of(population, smallest_drop, int(series))) for series in first]
    limit, start, rate = np.array(found).reshape(len(found), len(BANDS), 3)[which].T
    return SumLimit(limit, start, rate)


def exponential_tails(total: Floats) -> list[tuple[float, float]]:
    """Where the upper twentieth of the sums begins, and how fast their tail falls from there on, in each band.

    Parameters
    ----------
    total : ndarray of float, shape (n_series, n_sessions)
        Sums where nothing is wrong, in SDs; every session is rated.

    Returns
    -------
    list of tuple of float
        Start and rate, as in `SumLimit`: the tail has the probabilities .05 and .005 at its quantiles.
    """
    tails = []
    for first, stop in pairwise([*BANDS.tolist(), total.shape[1]]):
        start, far = np.quantile(total[:, first:stop], [1 - TAIL, 1 - FAR_TAIL])
        rate = np.log(TAIL / FAR_TAIL) / (far - start) if far > start else USUAL_RATE
        tails.append((float(start), float(rate)))
    return tails
