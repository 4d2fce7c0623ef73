"""Stevens-local criterion: a drop within two sessions, and a return.

Reconstructions after Stevens and others (2007); see ``docs/methods/stevens-local.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.sudden.windows import rated_rows
from goldseam.detection.engine.codes import Reason
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.drop_episodes import Drops, drop_episodes
from goldseam.detection.engine.episodic import Assessment, findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING, share_of_range
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class StevensLocal(Criterion):
    """A drop of one point of seven within two sessions and a return within five, version 1."""

    id: ClassVar[str] = "stevens-local"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a fall of a sixth of the range within two sessions, and a return"
    source: ClassVar[str] = "after Stevens et al. (2007), Am J Psychother 61, 109-129"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 2
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("drop", "drop_share")

    drop: float | None = parameter(None, "smallest fall in points; none: drop_share", least=1e-9)
    drop_share: float = parameter(1 / 6, "smallest fall as a share of the range", least=1e-6, most=1)
    fall_sessions: int = parameter(2, "sessions a fall may take", kind=int, least=1, most=100)
    tolerance: float = parameter(0.25, "smallest falls that may be missing at a return", least=0, most=1)
    window: int = parameter(
        5, "sessions after the onset within which a return counts", kind=int, least=1, most=1000
    )

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every rating of every series; see `Criterion.judge`."""
        smallest = self._smallest(series)[series.series_of]
        expected = self._highest_of_the_last(series)
        first, alone = series.position == 0, np.isnan(expected)
        assessed = Assessment(
            met=expected - series.value >= smallest - ROUNDING,
            few=first,
            not_applicable=alone,
            reason=coded(
                (first, Reason.FEW_EARLIER_RATINGS),
                (alone, Reason.PREVIOUS_NOT_RATED),
                otherwise=Reason.PLAIN,
            ),
            expected=expected,
            spread=np.full(len(first), np.nan),
            limit=expected - smallest,
        )
        begins = assessed.met & ~series.lagged_flags(assessed.met)
        returned = expected - self.tolerance * smallest
        drops = Drops(begins, expected, assessed.spread, returned, np.full(len(first), np.inf))
        return findings_from(assessed, drop_episodes(series, drops, window=self.window))

    def _smallest(self, series: RatingSeries) -> Floats:
        if self.drop is not None:
            return np.full(series.n_series, self.drop)
        return share_of_range(series, self.drop_share, "the size of a fall", "drop")

    def _highest_of_the_last(self, series: RatingSeries) -> Floats:
        """The highest rating of the sessions just before; NaN where none was rated."""
        rows = rated_rows(series, 1)
        highest = rows.at(-1)
        for back in range(2, self.fall_sessions + 1):
            highest = np.fmax(highest, rows.at(-back))
        return highest
