"""Previous-drop criterion: a drop from the session immediately before. See ``docs/methods/previous-drop.md``."""

from dataclasses import dataclass
from typing import ClassVar

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop import DropBelowReference
from goldseam.detection.engine.reference_levels import previous_rating
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class PreviousDrop(DropBelowReference):
    """A drop from the session immediately before, version 1."""

    id: ClassVar[str] = "previous-drop"
    title: ClassVar[str] = "a drop from the session before"
    source: ClassVar[str] = "docs/methods/previous-drop.md"

    def reference(self, series: RatingSeries) -> Floats:
        """The rating of the session immediately before; see `DropBelowReference.reference`."""
        return previous_rating(series)
