"""Norms brought to the scale and direction of each series, and the smallest drop that counts there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.norms_mismatch import refuse_mismatch
from goldseam.exceptions import RangeUnknownError
from goldseam.norms import Norms, PersonNorms, ScaleNorms
from goldseam.norms.scale_norms import ANY
from goldseam.series import RatingSeries
from goldseam.state_space import Calibration, Population, ScoreTable

# Differences of decimal numbers are exact only up to rounding; what is that little short still counts.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Priors:
    """What is assumed of level and spread before the first rating, in points, higher is better; arrays (n_series,).

    Attributes
    ----------
    mean : ndarray of float
        Of the population at the first session.
    between_sd, within_sd : ndarray of float
        SD of the persons' levels, and root mean square of their own SDs; above 0.
    shape : ndarray of float
        Of the inverse gamma over own variances, above 1.
    discount : ndarray of float
        What earlier ratings keep of their weight from one rating to the next, above 0 and at most 1.
    measurement_error : ndarray of float
        Of one rating within a person; NaN where unknown.
    minimum, maximum : ndarray of float
        The range of the scale; NaN where unknown.
    """

    mean: Floats
    between_sd: Floats
    within_sd: Floats
    shape: Floats
    discount: Floats
    measurement_error: Floats
    minimum: Floats
    maximum: Floats


@dataclass(frozen=True, eq=False)
class NormsInPoints:
    """The entries of norms that serve some series, and what brings them to points, higher is better.

    Attributes
    ----------
    entries : list of ScaleNorms
        Different ones.
    kind_of : ndarray of int, shape (n_series,)
        Which of the entries serves each series.
    shares : bool
        Whether their figures are shares of the range rather than points.
    turned : ndarray of bool, shape (n_series,)
        Whether the norms state the scale in the other direction than the ratings.
    low, high : ndarray of float, shape (n_series,)
        The range in points, NaN where unknown.
    """

    entries: list[ScaleNorms]
    kind_of: Integers
    shares: bool
    turned: Flags
    low: Floats
    high: Floats

    @property
    def unit(self) -> Floats:
        """What one unit of the norms is in points, shape (n_series,)."""
        return self.high - self.low if self.shares else np.ones(len(self.low))

    def priors(self) -> Priors:
        """What is assumed of level and spread.

        Returns
        -------
        Priors
        """
        start = self._each([_start(entry, shares=self.shares) for entry in self.entries])
        unit, turned = self.unit, start + self.low + self.high
        return Priors(
            mean=self.low + unit * start if self.shares else np.where(self.turned, turned, start),
            between_sd=unit * self._each([entry.between_sd for entry in self.entries]),
            within_sd=unit * self._each([entry.within_sd for entry in self.entries]),
            shape=self._each([entry.shape for entry in self.entries]),
            discount=self._each([entry.discount for entry in self.entries]),
            measurement_error=unit * self._each([_or_nan(entry.measurement_error) for entry in self.entries]),
            minimum=self.low,
            maximum=self.high,
        )

    def population(self, *, scored: bool = False) -> Population:
        """The population each series is drawn from.

        Parameters
        ----------
        scored : bool
            Whether ratings are read as scores where the norms have a table for it.

        Returns
        -------
        Population
        """
        people = [(entry.scored_person if scored else None) or entry.assumed_person for entry in self.entries]
        unit = self.unit
        # two that are not known are one and the same
        bounds = np.stack([self.kind_of, *np.nan_to_num([self.low, self.high], nan=np.inf)])
        ranges, kind = np.unique(bounds, axis=1, return_inverse=True)

        def each(name: str) -> Floats:
            return self._each([getattr(person, name) for person in people])

        return Population(
            course=self._courses(people, ranges),
            kind=kind.reshape(-1),
            between_sd=unit * each("between_sd"),
            within_sd=unit * each("within_sd"),
            own_sd_log_sd=each("own_sd_log_sd"),
            autocorrelation=each("autocorrelation"),
            drift_sd=each("drift_sd"),
            slope_sd=unit * each("trend_sd"),
            step=unit * each("step"),
            minimum=np.where(np.isnan(self.low), -np.inf, self.low),
            maximum=np.where(np.isnan(self.high), np.inf, self.high),
            calibration=Calibration(each("error_shift"), each("error_skew")),
            tables=self._tables(people, ranges),
        )

    def _each(self, figures: list[float]) -> Floats:
        """A figure of every entry, as the series have them."""
        return np.array(figures, dtype=np.float64)[self.kind_of]

    def _courses(self, people: list[PersonNorms], ranges: Floats) -> Floats:
        """The mean course in points for every kind of series with its range, all as long as the longest."""
        longest = max(len(person.mean_course) for person in people)
        courses = [people[int(number)].mean_course for number in ranges[0]]
        return np.array(
            [
                self._in_points([*given, *[given[-1]] * (longest - len(given))], *kind)
                for given, kind in zip(courses, ranges.T, strict=True)
            ]
        )

    def _tables(self, people: list[PersonNorms], ranges: Floats) -> dict[int, ScoreTable]:
        """From ratings to scores, for every kind of series with its range that has a table."""
        return {
            row: ScoreTable(
                *(np.sort(self._in_points(each, *kind)) for each in (person.points, person.scores))
            )
            for row, kind in enumerate(ranges.T)
            if (person := people[int(kind[0])]).points
        }

    def _in_points(self, figures: Sequence[float], number: float, low: float, high: float) -> Floats:
        """Places on the scale of an entry, as points of a series with such a range, higher is better."""
        entry, places = self.entries[int(number)], np.array(figures)
        if not entry.higher_is_better:
            places = 1 - places if self.shares else -places
        if self.shares:
            return low + (high - low) * places
        turned = self.turned[np.argmax(self.kind_of == int(number))]
        return places + low + high if turned else places


def norms_in_points(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> NormsInPoints:
    """The norms of every series, brought to its scale and direction.

    Parameters
    ----------
    series : RatingSeries
        Turned round already where higher was not better.
    norms : Norms
        With an entry for every scale.
    higher_is_better : bool
        The direction the ratings had before.

    Returns
    -------
    NormsInPoints

    Raises
    ------
    NormsError
        The norms have no entry for a scale, state another direction, range or step than the ratings have, or need
        a range that is not known.
    """
    entries, kind_of = _entries(series, norms)
    for kind, entry in enumerate(entries):
        if entry.higher_is_better != higher_is_better or entry.minimum is not None or entry.person:
            refuse_mismatch(series, norms, entry, kind_of == kind, higher_is_better=higher_is_better)
    low, high = _range(series, entries, kind_of, higher_is_better=higher_is_better)
    turned = np.array([entry.higher_is_better != higher_is_better for entry in entries], np.bool_)[kind_of]
    shares = norms.unit == "share_of_range"
    _require_range(series, norms, np.isnan(low) & (turned | shares))
    return NormsInPoints(entries, kind_of, shares, turned, low, high)


def priors_for(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Priors:
    """What is assumed of level and spread of each series.

    Parameters
    ----------
    series, norms, higher_is_better
        As for `norms_in_points`.

    Returns
    -------
    Priors

    Raises
    ------
    NormsError
        As for `norms_in_points`.
    """
    return norms_in_points(series, norms, higher_is_better=higher_is_better).priors()


def population_for(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Population:
    """The population each series is drawn from.

    Parameters
    ----------
    series, norms, higher_is_better
        As for `norms_in_points`.

    Returns
    -------
    Population

    Raises
    ------
    NormsError
        As for `norms_in_points`.
    """
    return norms_in_points(series, norms, higher_is_better=higher_is_better).population()


def error_within(priors: Priors, reliability: float) -> Floats:
    """Error of measurement of one rating within a person: as the norms state it, else by the reliability.

    Parameters
    ----------
    priors : Priors
        Of each series, in points.
    reliability : float
        Of change within a person, from 0 to 1.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points, 0 or more.
    """
    derived = priors.within_sd * np.sqrt(1 - reliability)
    return np.where(np.isnan(priors.measurement_error), derived, priors.measurement_error)


def minimum_drop(priors: Priors, share: float, errors: float) -> Floats:
    """The larger of a share of the range and a multiple of the error of measurement.

    Parameters
    ----------
    priors : Priors
        Of each series, in points.
    share : float
        Of the range, from 0 to 1.
    errors : float
        Errors of measurement, 0 or more.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points: 0 where the range is unknown; the share alone where the error of measurement is.
    """
    known = ~np.isnan(priors.maximum - priors.minimum)
    return np.where(known, _larger(priors, share, errors), 0.0)


def required_minimum_drop(
    series: RatingSeries, priors: Priors, share: float, errors: float, points: str
) -> Floats:
    """The larger of a share of the range and a multiple of the error of measurement, or the one that is known.

    Parameters
    ----------
    series : RatingSeries
        Named in errors.
    priors : Priors
        Of each series, in points.
    share : float
        Of the range, from 0 to 1.
    errors : float
        Errors of measurement, 0 or more.
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points.

    Raises
    ------
    ParameterError
        Neither is known for a scale.
    """
    smallest = _larger(priors, share, errors)
    problem = "neither range nor error of measurement of scale {} is known"
    _refuse_unknown(series, smallest, problem, points)
    return smallest


def share_of_range(series: RatingSeries, share: float, use: str, points: str) -> Floats:
    """A share of the range in points, per series.

    Parameters
    ----------
    series : RatingSeries
        With the ranges of the scales.
    share : float
        From 0 to 1.
    use : str
        What the share is, named in errors.
    points : str
        The parameter that would say it in points.

    Returns
    -------
    ndarray of float, shape (n_series,)
        In points.

    Raises
    ------
    ParameterError
        The range of a scale is not known.
    """
    width: Floats = share * (series.maximum - series.minimum)
    problem = f"the range of scale {{}} is not known, so a share of it cannot be {use}"
    _refuse_unknown(series, width, problem, points)
    return width


def _larger(priors: Priors, share: float, errors: float) -> Floats:
    larger: Floats = np.fmax(share * (priors.maximum - priors.minimum), errors * priors.measurement_error)
    return larger


def _refuse_unknown(series: RatingSeries, sizes: Floats, problem: str, points: str) -> None:
    lacking = np.flatnonzero(np.isnan(sizes))
    if lacking.size:
        scale = series.keys.get_column("scale").item(int(lacking[0]))
        raise RangeUnknownError(
            problem.format(scale),
            allowed=f"columns minimum and maximum in the ratings, or parameter {points} in points",
        )


def _entries(series: RatingSeries, norms: Norms) -> tuple[list[ScaleNorms], Integers]:
    """The entries that serve the series, and which of them each series has."""
    if series.n_series == 1:
        key = series.keys.row(0, named=True)
        rater, phase = str(key["rater"]), key["phase"]
        found = norms.for_scale(str(key["scale"]), None if phase is None else str(phase), rater)
        return [found], np.zeros(1, np.int64)
    by_rater = any(entry.rater != ANY for entry in norms.scales)
    names = ["scale", "phase", "rater"] if by_rater else ["scale", "phase"]
    pairs = series.keys.select(names)
    kinds = pairs.unique().sort(names)
    numbered = pairs.join(
        kinds.with_row_index("kind"), on=names, how="left", nulls_equal=True, maintain_order="left"
    )
    entries = [
        norms.for_scale(str(kind[0]), *(None if name is None else str(name) for name in kind[1:]))
        for kind in kinds.rows()
    ]
    return entries, numbered.get_column("kind").to_numpy().astype(np.int64)


def _start(entry: ScaleNorms, *, shares: bool) -> float:
    """The mean at the first session, higher is better."""
    mean = entry.mean_course[0]
    if entry.higher_is_better:
        return mean
    return 1 - mean if shares else -mean


def _range(
    series: RatingSeries, entries: list[ScaleNorms], kind_of: Integers, *, higher_is_better: bool
) -> tuple[Floats, Floats]:
    """The range the ratings state, else the one the norms state, else NaN."""
    low = np.array([_or_nan(entry.minimum) for entry in entries])[kind_of]
    high = np.array([_or_nan(entry.maximum) for entry in entries])[kind_of]
    if not higher_is_better:
        low, high = -high, -low
    stated = ~np.isnan(series.minimum)
    return np.where(stated, series.minimum, low), np.where(stated, series.maximum, high)


def _require_range(series: RatingSeries, norms: Norms, lacking: Flags) -> None:
    if not lacking.any():
        return
    scale = series.keys.get_column("scale").item(int(np.flatnonzero(lacking)[0]))
    raise RangeUnknownError(
        f"norms {norms.name} cannot be applied to scale {scale}: its range is not known",
        allowed="columns minimum and maximum in the ratings, a range in the norms, or norms in points",
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
