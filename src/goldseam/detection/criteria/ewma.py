"""EWMA criterion: an exponentially weighted mean that has sunk below the early level.

Roberts (1959), *Technometrics* 1:239; the exact limits after Lucas & Saccucci (1990), *Technometrics* 32:1. See
``docs/methods/ewma.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.criterion import parameter
from goldseam.detection.engine.early_baseline import EarlyBaseline
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class Ewma(EarlyBaseline):
    """Lower one-sided EWMA, version 1."""

    id: ClassVar[str] = "ewma"
    title: ClassVar[str] = "an exponentially weighted mean below the early level"
    source: ClassVar[str] = "docs/methods/ewma.md"
    thresholds: ClassVar[tuple[str, ...]] = ("width",)

    share: float = parameter(0.3, "weight of the newest rating", least=0.01, most=1)
    width: float = parameter(2.15, "width of the limit, in SDs of the weighted mean", least=0.1, most=10)

    def chart(self, series: RatingSeries, level: Floats, sd: Floats, start: int) -> tuple[Floats, Floats]:
        """The weighted mean, started at the level; see `EarlyBaseline.chart`."""
        order = series.by_length
        level, sd = level[order], sd[order]
        kept = 1 - self.share
        smoothed, limit = np.full((2, len(series.value)), np.nan)
        state = level.copy()
        for n_prior, at in enumerate(series.steps()):
            if n_prior < start:
                continue
            state, level, sd = state[: len(at)], level[: len(at)], sd[: len(at)]
            variance = self.share / (2 - self.share) * (1 - kept ** (2 * (n_prior - start + 1)))
            line = level - self.width * sd * np.sqrt(variance)
            limit[at] = (line - kept * state) / self.share
            state = self.share * series.value[at] + kept * state
            smoothed[at] = state
        return smoothed, limit
