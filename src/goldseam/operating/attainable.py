"""What no criterion can do better: sensitivity of the limits at a criterion's own rate of false alarms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goldseam.exceptions import ParameterError
from goldseam.operating.counting import has_any, ratio
from goldseam.operating.limits import bayes_limit_p, oracle_p
from goldseam.operating.observe import Cells, dip_sessions
from goldseam.operating.rates import Rate, Sensitivity
from goldseam.operating.samples import Samples
from goldseam.simulate import Simulation
from goldseam.simulate.model import model_named

if TYPE_CHECKING:
    import polars as pl

PRIOR_RATINGS = 3

PValues = Callable[[Simulation], NDArray[np.float64]]
"""p of every rating, shape (series, sessions), NaN where not rated."""


@dataclass(frozen=True)
class LimitRates:
    """What a limit finds at a rate of false alarms.

    Parameters
    ----------
    name : str
        ``oracle``: every person's figures known. ``Bayes limit``: the population known, the person learned.
    false_alarms : Rate
        Of the sessions with three ratings before and nothing wrong, those with p at the threshold or below.
    threshold : float
        The largest p with no more false alarms than wanted.
    sensitivity : tuple of Sensitivity
        A dip is found when p is that low within it. The errors contain that of the threshold.
    """

    name: str
    false_alarms: Rate
    threshold: float
    sensitivity: tuple[Sensitivity, ...]


def limits_of(model: str) -> dict[str, PValues]:
    """The limits by name, for a kind of simulated data."""
    people = model_named(model)
    return {
        "oracle": partial(oracle_p, model=people),
        "Bayes limit": partial(bayes_limit_p, model=people),
    }


def limit_rates(
    name: str, p_of: PValues, samples: Samples, wanted: Sequence[float]
) -> tuple[LimitRates, ...]:
    """Sensitivity of a limit at each wanted rate of false alarms.

    Parameters
    ----------
    name : str
        Of the limit.
    p_of : callable
        Gives p of every rating of a simulation.
    samples : Samples
        The cases criteria are measured on.
    wanted : sequence of float
        False alarms per evaluable session, above 0 and below 1.

    Returns
    -------
    tuple of LimitRates
        One for each wanted rate.

    Raises
    ------
    ParameterError
        If a rate lies outside its range.
    """
    quiet = _Judged.of(p_of, samples.quiet, samples.sessions)
    dips = {
        kind: _Judged.of(p_of, cases, samples.sessions)
        for kind, cases in samples.events.items()
        if kind.course == "dip"
    }
    rows = []
    for rate in wanted:
        threshold = quiet.threshold(rate)
        alarms = quiet.alarms(threshold)
        around = (min(max(rate + by * alarms.standard_error, rate / 2), (1 + rate) / 2) for by in (1, -1))
        above, below = (quiet.threshold(each) for each in around)
        found = []
        for kind, judged in dips.items():
            share = judged.found(threshold)
            moved = (judged.found(above).value - judged.found(below).value) / 2
            share = replace(share, standard_error=hypot(share.standard_error, moved))
            found.append(Sensitivity(kind.depth_sd, kind.duration or 0, share))
        rows.append(LimitRates(name, alarms, threshold, tuple(found)))
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class _Judged:
    """p, where it counts, and the true dips of a simulation; arrays of shape (series, sessions)."""

    p: NDArray[np.float64]
    evaluable: Cells
    dip: Cells

    @classmethod
    def of(cls, p_of: PValues, simulation: Simulation, sessions: int) -> "_Judged":
        first = replace(simulation, ratings=_first(simulation.ratings, sessions))
        p = p_of(first)
        rated = ~np.isnan(p)
        before = np.cumsum(rated, axis=1) - rated
        return cls(p, rated & (before >= PRIOR_RATINGS), dip_sessions(simulation, sessions))

    def threshold(self, rate: float) -> float:
        """The largest p that no more than this share of the evaluable sessions reach; 0 if there is none."""
        if not 0 < rate < 1:
            raise ParameterError("not a rate", where="wanted", given=rate, allowed="above 0 and below 1")
        ordered = np.sort(self.p[self.evaluable])
        allowed = int(np.floor(rate * len(ordered)))
        # ties beyond the last one allowed would be alarms too
        values = ordered[: allowed + 1]
        below = values[values < values[-1]] if allowed < len(ordered) else values
        return float(below[-1]) if len(below) else 0.0

    def alarms(self, threshold: float) -> Rate:
        """Share of the evaluable sessions with p at the threshold or below."""
        return ratio(_per_series(self.evaluable & (self.p <= threshold)), _per_series(self.evaluable))

    def found(self, threshold: float) -> Rate:
        """Share of the evaluable dips with p at the threshold or below within them."""
        looked = self.evaluable & self.dip
        return ratio(has_any(looked & (self.p <= threshold)), has_any(looked))


def _per_series(cells: Cells) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.sum(cells, axis=1, dtype=np.int64)
    return counts


def _first(ratings: "pl.DataFrame", sessions: int) -> "pl.DataFrame":
    import polars as pl

    return ratings.filter(pl.col("session") <= sessions)
