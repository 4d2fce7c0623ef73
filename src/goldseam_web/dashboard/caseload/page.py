"""The caseload page, and the list a supervisor reads."""

from dataclasses import dataclass

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.caseload.look_again import LookAgain
from goldseam_web.dashboard.drawing import Spark


@dataclass(frozen=True)
class CaseRow:
    """One case. In the room there is no badge, sentence or sparkline."""

    key: str
    url: str
    title: str
    about: str
    badge: Badge | None
    sentence: str
    spark: Spark | None
    meeting: str
    answered: str


@dataclass(frozen=True)
class RowGroup:
    key: str
    title: str
    rows: tuple[CaseRow, ...]
    note: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter: a link with a count."""

    url: str
    text: str
    icon: str
    count: int | None
    current: bool


@dataclass(frozen=True)
class CaseloadPage:
    headline: str
    lede: str
    chips: tuple[Chip, ...]
    groups: tuple[RowGroup, ...]
    look_again: tuple[LookAgain, ...]
    query: str
    group: str
    has_cases: bool
    in_room: bool
    nothing: str


@dataclass(frozen=True)
class TherapistGroup:
    """The cases of one supervised therapist: names to open, nothing counted, nothing compared."""

    therapist: str
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
class SupervisedPage:
    groups: tuple[TherapistGroup, ...]
