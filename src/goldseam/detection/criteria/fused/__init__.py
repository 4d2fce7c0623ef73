"""Fused criterion: the rating, and whatever else is known of the session, as one p.

The formulas and what they assume are in ``docs/methods/fused.md``.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.fused.evidence_terms import EvidenceTerms
from goldseam.detection.criteria.predictive import CombinedEvidence, Predictive
from goldseam.detection.criteria.predictive.predictions import OneStepPredictions
from goldseam.detection.engine.priors import Priors
from goldseam.series import RatingSeries

SUPPORT = 4.0  # times as likely


@dataclass(frozen=True)
class Fused(Predictive):
    """Everything known of a session together, version 1."""

    id: ClassVar[str] = "fused"
    version: ClassVar[int] = 1
    title: ClassVar[str] = (
        "a rating and whatever else is known of the session, unlike this person's usual ones"
    )
    source: ClassVar[str] = "docs/methods/fused.md"
    reads_evidence: ClassVar[bool] = True

    def weigh(
        self, series: RatingSeries, priors: Priors, course: OneStepPredictions, gate: Floats
    ) -> CombinedEvidence:
        """Put the pieces together; see `Predictive.weigh`.

        A fall too small to count by itself counts where the rest alone makes a rupture four times as likely.
        """
        pieces = EvidenceTerms.of(series, priors, course.p)
        least = np.where(pieces.support() >= np.log(SUPPORT), np.nextafter(0.0, 1.0), gate)
        joined = replace(course, p=pieces.joined())
        return CombinedEvidence(joined, least, alone=pieces.needed, further=pieces.columns)
