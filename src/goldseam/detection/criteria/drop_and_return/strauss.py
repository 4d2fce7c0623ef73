"""Strauss-type criterion: a drop of one own SD and a later rise, after Strauss and others (2006).

A reconstruction; see ``docs/methods/strauss-type.md`` for what is known of the original.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from goldseam.arrays import Floats
from goldseam.detection.criteria.drop_and_return import DropAndReturn
from goldseam.detection.engine.criterion import parameter
from goldseam.detection.engine.reference_levels import SD_KINDS, highest_before, previous_rating, reference_sd
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

REPORTED_WITHIN = (3, 6)


@dataclass(frozen=True)
class StraussType(DropAndReturn):
    """A drop of one own SD, and a rise of one or a return at any later time, version 1."""

    id: ClassVar[str] = "strauss-type"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a drop of 1 own SD and a later rise"
    source: ClassVar[str] = "after Strauss et al. (2006), J Consult Clin Psychol 74, 337-345"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = True
    thresholds: ClassVar[tuple[str, ...]] = ("sds",)

    sds: float = parameter(1.0, "smallest drop, and rise, in SDs", least=0.1, most=10)
    sd: str = parameter("own", "whose SD; stricter is the larger of own and pooled", choices=SD_KINDS)
    compared_with: str = parameter(
        "previous", "the session before, or the highest rating so far", choices=("previous", "highest")
    )

    def reference(self, series: RatingSeries) -> Floats:
        """The session before or the highest so far; see `DropAndReturn.reference`."""
        return highest_before(series) if self.compared_with == "highest" else previous_rating(series)

    def sizes(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> tuple[Floats, Floats]:
        """So many SDs; see `DropAndReturn.sizes`."""
        spread = reference_sd(series, norms, self.sd, higher_is_better=higher_is_better)
        return self.sds * spread, spread

    def rise(self, spread: Floats) -> Floats:
        """As large as the smallest drop; see `DropAndReturn.rise`."""
        return self.sds * spread

    def described(self, events: "pl.DataFrame") -> "pl.DataFrame":
        """Whether the repair came within three, and within six, sessions of the onset."""
        import polars as pl

        later = pl.col("repair_session") - pl.col("onset_session")
        return events.with_columns(
            (later <= most).fill_null(value=False).alias(f"repaired_within_{most}")
            for most in REPORTED_WITHIN
        )
