"""Cumulative incidence with competing ends (Aalen & Johansen 1978), with its error by cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.operating.rate_estimators import NORMAL_95

if TYPE_CHECKING:
    import polars as pl

CENSORED = ""


@dataclass(frozen=True, eq=False)
class Histories:
    """Who was at risk from when, until when, and what ended it; arrays of shape (n,).

    Attributes
    ----------
    entry : ndarray of int
        The first time somebody was at risk.
    time : ndarray of int
        The last one, `entry` or later.
    end : tuple of str
        What happened then; empty where nothing did (censored).
    cluster : ndarray of int
        Whose histories are not independent of each other.
    """

    entry: Integers
    time: Integers
    end: tuple[str, ...]
    cluster: Integers


def aalen_johansen(histories: Histories, kinds: Sequence[str], until: int | None = None) -> "pl.DataFrame":
    """Estimate the probability of each kind of end by each time.

    Time is discrete. The standard error is the infinitesimal jackknife summed within clusters, as that of R's
    ``survival::survfit`` with ``id`` and ``cluster``.

    Parameters
    ----------
    histories : Histories
        With or without late entry.
    kinds : sequence of str
        The ends that compete; others count as censored.
    until : int, optional
        The last time shown; the last at which somebody is at risk if not given.

    Returns
    -------
    polars.DataFrame
        ``time, kind, at_risk, events, hazard, incidence, error, low, high``; the interval is 95%, normal on the scale
        of the incidence, kept within 0 and 1.
    """
    import polars as pl

    steps = _Steps.of(histories, kinds)
    last = int(histories.time.max(initial=0)) if until is None else until
    first = int(histories.entry.min(initial=1))
    rows = [row for time in range(first, last + 1) for row in steps.advance(time)]
    columns = ("time", "kind", "at_risk", "events", "hazard", "incidence", "error")
    kinds_of = (pl.Int64, pl.String, pl.Int64, pl.Int64, pl.Float64, pl.Float64, pl.Float64)
    table = pl.DataFrame(rows, schema=list(zip(columns, kinds_of, strict=True)), orient="row")
    half = NORMAL_95 * pl.col("error")
    return table.with_columns(
        low=(pl.col("incidence") - half).clip(0, 1), high=(pl.col("incidence") + half).clip(0, 1)
    )


@dataclass(eq=False)
class _Steps:
    """The estimate so far, and what each history contributes to its error."""

    histories: Histories
    kinds: Sequence[str]
    code: Integers
    survival: float
    incidence: Floats
    survival_part: Floats
    incidence_part: Floats

    @classmethod
    def of(cls, histories: Histories, kinds: Sequence[str]) -> "_Steps":
        number = {kind: place for place, kind in enumerate(kinds)}
        code = np.array([number.get(each, -1) for each in histories.end], dtype=np.int64)
        n, k = len(histories.time), len(kinds)
        return cls(histories, kinds, code, 1.0, np.zeros(k), np.zeros(n), np.zeros((n, k)))

    def advance(self, time: int) -> list[tuple[int, str, int, int, float, float, float]]:
        """Take in one time, and say where each kind stands."""
        given = self.histories
        at_risk = (given.entry <= time) & (given.time >= time)
        ends = at_risk & (given.time == time)
        n = int(at_risk.sum())
        counts = np.array([int((ends & (self.code == place)).sum()) for place in range(len(self.kinds))])
        hazard = counts / n if n else np.zeros(len(counts))
        if n:
            own = ends[:, None] & (self.code[:, None] == np.arange(len(counts)))
            part = (own - at_risk[:, None] * hazard) / n
            self.incidence_part += self.survival_part[:, None] * hazard + self.survival * part
            self.survival_part = self.survival_part * (1 - hazard.sum()) - self.survival * part.sum(axis=1)
            self.incidence = self.incidence + self.survival * hazard
            self.survival *= 1 - float(hazard.sum())
        size = int(given.cluster.max(initial=-1)) + 1
        errors = [
            float(np.sqrt((np.bincount(given.cluster, self.incidence_part[:, place], size) ** 2).sum()))
            for place in range(len(counts))
        ]
        return [
            (
                time,
                kind,
                n,
                int(counts[place]),
                float(hazard[place]),
                float(self.incidence[place]),
                errors[place],
            )
            for place, kind in enumerate(self.kinds)
        ]
