"""The caseload page, and the list a supervisor reads."""

from dataclasses import dataclass

from goldseam_web.dashboard.caseload.case_row import CaseRow
from goldseam_web.dashboard.caseload.look_again import LookAgain
from goldseam_web.dashboard.own_figures.guess_table import GuessTable


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
    slipping: tuple[LookAgain, ...]
    off_track: tuple[LookAgain, ...]
    query: str
    group: str
    has_cases: bool
    in_room: bool
    nothing: str
    leaves: str = ""


@dataclass(frozen=True)
class TherapistGroup:
    """The cases of one supervised therapist: names to open, nothing counted, nothing compared."""

    therapist: str
    url: str
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
class WaitingLine:
    """One thing that waits for a supervisor, and where it is opened."""

    text: str
    note: str
    url: str


@dataclass(frozen=True)
class SupervisedPage:
    waiting: tuple[WaitingLine, ...]
    left: tuple[WaitingLine, ...]
    groups: tuple[TherapistGroup, ...]


@dataclass(frozen=True)
class UseRow:
    """One step from asking to talking: how many, and how many of the step before."""

    step: str
    number: int
    of_before: str


@dataclass(frozen=True)
class SuperviseePage:
    """What a supervisor reads of a therapist, and the therapist of themselves: the same, byte for byte."""

    therapist: str
    headline: str
    rows: tuple[CaseRow, ...]
    use: tuple[UseRow, ...]
    use_sentence: str
    guesses: GuessTable | None
