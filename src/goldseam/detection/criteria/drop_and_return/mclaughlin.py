"""McLaughlin-type criterion: a reliable drop, and whether it was repaired, after McLaughlin and others (2014).

A reconstruction; see ``docs/methods/mclaughlin-type.md`` for what is known of the original.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop_and_return import DropAndReturn
from goldseam.detection.engine.criterion import parameter
from goldseam.detection.engine.norms_and_minimum_drop import error_within, priors_for
from goldseam.detection.engine.reference_levels import previous_rating
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class McLaughlinType(DropAndReturn):
    """A drop beyond the standard error of a difference, repaired or not, version 1."""

    id: ClassVar[str] = "mclaughlin-type"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a reliable drop from the session before, repaired or not"
    source: ClassVar[str] = "after McLaughlin et al. (2014), J Consult Clin Psychol 82, 112-121"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("z",)

    z: float = parameter(1.96, "standard errors of a difference that count", least=0.1, most=10)
    measurement_error: float | None = parameter(
        None, "error of measurement within a person, in points; without it the norms say", least=1e-9
    )
    reliability: float = parameter(
        0.7, "of change within a person, used where the norms state no error", least=0, most=0.999
    )

    def reference(self, series: RatingSeries) -> Floats:
        """The session before; see `DropAndReturn.reference`."""
        return previous_rating(series)

    def sizes(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> tuple[Floats, Floats]:
        """So many standard errors of a difference; see `DropAndReturn.sizes`."""
        if self.measurement_error is not None:
            error = np.full(series.n_series, self.measurement_error)
        else:
            error = error_within(
                priors_for(series, norms, higher_is_better=higher_is_better), self.reliability
            )
        spread = np.sqrt(2) * error
        return self.z * spread, spread
