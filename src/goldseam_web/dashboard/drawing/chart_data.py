"""What a chart is drawn from: ratings by session, one member's usual range, and episodes."""

from dataclasses import dataclass
from typing import Literal

Asked = Literal["answered", "unanswered", "away", "not_asked", "about_other", "read_first"]
# Of two therapists: whom the form did not name, and whose colleague reads the answer first.
ABOUT_OTHER: Asked = "about_other"
READ_FIRST: Asked = "read_first"


@dataclass(frozen=True)
class Point:
    """One member at one attended session of the case. A rating of another series is never joined to it."""

    session: int
    value: float | None
    series: str = ""
    asked: Asked = "answered"


@dataclass(frozen=True)
class Line:
    """One member's ratings, a point for every session of the case."""

    position: int
    name: str
    points: tuple[Point, ...]

    def at(self, session: int) -> Point | None:
        return next((p for p in self.points if p.session == session), None)

    @property
    def last(self) -> Point | None:
        """The last point that has a rating."""
        return next((p for p in reversed(self.points) if p.value is not None), None)


@dataclass(frozen=True)
class Band:
    """The usual range and limit of the selected member before one session."""

    session: int
    low: float
    high: float
    limit: float | None


@dataclass(frozen=True)
class EpisodeMarks:
    """One episode on the chart. Gold only where it is ``mended``; dots only while ``under_way``."""

    number: int
    position: int
    onset: int
    title: str
    short_title: str = ""
    notes: tuple[str, ...] = ()
    nadir: int | None = None
    repair: int | None = None
    repair_title: str = ""
    short_repair_title: str = ""
    repair_notes: tuple[str, ...] = ()
    mended: bool = False
    under_way: bool = False
    labelled: bool = True


@dataclass(frozen=True)
class EventMark:
    """Something that happened. ``after`` is the number of sessions up to it; of one on that day, its own number."""

    letter: str
    after: int
    on_the_day: bool


@dataclass(frozen=True)
class ChartData:
    """Everything one chart shows, over the attended sessions of a case."""

    sessions: tuple[int, ...]
    lines: tuple[Line, ...]
    minimum: float
    maximum: float
    selected: int | None = None
    bands: tuple[Band, ...] = ()
    episodes: tuple[EpisodeMarks, ...] = ()
    planned: int | None = None
    own: Line | None = None
    events: tuple[EventMark, ...] = ()

    def line(self, position: int) -> Line | None:
        return next((line for line in self.lines if line.position == position), None)
