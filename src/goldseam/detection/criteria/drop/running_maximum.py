"""Running-maximum criterion: a drop from the highest rating so far. See ``docs/methods/running-maximum.md``."""

from dataclasses import dataclass
from typing import ClassVar

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop import DropBelowReference
from goldseam.detection.engine.reference_levels import highest_before
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class RunningMaximum(DropBelowReference):
    """A drop from the highest rating so far, version 1."""

    id: ClassVar[str] = "running-maximum"
    title: ClassVar[str] = "a drop from the highest rating so far"
    source: ClassVar[str] = "docs/methods/running-maximum.md"

    def reference(self, series: RatingSeries) -> Floats:
        """The highest of all earlier ratings; see `DropBelowReference.reference`."""
        return highest_before(series)
