"""What a criterion gives back: arrays with an entry for every rating, and the events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Floats

if TYPE_CHECKING:
    import polars as pl

ARRAYS = ("verdict", "grade", "reason", "expected", "spread", "degrees_of_freedom", "p")


@dataclass(frozen=True, eq=False)
class Bounds:
    """Per rating, higher is better: the highest value that would have met the criterion, and the usual range.

    Arrays of shape (n_ratings,); NaN where a rating was not judged.
    """

    limit: Floats
    usual_low: Floats
    usual_high: Floats


@dataclass(frozen=True, eq=False)
class Findings:
    """What a criterion says of every rating, and the events it found; higher is better throughout.

    Attributes
    ----------
    verdict, grade, reason : ndarray of int8, shape (n_ratings,)
        Members of `Verdict`, `Grade` and `Reason`.
    expected, spread, degrees_of_freedom, p : ndarray of float, shape (n_ratings,)
        NaN where the criterion has none.
    events : polars.DataFrame
        ``series`` (the index of the series) and the columns of an event that the criterion fills.
        Columns that are not those of an event are further details, in the direction of the ratings as given.
    bounds : callable
        Computes `Bounds` when they are asked for.
    parts : mapping of str to ndarray of int8, shape (n_ratings,)
        What each part of the criterion says of every rating: members of `Verdict`.
    unrated : mapping of str to ndarray of int8, shape (n_missed,)
        Verdicts for the rows without a rating, of the whole (``verdict``) or of a part; *not applied* if left out.
    size : str
        Column of the events by which the largest and the smallest of a series are found.
    extra_columns : callable
        Computes further columns of the rated sessions when they are asked for.
    """

    verdict: Codes
    grade: Codes
    reason: Codes
    expected: Floats
    spread: Floats
    degrees_of_freedom: Floats
    p: Floats
    events: "pl.DataFrame"
    bounds: Callable[[], Bounds]
    parts: Mapping[str, Codes] = field(default_factory=dict)
    unrated: Mapping[str, Codes] = field(default_factory=dict)
    size: str = "depth"
    extra_columns: Callable[[], Mapping[str, "Floats | pl.Series"]] = dict


def unknown(n_ratings: int) -> Floats:
    """What a criterion that has no such number says of every rating: NaN, taking no memory.

    Parameters
    ----------
    n_ratings : int
        How many ratings, 0 or more.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        Cannot be written to.
    """
    return np.broadcast_to(np.nan, n_ratings)


def is_unknown(values: NDArray[Any]) -> bool:
    """Whether these are numbers as `unknown` gives them.

    Parameters
    ----------
    values : ndarray, shape (n_ratings,)
        Of any type.

    Returns
    -------
    bool
    """
    return values.strides == (0,) and values.dtype == np.float64 and bool(np.isnan(values[:1]).all())


def joined(found: Sequence[Findings], n_series: Sequence[int]) -> Findings:
    """The findings of blocks of series, one after the other."""
    return Findings(
        **{name: _array([getattr(each, name) for each in found]) for name in ARRAYS},
        events=_events(found, n_series),
        bounds=found[0].bounds,
        parts=_arrays([each.parts for each in found]),
        unrated=_arrays([each.unrated for each in found]),
        size=found[0].size,
        extra_columns=_joined_columns([each.extra_columns for each in found]),
    )


def _events(found: Sequence[Findings], n_series: Sequence[int]) -> "pl.DataFrame":
    import polars as pl

    before = np.cumsum([0, *n_series[:-1]])
    return pl.concat(
        each.events.with_columns(pl.col("series") + int(offset))
        for each, offset in zip(found, before, strict=True)
    )


def joined_bounds(found: Sequence[Bounds]) -> Bounds:
    names = ("limit", "usual_low", "usual_high")
    return Bounds(**{name: _array([getattr(each, name) for each in found]) for name in names})


def _arrays(found: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    return {name: _array([each[name] for each in found]) for name in found[0]}


def _array(found: list[NDArray[Any]]) -> NDArray[Any]:
    """Arrays one after the other; what is unknown throughout still takes no memory."""
    if all(is_unknown(each) for each in found):
        return unknown(sum(map(len, found)))
    return np.concatenate(found)


def _joined_columns(
    found: Sequence[Callable[[], Mapping[str, "Floats | pl.Series"]]],
) -> Callable[[], Mapping[str, "Floats | pl.Series"]]:
    import polars as pl

    def columns() -> dict[str, "pl.Series"]:
        made = [each() for each in found]
        return {name: pl.concat([pl.Series(each[name]) for each in made]) for name in made[0]}

    return columns
