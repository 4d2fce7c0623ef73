"""The episode that lies furthest below a straight line, and how often chance alone gives one so low.

The null model is the line; residuals of the null model are put in another order and the line is fitted again, after
Freedman & Lane (1983), *Journal of Business & Economic Statistics* 1:292. Of every order the lowest episode counts, so
that p allows for the search, after Westfall & Young, *Resampling-Based Multiple Testing* (1993).
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.batches import equally_long
from goldseam.series import RatingSeries

# Statistics, all between -1 and 1, that differ by less are equal: the difference is rounding.
EQUAL = 1e-9
# A residual smaller than this share of the variation is rounding, not variation.
SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class LowestEpisodes:
    """The lowest episode of each series; arrays of shape (n_series,), NaN or 0 where there is none.

    Attributes
    ----------
    start, ratings : ndarray of int
        Earlier ratings of the series, and ratings of the episode.
    fall : ndarray of float
        How far the episode lies below the line.
    t : ndarray of float
        The fall divided by its standard error, negative; NaN where there is no error.
    p : ndarray of float
    spread : ndarray of float
        SD around line and episode, with n - 3 degrees of freedom.
    level, slope : ndarray of float
        Of the line beside the episode, at the mean session and a session.
    centre : ndarray of float
        The mean session.
    """

    start: Integers
    ratings: Integers
    fall: Floats
    t: Floats
    p: Floats
    spread: Floats
    level: Floats
    slope: Floats
    centre: Floats

    @classmethod
    def none(cls, n_series: int) -> Self:
        """Nothing found anywhere.

        Parameters
        ----------
        n_series : int
            How many series, 0 or more.

        Returns
        -------
        LowestEpisodes
        """
        start, ratings = np.zeros((2, n_series), np.int64)
        return cls(start, ratings, *np.full((len(fields(cls)) - 2, n_series), np.nan))

    def put(self, some: Integers, **columns: Floats | Integers) -> None:
        """Set the columns of some series.

        Parameters
        ----------
        some : ndarray of int, shape (n_some,)
            Positions of series.
        **columns : ndarray, shape (n_some,)
            By the names of the attributes.
        """
        for name, values in columns.items():
            getattr(self, name)[some] = values


@dataclass(frozen=True)
class NullDraws:
    """What the residuals are compared with.

    Attributes
    ----------
    draws : int
    seed : int
        Series of equal length are given the same draws, whatever else is in the table.
    normal : bool
        Independent normal numbers rather than the residuals in another order.
    """

    draws: int
    seed: int
    normal: bool


@dataclass(frozen=True, eq=False)
class _Line:
    """Straight lines through series of equal length; arrays of shape (n_series, n_ratings) or (n_series,)."""

    session: Floats
    centre: Floats
    across: Floats
    level: Floats
    slope: Floats
    residual: Floats
    squares: Floats

    @classmethod
    def through(cls, session: Floats, value: Floats) -> Self:
        centre = session.mean(axis=1)
        session = session - centre[:, None]
        across = (session**2).sum(axis=1)
        # from the first rating on, so that equal ratings leave exactly nothing
        away = value - value[:, :1]
        mean = away.mean(axis=1)
        slope = (session * away).sum(axis=1) / across
        residual = away - mean[:, None] - slope[:, None] * session
        squares = (residual**2).sum(axis=1)
        still = squares <= SMALLEST_SHARE**2 * (away**2).sum(axis=1)
        return cls(
            session, centre, across, value[:, 0] + mean, slope, residual, np.where(still, 0.0, squares)
        )

    def only(self, where: Flags) -> Self:
        return type(self)(*(getattr(self, each.name)[where] for each in fields(self)))


def lowest_episodes(
    series: RatingSeries, chosen: Flags, *, longest: int, chance: NullDraws
) -> LowestEpisodes:
    """Search some of the series.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    chosen : ndarray of bool, shape (n_series,)
        All with four ratings or more.
    longest : int
        Most ratings of an episode; it is always shorter than the rest of its series, and never begins a series.
    chance : NullDraws
        How many draws, and from what.

    Returns
    -------
    LowestEpisodes
        Nothing where no variation is left around the line.
    """
    found = LowestEpisodes.none(series.n_series)
    for some in equally_long(series, chosen, chance.draws):
        n_ratings = int(series.lengths[some[0]])
        at = series.starts[:-1][some][:, None] + np.arange(n_ratings)
        line = _Line.through(series.session[at].astype(np.float64), series.value[at])
        varies = line.squares > 0
        _search(found, some[varies], line.only(varies), min(longest, (n_ratings - 1) // 2), chance)
    return found


@lru_cache(maxsize=32)
def _orders(n_ratings: int, permutations: int, seed: int) -> Integers:
    """The order as it is, and random ones; shape (n_ratings, 1 + permutations).

    Sorted random numbers of the bit generator, whose stream NumPy promises never to change.
    """
    random = np.random.PCG64(np.random.SeedSequence([seed, n_ratings]))
    keys = random.random_raw(permutations * n_ratings).reshape(permutations, n_ratings)
    shuffled = keys.argsort(axis=1, kind="stable")
    return np.ascontiguousarray(np.vstack([np.arange(n_ratings), shuffled]).T)


@lru_cache(maxsize=16)
def _noise(n_ratings: int, draws: int, seed: int) -> Floats:
    """Independent normal numbers, each set with a mean of 0; shape (n_ratings, draws)."""
    from scipy.special import ndtri

    random = np.random.PCG64(np.random.SeedSequence([seed, n_ratings]))
    whole = random.random_raw(draws * n_ratings).reshape(draws, n_ratings) >> np.uint64(11)
    normal = ndtri((whole + 0.5) / 2**53).T
    return np.ascontiguousarray(normal - normal.mean(axis=0))


def _references(line: _Line, chance: NullDraws) -> tuple[Floats, Floats]:
    """The residuals of each series, then those that chance puts in their place, and the squares of each.

    Shapes (n_series, n_ratings, 1 + draws) and (n_series, 1 + draws).
    """
    n_series, n_ratings = line.residual.shape
    if not chance.normal:
        orders = _orders(n_ratings, chance.draws, chance.seed)
        squares = np.broadcast_to(line.squares[:, None], (n_series, orders.shape[1]))
        return np.take(line.residual, orders, axis=1), squares
    noise = _noise(n_ratings, chance.draws, chance.seed)
    drawn = np.broadcast_to(noise, (n_series, *noise.shape))
    squares = np.broadcast_to((noise**2).sum(axis=0), (n_series, chance.draws))
    own = (line.residual[:, :, None], line.squares[:, None])
    return np.concatenate([own[0], drawn], axis=2), np.concatenate([own[1], squares], axis=1)


def _search(found: LowestEpisodes, some: Integers, line: _Line, longest: int, chance: NullDraws) -> None:
    """Put the lowest episodes of series of equal length, in which something varies, among those found."""
    drawn, squares = _references(line, chance)
    slope = (drawn * line.session[:, :, None]).sum(axis=1) / line.across[:, None]
    drawn -= slope[:, None, :] * line.session[:, :, None]
    left = squares - slope**2 * line.across[:, None]
    size = np.sqrt(np.maximum(left, SMALLEST_SHARE**2 * squares))
    lowest, own = np.zeros(size.shape), []
    for episodes, sums in _windows(drawn, line, longest):
        height = sums * (1 / episodes.size)[:, :, None]
        np.minimum(lowest, height.min(axis=1), out=lowest)
        own.append((episodes, height[:, :, 0] / size[:, :1]))
    correlation = lowest / size
    as_low = (correlation[:, 1:] <= correlation[:, :1] + EQUAL).sum(axis=1)
    found.put(some, p=(1 + as_low) / (1 + chance.draws), **_estimates(line, own))


@dataclass(frozen=True, eq=False)
class _Episodes:
    """All episodes of so many ratings, by where they begin; arrays of shape (n_series, n_episodes).

    Attributes
    ----------
    across : ndarray of float
        Sum of the sessions from the mean session.
    size : ndarray of float
        Length of the indicator vector without the line.
    """

    ratings: int
    across: Floats
    size: Floats


def _windows(drawn: Floats, line: _Line, longest: int) -> Iterator[tuple[_Episodes, Floats]]:
    """Episodes of one rating, of two and so on, each with the sums of what is drawn inside them."""
    n_ratings = drawn.shape[1]
    sums, across = drawn[:, 1:], line.session[:, 1:]
    for ratings in range(1, longest + 1):
        if ratings > 1:
            sums = sums[:, :-1] + drawn[:, ratings:]
            across = across[:, :-1] + line.session[:, ratings:]
        squares = ratings - ratings**2 / n_ratings - across**2 / line.across[:, None]
        yield _Episodes(ratings, across, np.sqrt(squares)), sums


def _estimates(line: _Line, own: list[tuple[_Episodes, Floats]]) -> dict[str, Floats | Integers]:
    """Line and episode, fitted together, for the lowest episode: of equals the shortest, then the earliest."""
    heights = np.concatenate([height for _, height in own], axis=1)
    which = (heights <= heights.min(axis=1, keepdims=True) + EQUAL).argmax(axis=1)
    n_ratings = line.residual.shape[1]
    start = np.concatenate([1 + np.arange(height.shape[1]) for _, height in own])[which]
    ratings = np.concatenate([np.full(height.shape[1], each.ratings) for each, height in own])[which]
    at = (np.arange(len(which)), which)
    correlation = heights[at]
    size, across = (
        np.concatenate([getattr(each, name) for each, _ in own], axis=1)[at] for name in ("size", "across")
    )
    fall = -correlation * np.sqrt(line.squares) / size
    unexplained = 1 - correlation**2
    unexplained[unexplained < EQUAL] = np.nan
    degrees = n_ratings - 3
    return {
        "start": start,
        "ratings": ratings,
        "fall": fall,
        "t": correlation * np.sqrt(degrees / unexplained),
        "spread": np.sqrt(line.squares * unexplained / degrees),
        "level": line.level + fall * ratings / n_ratings,
        "slope": line.slope + fall * across / line.across,
        "centre": line.centre,
    }
