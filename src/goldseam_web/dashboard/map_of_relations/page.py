"""The page of a case's relations: a picture, sentences and tables that say the same."""

from dataclasses import dataclass

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import Cell, ProgressFigure
from goldseam_web.dashboard.drawing import DistanceChart, Mark, RelationPicture


@dataclass(frozen=True)
class RelationRow:
    """One member's ratings of every relation, in the order of the table's columns."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class RelationCard:
    """Who rated which relation, each therapist's session apart."""

    sentence: str
    wide: RelationPicture
    narrow: RelationPicture
    label: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[RelationRow, ...]


@dataclass(frozen=True)
class PairRow:
    """Two members: how far apart they were last, how they usually differ, and whether the last is new."""

    names: str
    last: str
    usual: str
    new: str


@dataclass(frozen=True)
class DistanceCard:
    """How differently the members see the work with one therapist, or each of them that with two.

    ``each``: what a row of the table is.
    """

    key: str
    title: str
    sentence: str
    usual: str
    wide: DistanceChart
    narrow: DistanceChart
    label: str
    rows: tuple[PairRow, ...]
    each: str
    rule: str


@dataclass(frozen=True)
class MemberLine:
    """What one member says, in words, and how they stand in each relation that is judged."""

    mark: Mark
    name: str
    badges: tuple[tuple[str, Badge], ...]
    text: str


@dataclass(frozen=True)
class MemberFacets:
    """Small charts of one member's facets."""

    name: str
    figures: tuple[ProgressFigure, ...]


@dataclass(frozen=True)
class RelationsPage:
    title: str
    lede: str
    news: str
    kept_back: str
    relations: RelationCard | None
    distances: tuple[DistanceCard, ...]
    members: tuple[MemberLine, ...]
    facets: tuple[MemberFacets, ...]
    facets_about: str

    @property
    def shaded(self) -> bool:
        """Whether any facet is drawn with what noise makes."""
        return any(figure.chart.band for member in self.facets for figure in member.figures)
