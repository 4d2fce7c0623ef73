"""Norms brought to the scale and direction of each series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import NormsError
from goldseam.norms import Norms, ScaleNorms
from goldseam.norms.norms import ANY
from goldseam.series import RatingSeries
from goldseam.state_space import Calibration, Population


@dataclass(frozen=True, eq=False)
class Priors:
    """What is assumed of each series before its first rating, in points, higher is better.

    Arrays of shape (n_series,). ``measurement_error``, ``minimum`` and ``maximum`` are NaN where unknown.
    """

    mean: Floats
    between_sd: Floats
    within_sd: Floats
    shape: Floats
    discount: Floats
    measurement_error: Floats
    minimum: Floats
    maximum: Floats


def priors_for(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Priors:
    """The prior of every series.

    Parameters
    ----------
    series : RatingSeries
        Turned round already where higher was not better.
    norms : Norms
    higher_is_better : bool
        The direction the ratings had before.

    Returns
    -------
    Priors

    Raises
    ------
    NormsError
        The norms have no entry for a scale, or need a range that is not known.
    """
    entries, kind_of = _entries(series, norms)

    def each(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)[kind_of]

    shares = norms.unit == "share_of_range"
    low, high = _range(series, entries, kind_of, higher_is_better=higher_is_better)
    turned = each([entry.higher_is_better != higher_is_better for entry in entries]) == 1
    _require_range(series, norms, np.isnan(low) & (turned | shares))
    start = each([_start(entry, shares=shares) for entry in entries])
    unit = high - low if shares else np.ones(series.n_series)
    return Priors(
        mean=low + unit * start if shares else np.where(turned, start + low + high, start),
        between_sd=unit * each([entry.between_sd for entry in entries]),
        within_sd=unit * each([entry.within_sd for entry in entries]),
        shape=each([entry.shape for entry in entries]),
        discount=each([entry.discount for entry in entries]),
        measurement_error=unit * each([_or_nan(entry.measurement_error) for entry in entries]),
        minimum=low,
        maximum=high,
    )


def population_for(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Population:
    """The population each series is drawn from.

    Parameters
    ----------
    series, norms, higher_is_better
        As for `priors_for`.

    Returns
    -------
    Population

    Raises
    ------
    NormsError
        As for `priors_for`.
    """
    entries, kind_of = _entries(series, norms)
    people = [entry.assumed_person for entry in entries]
    shares = norms.unit == "share_of_range"
    low, high = _range(series, entries, kind_of, higher_is_better=higher_is_better)
    turned = np.array([entry.higher_is_better != higher_is_better for entry in entries])
    _require_range(series, norms, np.isnan(low) & (turned[kind_of] | shares))
    unit = high - low if shares else np.ones(series.n_series)
    # two that are not known are one and the same
    bounds = np.stack([kind_of, *np.nan_to_num([low, high], nan=np.inf)])
    ranges, kind = np.unique(bounds, axis=1, return_inverse=True)

    def each(name: str) -> Floats:
        return np.array([getattr(person, name) for person in people], dtype=np.float64)[kind_of]

    return Population(
        course=_courses(ranges, entries, turned=turned, shares=shares),
        kind=kind.reshape(-1),
        between_sd=unit * each("between_sd"),
        within_sd=unit * each("within_sd"),
        own_sd_log_sd=each("own_sd_log_sd"),
        autocorrelation=each("autocorrelation"),
        drift_sd=each("drift_sd"),
        slope_sd=unit * each("trend_sd"),
        step=unit * each("step"),
        minimum=np.where(np.isnan(low), -np.inf, low),
        maximum=np.where(np.isnan(high), np.inf, high),
        calibration=Calibration(each("error_shift"), each("error_skew")),
    )


def _courses(ranges: Floats, entries: list[ScaleNorms], *, turned: NDArray[np.bool_], shares: bool) -> Floats:
    """The mean course in points for every kind of series with its range, all as long as the longest."""
    rows = []
    longest = max(len(entry.assumed_person.mean_course) for entry in entries)
    for number, low, high in ranges.T:
        entry = entries[int(number)]
        given = entry.assumed_person.mean_course
        means = np.array([*given, *[given[-1]] * (longest - len(given))])
        if not entry.higher_is_better:
            means = 1 - means if shares else -means
        if shares:
            means = low + (high - low) * means
        elif turned[int(number)]:
            means = means + low + high
        rows.append(means)
    return np.array(rows)


def _entries(series: RatingSeries, norms: Norms) -> tuple[list[ScaleNorms], Integers]:
    """The entries that serve the series, and which of them each series has."""
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


def _require_range(series: RatingSeries, norms: Norms, lacking: NDArray[np.bool_]) -> None:
    if not lacking.any():
        return
    scale = series.keys.get_column("scale").item(int(np.flatnonzero(lacking)[0]))
    raise NormsError(
        f"norms {norms.name} cannot be applied to scale {scale}: its range is not known",
        allowed="columns minimum and maximum in the ratings, a range in the norms, or norms in points",
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
