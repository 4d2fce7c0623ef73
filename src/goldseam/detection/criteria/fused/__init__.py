"""Fused criterion: the rating, and whatever else is known of the session, as one p.

The formulas and what they assume are in ``docs/methods/fused.md``.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.fused.evidence_terms import EvidenceTerms
from goldseam.detection.criteria.predictive import CombinedEvidence, Predictive2
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions
from goldseam.detection.engine.norms_and_minimum_drop import Priors
from goldseam.series import RatingSeries

SUPPORT = 4.0  # times as likely


@dataclass(frozen=True)
class Fused(Predictive2):
    """Everything known of a session together, version 1."""

    id: ClassVar[str] = "fused"
    version: ClassVar[int] = 1
    title: ClassVar[str] = (
        "a rating and whatever else is known of the session, unlike this person's usual ones"
    )
    source: ClassVar[str] = "docs/methods/fused.md"
    reads_evidence: ClassVar[bool] = True

    def combine_evidence(
        self, series: RatingSeries, priors: Priors, alone: OneStepPredictions, smallest: Floats
    ) -> CombinedEvidence:
        """Add up all terms of the evidence; see `Predictive2.combine_evidence`.

        A drop too small to count by itself counts where the other terms alone make a rupture four times as likely.
        """
        terms = EvidenceTerms.of(series, priors, alone.p)
        supported = terms.log_odds_of_others() >= np.log(SUPPORT)
        return CombinedEvidence(
            replace(alone, p=terms.p_of_all()),
            smallest_drop=np.where(supported, np.nextafter(0.0, 1.0), smallest),
            p_of_rating=terms.p_of_rating,
            extra_columns=terms.extra_columns,
        )
