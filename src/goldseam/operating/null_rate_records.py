"""Observed shares beside those to be expected by chance, as frozen records, and the arithmetic between them."""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from goldseam.exceptions import ParameterError
from goldseam.operating.null_rates_display import NullRateDisplay
from goldseam.operating.rate_estimators import NORMAL_95


@dataclass(frozen=True, slots=True)
class Share:
    """An observed share with its 95% Wilson interval.

    Parameters
    ----------
    value, low, high : float
        `count` / `of` and the interval, 0 to 1 (Wilson 1927, J Am Stat Assoc 22, 209-212).
    count, of : int
        Numerator and denominator.
    """

    value: float
    low: float
    high: float
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class ChanceRate:
    """A share to be expected by chance.

    Parameters
    ----------
    value : float
        Mean over the replications, 0 to 1.
    standard_error : float
        Monte-Carlo standard error of that mean.
    low, high : float
        2.5th and 97.5th percentile of the replications: where a table as large, with nothing in it, would lie.
    """

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with a 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AssumedSensitivity:
    """Share of the cases with a true dip in which there is an event, by chance or not.

    Parameters
    ----------
    value : float
        0 to 1.
    standard_error : float
        Monte-Carlo standard error; 0 where the value was given.
    depth_sd : float or None
        Depth of the simulated dips in within-person SDs; None where the value was given.
    durations : tuple of int
        Their lengths in sessions, equally likely; empty where the value was given.
    """

    value: float
    standard_error: float
    depth_sd: float | None
    durations: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class NullRate(NullRateDisplay):
    """Prevalence and repair as observed, by chance, and what is left.

    Parameters
    ----------
    criterion : str
        Its id.
    criterion_version : int
        From 1 on.
    parameters : dict
        Parameters of the criterion that were given.
    norms_name, norms_version : str
        The norms the null was drawn from.
    norms_empirical : bool
        Whether these were estimated from ratings.
    replications, seed : int
        Tables drawn, 2 or more; of the random numbers, 0 or more.
    series, cases : int
        In the table.
    cases_counted : int
        Cases with a series of `fewest_ratings` or more; only such series count.
    fewest_ratings : int
        Ratings a series needs to count, 1 or more.
    outcome : {"judged", "not enough data"}
        *Not enough data*: no case is counted; every figure below is None.
    prevalence : Share or None
        Counted cases with an event.
    chance_prevalence : ChanceRate or None
        The same where nothing is wrong.
    events : int or None
        Events of counted series.
    chance_events : ChanceRate or None
        As many where nothing is wrong: a mean number of events, not a share.
    chance_of_as_many : float or None
        Share of the replications, the observed table among them, with as many such cases or more.
    excess : Interval or None
        Observed minus chance. Covers the sampling error of the observed share and the Monte-Carlo error of chance.
    sensitivity : AssumedSensitivity or None
        Share of the cases with a true dip in which there is an event: given, or measured.
    corrected_prevalence : Interval or None
        (observed - chance) / (sensitivity - chance): cases with a true dip like those assumed. None where the
        sensitivity is not above chance. Covers what `excess` covers and the Monte-Carlo error of the sensitivity, not
        the assumption behind it.
    repair : Share or None
        Events that are called repaired; None where there was no event, or the criterion says nothing of repair.
    chance_repair : ChanceRate or None
        The same for events where nothing is wrong.
    """

    criterion: str
    criterion_version: int
    parameters: dict[str, Any]
    norms_name: str
    norms_version: str
    norms_empirical: bool
    replications: int
    seed: int
    series: int
    cases: int
    cases_counted: int
    fewest_ratings: int
    outcome: Literal["judged", "not enough data"]
    prevalence: Share | None = None
    chance_prevalence: ChanceRate | None = None
    events: int | None = None
    chance_events: ChanceRate | None = None
    chance_of_as_many: float | None = None
    excess: Interval | None = None
    sensitivity: AssumedSensitivity | None = None
    corrected_prevalence: Interval | None = None
    repair: Share | None = None
    chance_repair: ChanceRate | None = None


def observed_share(count: int, of: int) -> Share:
    """Give an observed share with its 95% Wilson score interval.

    Parameters
    ----------
    count : int
        How many of them, 0 to `of`.
    of : int
        How many there are, 1 or more.

    Returns
    -------
    Share

    Raises
    ------
    ParameterError
        `of` is not 1 or more, or `count` not between 0 and `of`.

    Examples
    --------
    >>> share = observed_share(22, 38)
    >>> round(share.value, 2), round(share.low, 2), round(share.high, 2)
    (0.58, 0.42, 0.72)
    """
    if of < 1 or not 0 <= count <= of:
        raise ParameterError(
            "not a share", where="count, of", given=(count, of), allowed="0 to of, of 1 or more"
        )
    z2 = NORMAL_95**2
    share = count / of
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = NORMAL_95 / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    # at 0 and 1 the interval ends there exactly, whatever rounding says
    low, high = 0.0 if count == 0 else middle - half, 1.0 if count == of else middle + half
    return Share(share, low, high, count, of)


def excess_over(seen: Share, chance: ChanceRate) -> Interval:
    """Difference of two independent estimates from their intervals (Zou & Donner 2008, Stat Med 27, 1693-1702)."""
    value, half = seen.value - chance.value, NORMAL_95 * chance.standard_error
    low = value - sqrt((seen.value - seen.low) ** 2 + half**2)
    high = value + sqrt((seen.high - seen.value) ** 2 + half**2)
    return Interval(value, low, high)


def rogan_gladen(excess: Interval, chance: ChanceRate, assumed: AssumedSensitivity) -> Interval | None:
    """Prevalence corrected for sensitivity and chance (Rogan & Gladen 1978, Am J Epidemiol 107, 71-76).

    The excess divided by what a true dip adds to chance; the interval holds the Monte-Carlo error of the sensitivity.
    None where the sensitivity is not above chance.
    """
    added = assumed.value - chance.value
    if added <= 0:
        return None
    value = excess.value / added
    half = NORMAL_95 * abs(value) * assumed.standard_error / added
    low = value - sqrt(((excess.value - excess.low) / added) ** 2 + half**2)
    high = value + sqrt(((excess.high - excess.value) / added) ** 2 + half**2)
    return Interval(value, low, high)
