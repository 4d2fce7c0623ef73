"""Stevens-global criterion: a course that is high, low and high again as a whole.

Reconstructions after Stevens and others (2007); see ``docs/methods/stevens-global.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criteria.stevens.quadratic import Quadratic, quadratic_of
from goldseam.detection.engine.codes import Reason, Shape, Status, Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter, words
from goldseam.detection.engine.episodic import Assessment, findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class StevensGlobal(Criterion):
    """A course whose parabola opens upwards and turns in the middle third, version 1."""

    id: ClassVar[str] = "stevens-global"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a course that is high, low and high again as a whole"
    source: ClassVar[str] = "after Stevens et al. (2007), Am J Psychother 61, 109-129"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 10
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("alpha",)

    alpha: float = parameter(0.05, "two-sided error rate of the curvature", least=1e-6, most=0.5)
    minimum_ratings: int = parameter(10, "ratings a series needs", kind=int, least=4, most=1000)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every course; see `Criterion.judge`."""
        fit = quadratic_of(series)
        curved = (fit.curvature > 0) & (fit.p < self.alpha)
        centred = _turns_in_the_middle(series, fit)
        owner = series.series_of
        short = series.lengths[owner] < self.minimum_ratings
        flat = ~short & ~_varies(series)[owner]
        met = (curved & centred)[owner] & ~short & ~flat
        low = met & (fit.fitted < _halfway(series, fit)[owner])
        absent = np.where(short, Verdict.NOT_ENOUGH_DATA, Verdict.NOT_APPLIED)
        parts = {
            name: np.where(short | flat, absent, np.where(flags[owner], Verdict.MET, Verdict.NOT_MET)).astype(
                np.int8
            )
            for name, flags in (("criterion_1", curved), ("criterion_2", centred))
        }
        assessed = Assessment(
            met=low,
            few=short,
            not_applicable=flat,
            reason=coded(
                (short, Reason.SERIES_TOO_SHORT), (flat, Reason.NO_VARIATION), otherwise=Reason.PLAIN
            ),
            expected=fit.fitted,
            spread=fit.residual_sd[owner],
            limit=np.full(len(short), np.nan),
            p=fit.p[owner],
            parts=parts,
        )
        return findings_from(assessed, _courses(series, fit, low))


def _varies(series: RatingSeries) -> Flags:
    """Whether the ratings of a series differ."""
    differs = np.zeros(series.n_series, np.bool_)
    changed = (np.diff(series.value) != 0) & (np.diff(series.series_of) == 0)
    differs[series.series_of[1:][changed]] = True
    return differs


def _ends(series: RatingSeries, values: Floats) -> tuple[Floats, Floats]:
    """What the first and the last rating of each series have; NaN for a series without ratings."""
    first, last = np.full((2, series.n_series), np.nan)
    there = series.lengths > 0
    first[there], last[there] = values[series.starts[:-1][there]], values[series.starts[1:][there] - 1]
    return first, last


def _turns_in_the_middle(series: RatingSeries, fit: Quadratic) -> Flags:
    """Whether the parabola turns in the middle third of the rated sessions."""
    first, last = _ends(series, series.session.astype(np.float64))
    third, turn = (last - first) / 3, fit.vertex
    inside: Flags = (turn >= first + third) & (turn <= last - third)
    return inside


def _halfway(series: RatingSeries, fit: Quadratic) -> Floats:
    """Half-way between where the parabola begins and its lowest point; NaN for a straight line."""
    start, _ = _ends(series, fit.fitted)
    drop = np.full(series.n_series, np.nan)
    np.divide(fit.slope**2, 4 * fit.curvature, out=drop, where=fit.curvature != 0)
    halfway: Floats = (start + fit.level - drop) / 2
    return halfway


def _courses(series: RatingSeries, fit: Quadratic, low: Flags) -> "pl.DataFrame":
    """One row per course: low from the first rating below half-way to the last."""
    import polars as pl

    at = np.flatnonzero(low)
    owner, start = np.unique(series.series_of[at], return_index=True)
    onset, end = at[start], at[np.append(start[1:], len(at))[: len(start)] - 1]
    nadir = _lowest(series, at, start)
    back = end + 1 < series.starts[owner + 1]
    repair = series.session[np.where(back, end + 1, end)]
    until = np.where(back, repair, repair + 1)
    baseline = fit.fitted[series.starts[owner]]
    depth = baseline - series.value[nadir]
    status = coded((back, Status.REPAIRED), otherwise=Status.UNREPAIRED)
    return pl.DataFrame(
        {
            "series": owner,
            "onset_session": series.session[onset],
            "baseline": baseline,
            "value": series.value[onset],
            "p": fit.p[owner],
            "depth": depth,
            "depth_z": depth / fit.residual_sd[owner],
            "nadir_session": series.session[nadir],
            "nadir": series.value[nadir],
            "status": words(status, Status),
            "repair_session": pl.Series(repair).set(pl.Series(~back, dtype=pl.Boolean), None),
            "duration": until - series.session[onset],
            "shape": words(coded((back, Shape.U), otherwise=Shape.L), Shape),
            "spread": fit.residual_sd[owner],
            "last_session": series.session[end],
            "duration_is_minimum": until - series.session[onset] > end - onset + 1,
            "curvature": fit.curvature[owner],
            "lowest_session_fitted": fit.vertex[owner],
        }
    )


def _lowest(series: RatingSeries, at: Integers, start: Integers) -> Integers:
    """Place of the lowest of each group of places, the first of equals."""
    group = np.searchsorted(start, np.arange(len(at)), side="right") - 1
    order = np.lexsort((at, series.value[at], group))
    return at[order[start]]
