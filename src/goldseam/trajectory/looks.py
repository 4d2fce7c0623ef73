"""Looking at courses again and again: how often a limit calls one of them, and what became of those."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.series.occasions import Occasions
from goldseam.trajectory.shape_limits import RC90

if TYPE_CHECKING:
    import polars as pl

HORIZONS = (5, 10, 15)
"""Times up to which the rates are told."""

STARTS = ("worst third", "middle third", "best third")
Z95 = 1.6448536269514722
"""Standard errors that a rate is allowed for, so that it is bounded with 95% confidence."""

BAND = 1.2815515655446004
"""SDs of the prediction to either side that hold the central 80%."""


@dataclass(frozen=True, eq=False)
class Looks:
    """All ratings, each with the first of its person; higher being better.

    Attributes
    ----------
    person : ndarray of int, shape (n,)
        Whose rating it is.
    time, value : ndarray, shape (n,)
        When, and what.
    first, final : ndarray of bool, shape (n,)
        Whether it is the person's first, or last.
    start_time, start : ndarray, shape (n,)
        Time and value of the first.
    order : ndarray of int, shape (n,)
        0 for the first, 1 for the first look, ...
    """

    person: Integers
    time: Floats
    value: Floats
    first: Flags
    start_time: Floats
    start: Floats
    final: Flags
    order: Integers

    @classmethod
    def of(cls, found: Occasions, direction: int) -> Self:
        """The ratings of a table.

        Parameters
        ----------
        found : Occasions
            As they were read.
        direction : int
            -1 turns them round.

        Returns
        -------
        Looks
        """
        rated = found.table.drop_nulls("value")
        person = rated.get_column("person").to_numpy().astype(np.int64)
        time = rated.get_column("time").to_numpy()
        value = direction * rated.get_column("value").to_numpy()
        first = np.ones(len(person), np.bool_)
        first[1:] = np.diff(person) != 0
        begins = np.flatnonzero(first)[np.cumsum(first) - 1] if len(person) else np.zeros(0, np.int64)
        final = np.roll(first, -1)
        order = np.arange(len(person)) - begins
        return cls(person, time, value, first, time[begins], value[begins], final, order)


def highest_limit(looks: Looks, z: Floats, among: Flags, per_case: float) -> float:
    """The highest limit at which a course that runs on is called at most so often, with 95% confidence.

    Parameters
    ----------
    looks : Looks
        All ratings.
    z : ndarray, shape (n,)
        Each in SDs of its prediction; NaN where there is none.
    among : ndarray of bool, shape (n,)
        Those that count.
    per_case : float
        Between 0 and 1.

    Returns
    -------
    float
        One of the z.
    """
    among = among & np.isfinite(z) & (looks.time <= HORIZONS[-1])
    possible = np.unique(z[among])
    low, high = 0, len(possible)
    while low < high:
        middle = (low + high + 1) // 2
        rate, error = over_all_looks(looks, z < possible[middle - 1], among)
        low, high = (middle, high) if rate + Z95 * error <= per_case else (low, middle - 1)
    return float(possible[max(low - 1, 0)])


def over_all_looks(looks: Looks, called: Flags, among: Flags) -> tuple[float, float]:
    """Chance that a course that runs on is called at any look, and its standard error.

    Courses that ended earlier are censored (Kaplan and Meier 1958, Greenwood 1926), so that they do not make the rate
    smaller than it is for those that go on.

    Parameters
    ----------
    looks : Looks
        All ratings.
    called, among : ndarray of bool, shape (n,)
        Whether each was called not on track, and whether it counts.

    Returns
    -------
    tuple of float
        Between 0 and 1.
    """
    person, order = looks.person[among], looks.order[among]
    n_looks = np.zeros(int(looks.person.max()) + 1, np.int64)
    np.maximum.at(n_looks, person, order)
    never = int(n_looks.max()) + 1
    first = np.full(len(n_looks), never)
    hits = called[among]
    np.minimum.at(first, person[hits], order[hits])
    events = np.bincount(first, minlength=never + 1)[1:never]
    last = np.bincount(np.minimum(first, n_looks), minlength=never)
    at_risk = np.cumsum(last[::-1])[::-1][1:never]
    at_risk = np.maximum(at_risk, 1)  # nobody is left, and nobody is called
    staying = float(np.prod(1 - events / at_risk))
    left = np.maximum(at_risk - events, 1)
    return 1 - staying, staying * float(np.sqrt(np.sum(events / (at_risk * left))))


def called_rates(looks: Looks, called: Flags) -> "pl.DataFrame":
    """How often looks, and courses over all their looks, were called not on track.

    Parameters
    ----------
    looks : Looks
        All ratings.
    called : ndarray of bool, shape (n,)
        Whether each was.

    Returns
    -------
    polars.DataFrame
        ``up_to, n_looks, per_look, n_cases, per_case``.
    """
    import polars as pl

    rows = []
    for up_to in HORIZONS:
        among = ~looks.first & (looks.time <= up_to)
        n_looks, n_cases = int(among.sum()), len(np.unique(looks.person[among]))
        per_look = float((called & among).sum()) / max(n_looks, 1)
        rows.append((up_to, n_looks, per_look, n_cases, over_all_looks(looks, called, among)[0]))
    return pl.DataFrame(rows, schema=["up_to", "n_looks", "per_look", "n_cases", "per_case"], orient="row")


def band_calibration(looks: Looks, z: Floats) -> "pl.DataFrame":
    """Where held-out ratings lay of the band, by thirds of the starts.

    Parameters
    ----------
    looks : Looks
        All ratings.
    z : ndarray, shape (n,)
        Each in SDs of its prediction; NaN where there is none.

    Returns
    -------
    polars.DataFrame
        ``start, n_looks, below, inside, above``.
    """
    import polars as pl

    known = np.isfinite(z)
    third = np.searchsorted(np.quantile(looks.start[looks.first], [1 / 3, 2 / 3]), looks.start, side="right")
    rows = []
    for place, name in enumerate(STARTS):
        those = z[known & (third == place)]
        n = len(those)
        shares = ((those < -BAND).sum(), (np.abs(those) <= BAND).sum(), (those > BAND).sum())
        rows.append((name, n, *(float(each) / n if n else None for each in shares)))
    schema = {
        "start": pl.String,
        "n_looks": pl.Int64,
        "below": pl.Float64,
        "inside": pl.Float64,
        "above": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def sorted_ends(one: Floats, other: Floats, found: Occasions) -> tuple[Floats, Floats]:
    """The lower and the upper end of a band, within the range of the scale where that is known.

    Parameters
    ----------
    one, other : ndarray, shape (n,)
        In any order.
    found : Occasions
        With the range.

    Returns
    -------
    tuple of ndarray, shape (n,)
    """
    low, high = np.minimum(one, other), np.maximum(one, other)
    if np.isfinite(found.minimum):
        low, high = (np.clip(each, found.minimum, found.maximum) for each in (low, high))
    return low, high


def poor_endings(looks: Looks, called: Flags, residual_sd: float) -> tuple[float, float, int]:
    """Share of poor endings, of those called before the last rating, and how many these are.

    A course ends poorly if its last rating lies below its first by more than two ratings of one person differ in nine
    cases of ten with nothing changed.

    Parameters
    ----------
    looks : Looks
        All ratings.
    called : ndarray of bool, shape (n,)
        Whether each was called not on track.
    residual_sd : float
        SD of ratings within a person, in points.

    Returns
    -------
    tuple of float, float, int
        The second is NaN where none was called.
    """
    ends = looks.final & ~looks.first
    worse = looks.start[ends] - looks.value[ends] >= RC90 * residual_sd
    poor = dict(zip(looks.person[ends].tolist(), worse.tolist(), strict=True))
    early = np.unique(looks.person[called & ~looks.final])
    found = [poor[person] for person in early.tolist()]
    return float(worse.mean()), float(np.mean(found)) if found else float("nan"), len(found)
