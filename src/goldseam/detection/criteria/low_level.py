"""Low-level criterion: ratings below a cut-off, from the first one on.

A low level is no change; a run below the cut-off is therefore
never *repaired*, only over. See ``docs/methods/low-level.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.criterion import Criterion, parameter
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import share_of_range
from goldseam.detection.engine.runs_below import runs_below, threshold_findings
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class LowLevel(Criterion):
    """Ratings below a cut-off; one event per run, version 1."""

    id: ClassVar[str] = "low-level"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "ratings below a cut-off"
    source: ClassVar[str] = "docs/methods/low-level.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 1
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("cutoff", "cutoff_share")

    cutoff: float | None = parameter(None, "cut-off in points; without it cutoff_share is used")
    cutoff_share: float = parameter(0.5, "cut-off as a share of the range", least=0, most=1)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every rating of every series; see `Criterion.judge`."""
        cutoff = self._cutoff(series, higher_is_better=higher_is_better)
        low = series.value < cutoff[series.series_of]
        return threshold_findings(series, low, cutoff, runs_below(series, low, cutoff))

    def _cutoff(self, series: RatingSeries, *, higher_is_better: bool) -> Floats:
        """The cut-off of each series, higher is better."""
        if self.cutoff is not None:
            return np.full(series.n_series, self.cutoff if higher_is_better else -self.cutoff)
        share = share_of_range(series, self.cutoff_share, "the cut-off", "cutoff")
        return series.minimum + share
