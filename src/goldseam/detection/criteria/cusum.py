"""CUSUM criterion: deviations below the early level that add up, for slow erosion.

Page (1954), *Biometrika* 41:100. See ``docs/methods/cusum.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.engine.criterion import parameter
from goldseam.detection.engine.early_baseline import EarlyBaseline
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class Cusum(EarlyBaseline):
    """Lower one-sided CUSUM, version 1."""

    id: ClassVar[str] = "cusum"
    title: ClassVar[str] = "deviations below the early level that add up"
    source: ClassVar[str] = "docs/methods/cusum.md"
    thresholds: ClassVar[tuple[str, ...]] = ("threshold",)

    allowance: float = parameter(
        0.5, "deviation that does not add up, in SDs: half the shift looked for", least=0, most=5
    )
    threshold: float = parameter(3.0, "sum that alarms, in SDs", least=0.1, most=100)

    def chart(self, series: RatingSeries, level: Floats, sd: Floats, start: int) -> tuple[Floats, Floats]:
        """The sum of deviations beyond the allowance, never below 0; see `EarlyBaseline.chart`."""
        order = series.by_length
        level, sd = level[order], sd[order]
        sums, limit = np.full((2, len(series.value)), np.nan)
        state = np.zeros(len(order))
        for n_prior, at in enumerate(series.steps()):
            if n_prior < start:
                continue
            state, level, sd = state[: len(at)], level[: len(at)], sd[: len(at)]
            limit[at] = level - sd * (self.threshold + self.allowance - state)
            state = np.maximum(0, state + (level - series.value[at]) / sd - self.allowance)
            sums[at] = state
        return sums, limit
