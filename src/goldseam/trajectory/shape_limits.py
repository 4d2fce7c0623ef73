"""How far a shape has to stand out before it is named, and how often it is by chance: from simulated flat courses."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from goldseam.arrays import Floats

BORROWED = 5.0
"""Degrees of freedom that the usual SD within persons counts for beside a person's own: own SDs that differ between
people as the simulator's do (log-normal, SD .35 of the logarithm) have about this many."""

RC90 = 1.645 * 2**0.5
"""Own SDs by which two ratings of one person differ in one of ten cases with nothing changed."""

LINE_TAIL = 0.02
"""Probability in each tail of a slope that is called one, from 6 ratings on."""


@dataclass(frozen=True, eq=False)
class ShapeLimits:
    """What each statistic has to exceed for courses of one length.

    Attributes
    ----------
    curve, early, dip : float
        As in `ShapeStatistics`; the parabola in either direction.
    sawtooth : ndarray, shape (MOST_DIPS - 1,)
        F ratios; infinite where there is no place for so many dips.
    """

    curve: float
    early: float
    dip: float
    sawtooth: Floats


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath("data", "shape_limits.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _kind(weight: float) -> str:
    return "borrowed" if weight > 0 else "own"


def shape_limits(n: int, weight: float) -> ShapeLimits:
    """The limits for courses of n ratings; between lengths that were simulated, on the straight line.

    Parameters
    ----------
    n : int
        6 or more; beyond the longest simulated length its limits hold.
    weight : float
        As for `shape_statistics`: `BORROWED`, or 0 where nothing but the own ratings is known.

    Returns
    -------
    ShapeLimits
    """
    known = _table()["limits"][_kind(weight)]
    lengths = _table()["lengths"]

    def at(name: str) -> float:
        return float(np.interp(n, lengths, known[name]))

    teeth = [
        float(np.interp(n, lengths, [np.inf if each is None else each for each in row]))
        for row in known["sawtooth"]
    ]
    return ShapeLimits(at("curve"), at("early"), at("dip"), np.array(teeth))


def chance_share(n: int, shape: str, weight: float) -> float:
    """Share of flat courses of n ratings that are given a name by chance.

    Parameters
    ----------
    n : int
        4 or more.
    shape : str
        One of the names.
    weight : float
        As for `shape_limits`.

    Returns
    -------
    float
        Between 0 and 1.
    """
    known = _table()["chance"]
    return float(np.interp(n, known["lengths"], known[_kind(weight)][shape]))
