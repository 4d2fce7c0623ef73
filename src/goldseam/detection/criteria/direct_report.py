"""Direct report: client, therapist or both say that there was a rupture in this session.

After Rubel et al. (2018, *J Consult Clin Psychol* 86), who asked both sides after each session. See
``docs/methods/direct-report.md``.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection.engine.codes import Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.findings import Findings
from goldseam.detection.engine.runs_below import each_session, threshold_findings
from goldseam.exceptions import TableError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

THERAPIST_ANSWER = "therapist_rating"
SIDES = ("either", "both", "client", "therapist")


@dataclass(frozen=True)
class DirectReport(Criterion):
    """The word of both sides, version 1."""

    id: ClassVar[str] = "direct-report"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "client, therapist or both said that there was a rupture"
    source: ClassVar[str] = "docs/methods/direct-report.md"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 1
    uses_norms: ClassVar[bool] = False
    reads_evidence: ClassVar[bool] = True
    higher_is_better: ClassVar[bool] = False

    threshold: float = parameter(1.0, "the answer from which on it is a report; 1 is 'yes', or 'a little'")
    side: str = parameter("either", "whose report counts", choices=SIDES)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every session of every series; see `Criterion.judge`."""
        limit = self.threshold if higher_is_better else -self.threshold
        client = series.value <= limit
        answer = self._therapists_answers(series)
        therapist, silent = answer <= limit, np.isnan(answer)
        met, undecided = self._met(client, therapist, silent)
        limits = np.full(series.n_series, limit)
        found = threshold_findings(series, met, limits, each_session(series, met))
        return replace(
            found,
            verdict=coded(
                (undecided, Verdict.NOT_ENOUGH_DATA), (met, Verdict.MET), otherwise=Verdict.NOT_MET
            ),
            parts={
                "criterion_1": coded((client, Verdict.MET), otherwise=Verdict.NOT_MET),
                "criterion_2": coded(
                    (silent, Verdict.NOT_ENOUGH_DATA), (therapist, Verdict.MET), otherwise=Verdict.NOT_MET
                ),
            },
        )

    def _therapists_answers(self, series: RatingSeries) -> Floats:
        """Without their column the therapist has answered nothing; whoever counts on them is told."""
        if THERAPIST_ANSWER in series.evidence:
            return series.evidence[THERAPIST_ANSWER]
        if self.side in ("both", "therapist"):
            raise TableError(
                f"the therapist's answers are needed with side={self.side}",
                column=THERAPIST_ANSWER,
                allowed="as the value",
            )
        return np.full(series.value.shape, np.nan)

    def _met(self, client: Flags, therapist: Flags, silent: Flags) -> tuple[Flags, Flags]:
        """Where it is reported, and where a missing answer of the therapist leaves that open."""
        never = np.zeros_like(silent)
        return {
            "either": (client | therapist, silent & ~client),
            "both": (client & therapist, silent & client),
            "client": (client, never),
            "therapist": (therapist, silent),
        }[self.side]
