"""Stiles-type criterion: a drop of two SDs that is soon undone, after Stiles and others (2004).

A reconstruction; see ``docs/methods/stiles-type.md`` for what is known of the original.
"""

from dataclasses import dataclass
from typing import ClassVar

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop_and_return import DropAndReturn
from goldseam.detection.engine.criterion import parameter
from goldseam.detection.engine.reference_levels import SD_KINDS, previous_rating, reference_sd
from goldseam.norms import Norms
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class StilesType(DropAndReturn):
    """A drop of two SDs from the session before and a return within three, version 1."""

    id: ClassVar[str] = "stiles-type"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a drop of 2 SD from the session before that is soon undone"
    source: ClassVar[str] = "after Stiles et al. (2004), J Consult Clin Psychol 72, 81-92"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 8
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("sds",)

    sds: float = parameter(2.0, "smallest drop in SDs", least=0.1, most=10)
    sd: str = parameter("stricter", "whose SD; stricter is the larger of own and pooled", choices=SD_KINDS)
    window: int | None = parameter(
        3, "sessions after the onset within which a return counts; none: all", kind=int, least=1, most=1000
    )
    minimum_ratings: int = parameter(8, "ratings a series needs", kind=int, least=3, most=1000)

    def reference(self, series: RatingSeries) -> Floats:
        """The session before; see `DropAndReturn.reference`."""
        return previous_rating(series)

    def sizes(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> tuple[Floats, Floats]:
        """So many SDs; see `DropAndReturn.sizes`."""
        spread = reference_sd(series, norms, self.sd, higher_is_better=higher_is_better)
        return self.sds * spread, spread
