"""Median-of-three criterion: a drop from the median of the last three. See ``docs/methods/median-of-three.md``."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop import DropBelowReference
from goldseam.detection.engine.criterion import parameter
from goldseam.series import RatingSeries


@dataclass(frozen=True)
class MedianOfThree(DropBelowReference):
    """A drop from the median of the three ratings before, version 1."""

    id: ClassVar[str] = "median-of-three"
    title: ClassVar[str] = "a drop from the median of the three ratings before"
    source: ClassVar[str] = "docs/methods/median-of-three.md"

    prior_ratings: int = parameter(3, "earlier ratings needed to judge one", kind=int, least=3, most=100)

    def reference(self, series: RatingSeries) -> Floats:
        """The median of the three ratings before; see `DropBelowReference.reference`."""
        first, second, third = (series.lagged(series.value, back) for back in (3, 2, 1))
        low, high = np.minimum(first, second), np.maximum(first, second)
        return np.maximum(low, np.minimum(high, third))
