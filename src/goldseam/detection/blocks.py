"""Many series judged some at a time: what is computed of them on the way stays small, and the result the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats
from goldseam.detection.criterion import Bounds, Criterion, Findings, is_unknown, unknown
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

# Ratings looked at together: enough that starting over costs nothing, few enough for the processor's memory.
BLOCK = 2**18
ARRAYS = ("verdict", "grade", "reason", "expected", "spread", "degrees_of_freedom", "p")


def judge_in_blocks(
    rule: Criterion, series: RatingSeries, norms: Norms, *, higher_is_better: bool
) -> Findings:
    """What a criterion says of every rating; no series depends on another, so it is asked for some at a time.

    Parameters
    ----------
    rule : Criterion
    series, norms, higher_is_better
        As for `Criterion.judge`.

    Returns
    -------
    Findings
    """
    blocks = list(series.blocks(BLOCK))
    judge = partial(rule.judge, norms=norms, higher_is_better=higher_is_better)
    if len(blocks) == 1:
        return judge(series)

    def bounds() -> Bounds:
        return _bounds([judge(block).bounds() for block in blocks])

    # judging once more, when somebody asks, is better than keeping all that was computed on the way
    found = [replace(judge(block), bounds=bounds) for block in blocks]
    return _joined(found, [block.n_series for block in blocks])


def _joined(found: Sequence[Findings], n_series: Sequence[int]) -> Findings:
    """The findings of blocks of series, one after the other."""
    return Findings(
        **{name: _array([getattr(each, name) for each in found]) for name in ARRAYS},
        events=_events(found, n_series),
        bounds=found[0].bounds,
        parts=_arrays([each.parts for each in found]),
        unrated=_arrays([each.unrated for each in found]),
        size=found[0].size,
        further=_further([each.further for each in found]),
    )


def _events(found: Sequence[Findings], n_series: Sequence[int]) -> "pl.DataFrame":
    import polars as pl

    before = np.cumsum([0, *n_series[:-1]])
    return pl.concat(
        each.events.with_columns(pl.col("series") + int(offset))
        for each, offset in zip(found, before, strict=True)
    )


def _bounds(found: Sequence[Bounds]) -> Bounds:
    names = ("limit", "usual_low", "usual_high")
    return Bounds(**{name: _array([getattr(each, name) for each in found]) for name in names})


def _arrays(found: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    return {name: _array([each[name] for each in found]) for name in found[0]}


def _array(found: list[NDArray[Any]]) -> NDArray[Any]:
    """Arrays one after the other; what is unknown throughout still takes no memory."""
    if all(is_unknown(each) for each in found):
        return unknown(sum(map(len, found)))
    return np.concatenate(found)


def _further(
    found: Sequence[Callable[[], Mapping[str, "Floats | pl.Series"]]],
) -> Callable[[], Mapping[str, "Floats | pl.Series"]]:
    import polars as pl

    def columns() -> dict[str, "pl.Series"]:
        made = [further() for further in found]
        return {name: pl.concat([pl.Series(each[name]) for each in made]) for name in made[0]}

    return columns
