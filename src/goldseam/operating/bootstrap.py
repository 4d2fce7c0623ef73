"""A parametric bootstrap: ratings drawn from norms, with the sessions, gaps, ranges and steps of a given table.

Nothing is ever wrong in them, unless dips are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.detection.engine.norms_and_minimum_drop import population_for
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries
from goldseam.state_space import Population, sinh_arcsinh

STREAM = 20  # of the seed; the simulator's streams have lower numbers
EARLIEST_ONSET = 5
DECIMALS = 9
FEWEST_STEPS, MOST_STEPS = 2, 400
ON_THE_LATTICE = 1e-6


@dataclass(frozen=True)
class Dips:
    """One true dip in every chosen case.

    Attributes
    ----------
    depth_sd : float
        Depth in within-person SDs.
    durations : sequence of int
        Possible lengths in sessions, equally likely.

    Raises
    ------
    ParameterError
        The depth is not above 0, or a length is not a whole number from 1 on.
    """

    depth_sd: float
    durations: Sequence[int]

    def __post_init__(self) -> None:
        if not 0 < self.depth_sd < float("inf"):
            raise ParameterError(
                "no depth", where="depth_sd", given=self.depth_sd, allowed="a number above 0"
            )
        if not self.durations or any(length < 1 or length != int(length) for length in self.durations):
            allowed = "whole numbers from 1 on"
            raise ParameterError("no lengths", where="durations", given=self.durations, allowed=allowed)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """What a table looks like, and the population its ratings are drawn from.

    Attributes
    ----------
    series : RatingSeries
        The table, higher is better; its values are not used.
    population : Population
        What is assumed of each series; arrays of shape (n_series,).
    step : ndarray of float, shape (n_series,)
        Distance between two possible ratings; 0 where continuous.
    seed : int
        0 or more.
    """

    series: RatingSeries
    population: Population
    step: Floats
    seed: int

    @classmethod
    def of(cls, series: RatingSeries, norms: Norms, *, higher_is_better: bool, seed: int) -> Self:
        """Prepare to draw.

        `series` is higher is better; `higher_is_better` is the direction of the ratings as they were given.
        """
        population = population_for(series, norms, higher_is_better=higher_is_better)
        shown = rating_steps(series, population.kind)
        step = np.where(np.isnan(series.step) & (population.step > 0), population.step, shown)
        return cls(series, population, step, seed)

    @cached_property
    def gap(self) -> Integers:
        """Sessions since the rating before, 0 for the first of a series; shape (n_ratings,)."""
        since = np.diff(self.series.session, prepend=0)
        since[self.series.position == 0] = 0
        return since

    def draw(
        self, replications: Sequence[int], dips: Dips | None = None, chosen: Integers | None = None
    ) -> RatingSeries:
        """Tables like the one given, one after the other in one.

        Parameters
        ----------
        replications : sequence of int
            Their numbers, from 0 on: each has random numbers of its own, whichever are drawn together.
        dips : Dips, optional
            A dip in one series of every case; all other random numbers are the same as without dips.
        chosen : ndarray of int, shape (n_series,)
            The case of each series that may have the dip, from 0 on; -1 for those that may not.

        Returns
        -------
        RatingSeries
            Series ``r * n_series + i`` is series `i` of the r-th replication.
        """
        drawn = [self._values(number, dips, chosen) for number in replications]
        return _stacked(self.series, np.concatenate(drawn), len(drawn))

    def with_own(self, replications: Sequence[int]) -> RatingSeries:
        """The table given, with its own values, and after it tables like it.

        Parameters
        ----------
        replications : sequence of int
            As for `draw`.

        Returns
        -------
        RatingSeries
            The table given comes first.
        """
        drawn = [self._values(number, None, None) for number in replications]
        return _stacked(self.series, np.concatenate([self.series.value, *drawn]), 1 + len(drawn))

    def _values(self, number: int, dips: Dips | None, chosen: Integers | None) -> Floats:
        """The ratings of one replication; shape (n_ratings,)."""
        series, people = self.series, self.population
        random = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(STREAM, number)))
        )
        level, spread, slope = random.standard_normal((3, series.n_series))
        shocks = random.standard_normal((2, len(series.session)))
        sd = people.within_sd * np.exp(people.own_sd_log_sd * spread - people.own_sd_log_sd**2)
        moved = self._autocorrelated_deviations(shocks)
        if dips is not None and chosen is not None:
            moved -= _dip_profile(series, dips, chosen, random)
        owner = series.series_of
        start = (people.between_sd * level)[owner] + (people.slope_sd * slope)[owner] * (series.session - 1)
        return self._to_scale(self._course + start + sd[owner] * moved)

    @cached_property
    def _course(self) -> Floats:
        """The population's mean at every rating."""
        course = self.population.course
        at = np.minimum(self.series.session, course.shape[1]) - 1
        means: Floats = course[self.population.kind[self.series.series_of], at]
        return means

    def _autocorrelated_deviations(self, shocks: Floats) -> Floats:
        """Autocorrelated deviations and the random walk of the level, in within-person SDs; shape (n_ratings,)."""
        series, people = self.series, self.population
        kept = people.autocorrelation[series.series_of] ** self.gap
        fresh = np.where(series.position == 0, 1.0, np.sqrt(1 - kept**2))
        deviation = fresh * self._skewed(shocks[0])
        walk = people.drift_sd[series.series_of] * np.sqrt(self.gap) * shocks[1]
        before: Integers | None = None
        for at in series.steps():
            if before is not None:
                last = before[: len(at)]
                deviation[at] += kept[at] * deviation[last]
                walk[at] += walk[last]
            before = at
        total: Floats = deviation + walk
        return total

    def _skewed(self, shocks: Floats) -> Floats:
        """Normal shocks made as skewed as the population's prediction errors."""
        calibration = self.population.calibration
        if calibration is None:
            return shocks
        owner = self.series.series_of
        return sinh_arcsinh(shocks, calibration.shift[owner], calibration.skew[owner])

    def _to_scale(self, latent: Floats) -> Floats:
        """Rounded to the scale's steps and cut off at its ends."""
        owner, people = self.series.series_of, self.population
        low, high = people.minimum[owner], people.maximum[owner]
        origin = np.where(np.isfinite(low), low, self._origin[owner])
        step = np.where(self.step > 0, self.step, 1e-6)[owner]
        rounded = origin + step * np.round((np.round(latent, DECIMALS) - origin) / step)
        return np.clip(np.round(rounded, DECIMALS), low, high)

    @cached_property
    def _origin(self) -> Floats:
        """A possible rating of each series: the first one; 0 where it has none."""
        series = self.series
        origin = np.zeros(series.n_series)
        some = series.lengths > 0
        origin[some] = series.value[series.starts[:-1][some]]
        return origin


