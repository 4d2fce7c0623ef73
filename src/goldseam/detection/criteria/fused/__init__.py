"""Fused criterion: the rating, and whatever else is known of the session, as one p.

The formulas and what they assume are in ``docs/methods/fused.md``.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.fused.evidence_strengths import EvidenceStrengths
from goldseam.detection.criteria.fused.evidence_terms import EvidenceTerms
from goldseam.detection.criteria.predictive import CombinedEvidence, Predictive2
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions
from goldseam.detection.engine.criterion import Parameter
from goldseam.detection.engine.norms_and_minimum_drop import Priors
from goldseam.exceptions import ParameterError
from goldseam.series import RatingSeries

SUPPORT = 4.0  # times as likely


@dataclass(frozen=True)
class StrengthsParameter(Parameter):
    """A parameter that is fitted strengths, or the file they are in."""

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        return "a file that fit-evidence wrote, or none"

    def checked(self, name: str, value: Any) -> EvidenceStrengths | None:
        """The strengths; see `Parameter.checked`."""
        if value is None or value == "none":
            return None
        if isinstance(value, EvidenceStrengths):
            return value
        if not isinstance(value, str | Path):
            raise ParameterError(
                "impossible value", where=f"parameter {name}", given=value, allowed=self.allowed
            )
        return EvidenceStrengths.read(value)


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

    evidence: EvidenceStrengths | None = field(
        default=None,
        metadata={
            "rule": StrengthsParameter(
                None, EvidenceStrengths, -np.inf, np.inf, "fitted strengths of the evidence; none: as assumed"
            )
        },
    )

    def combine_evidence(
        self, series: RatingSeries, priors: Priors, alone: OneStepPredictions, smallest: Floats
    ) -> CombinedEvidence:
        """Add up all terms of the evidence; see `Predictive2.combine_evidence`.

        A drop too small to count by itself counts where the other terms alone make a rupture four times as likely.
        """
        terms = EvidenceTerms.of(series, priors, alone.p, self.evidence or EvidenceStrengths.assumed())
        supported = terms.log_odds_of_others() >= np.log(SUPPORT)
        return CombinedEvidence(
            replace(alone, p=terms.p_of_all()),
            smallest_drop=np.where(supported, np.nextafter(0.0, 1.0), smallest),
            p_of_rating=terms.p_of_rating,
            extra_columns=terms.extra_columns,
        )
