"""Direct-question criterion: the client said that there was tension or a misunderstanding.

An answer is an answer: each session at or above the threshold is an event of its own, from the first session on.
See ``docs/methods/direct-question.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.detection.engine.criterion import Criterion, parameter
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.runs_below import each_session, threshold_findings
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class DirectQuestion(Criterion):
    """Answers at or above a threshold, version 1."""

    id: ClassVar[str] = "direct-question"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "the client's own word that there was tension"
    source: ClassVar[str] = "docs/methods/direct-question.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 1
    uses_norms: ClassVar[bool] = False
    higher_is_better: ClassVar[bool] = False

    threshold: float = parameter(2.0, "the answer from which on it counts; 2 is 'clearly'")

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every answer of every series; see `Criterion.judge`."""
        limit = self.threshold if higher_is_better else -self.threshold
        met = series.value <= limit
        limits = np.full(series.n_series, limit)
        return threshold_findings(series, met, limits, each_session(series, met))