def rating_steps(series: RatingSeries, kind: Integers) -> Floats:
    """The distance between possible ratings, as the ratings of each kind show it; 0 where they show none.

    Parameters
    ----------
    series : RatingSeries
        Ratings in points.
    kind : ndarray of int, shape (n_series,)
        Series of one kind share a scale.

    Returns
    -------
    ndarray of float, shape (n_series,)
        The smallest distance between two of their ratings, if all are whole multiples of it apart and no more than
        400 of them reach from the lowest to the highest; else 0. What a series states goes before that.
    """
    steps = np.zeros(series.n_series)
    of_rating = kind[series.series_of]
    for one in np.unique(kind):
        steps[kind == one] = _step(np.unique(np.round(series.value[of_rating == one], DECIMALS)))
    return np.where(np.isnan(series.step), steps, series.step)


def _step(values: Floats) -> float:
    if len(values) <= FEWEST_STEPS:
        return 0.0
    smallest = float(np.diff(values).min())
    multiples = (values - values[0]) / smallest
    whole = np.abs(multiples - np.round(multiples)).max() < ON_THE_LATTICE * multiples[-1]
    return smallest if whole and multiples[-1] <= MOST_STEPS else 0.0


def _dip_profile(series: RatingSeries, dips: Dips, chosen: Integers, random: np.random.Generator) -> Floats:
    """Depth of the dip at every rating, in within-person SDs: in one series of each case, from session 5 on."""
    draws = random.random((3, series.n_series))
    last = series.session[np.maximum(series.starts[1:] - 1, 0)]
    able = np.flatnonzero((chosen >= 0) & (series.lengths > 0) & (last >= EARLIEST_ONSET))
    # of the series of a case, the one with the smallest random number
    able = able[np.lexsort((draws[0, able], chosen[able]))]
    first = np.unique(chosen[able], return_index=True)[1]
    struck = able[first]
    onset, length = np.zeros(series.n_series, np.int64), np.zeros(series.n_series, np.int64)
    places = last[struck] - EARLIEST_ONSET + 1
    onset[struck] = EARLIEST_ONSET + np.floor(draws[1, struck] * places).astype(np.int64)
    kinds = np.asarray(dips.durations)
    length[struck] = kinds[np.floor(draws[2, struck] * len(kinds)).astype(np.int64)]
    since = series.session - onset[series.series_of]
    return np.where((since >= 0) & (since < length[series.series_of]), dips.depth_sd, 0.0)


def _stacked(series: RatingSeries, values: Floats, times: int) -> RatingSeries:
    """The series as often as asked for, one set after the other, with other values."""
    import polars as pl

    shift = np.arange(times)
    return replace(
        series,
        keys=pl.concat([series.keys] * times),
        starts=np.concatenate(([0], (series.starts[1:] + shift[:, None] * len(series.value)).ravel())),
        session=np.tile(series.session, times),
        value=values,
        day=np.tile(series.day, times),
        minimum=np.tile(series.minimum, times),
        step=np.tile(series.step, times),
        maximum=np.tile(series.maximum, times),
        missed_series=(series.missed_series + shift[:, None] * series.n_series).ravel(),
        missed_session=np.tile(series.missed_session, times),
    )
