"""The page of one case."""

from dataclasses import dataclass

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.goals_of_each import GoalsOfEach
from goldseam_web.dashboard.case.single_time_card import SingleTimeCard
from goldseam_web.dashboard.case.track_lines import TrackLine
from goldseam_web.dashboard.drawing import Chart, Mark, SmallChart
from goldseam_web.dashboard.language.help_options import HelpText


@dataclass(frozen=True)
class MemberChip:
    """Chooses whose usual range is drawn; also the key to colour and shape."""

    url: str
    name: str
    mark: Mark
    current: bool


@dataclass(frozen=True)
class Cell:
    """A rating, or "–" with the reason why there is none."""

    value: str
    reason: str = ""


@dataclass(frozen=True)
class TableRow:
    session: int
    date: str
    cells: tuple[Cell, ...]
    usual: str
    happened: str


@dataclass(frozen=True)
class Table:
    names: tuple[str, ...]
    usual_of: str
    caption: str
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class CourseCard:
    """A sentence, two drawings of the same chart, and the table behind them.

    ``about``: with which therapist, where two hold the sessions.
    """

    sentence: str
    wide: Chart
    narrow: Chart
    label: str
    table: Table
    own_ratings: str
    changes: tuple[str, ...]
    kept_back: str = ""
    about: str = ""


@dataclass(frozen=True)
class ProgressFigure:
    name: str
    change: str
    chart: SmallChart
    label: str


@dataclass(frozen=True)
class ProgressCard:
    """Small charts, what is said of each beside them, where the expectation comes from, and what is too short."""

    figures: tuple[ProgressFigure, ...]
    lines: tuple[TrackLine, ...]
    learnt_from: str
    too_short: str

    @property
    def draws_band(self) -> bool:
        return any(line.rows for line in self.lines)


@dataclass(frozen=True)
class OffTrackCard:
    """What is told of one member's progress that is not on track; ``url`` is for whoever may say that they looked."""

    key: str
    title: str
    lines: tuple[tuple[str, str], ...]
    about: str
    looked: str
    url: str
    support: tuple[HelpText, ...]


@dataclass(frozen=True)
class EventLine:
    """Something that happened, under the letter it has on the chart; ``who`` says who wrote and who reads it."""

    key: str
    letter: str
    day: str
    text: str
    who: str
    is_own: bool


@dataclass(frozen=True)
class ChildViewCard:
    """What one member answers about a child."""

    title: str
    note: str
    figures: tuple[ProgressFigure, ...]


@dataclass(frozen=True)
class HomeAnswers:
    """What one member said of settling things at home: a sentence on the last answer, and each with its session."""

    mark: Mark
    sentence: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HomeCard:
    title: str
    note: str
    members: tuple[HomeAnswers, ...]


@dataclass(frozen=True)
class TimelineStep:
    """One point of an episode's timeline."""

    icon: str
    css: str
    title: str
    session: str
    text: str
    leads: str = ""


@dataclass(frozen=True)
class EpisodeCard:
    key: str
    badge: Badge
    name: str
    steps: tuple[TimelineStep, ...]
    mended: bool
    asks: bool
    url: str
    say_url: str
    said_yes: bool


@dataclass(frozen=True)
class SignalLine:
    key: str
    url: str
    badge: Badge
    text: str
    when: str
    state: str


@dataclass(frozen=True)
class Option:
    """One thing that might help: an icon, a title, and one sentence a person could say."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Fairness:
    """A low or falling rating of how fair the therapist is to all, in each one's own view."""

    sentence: str
    views: str
    note: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class SessionCard:
    title: str
    when: str
    url: str
    facts: tuple[tuple[str, str], ...]
    action: str
    icon: str


@dataclass(frozen=True)
class NotHeard:
    """A member who comes and has never answered, and what may be offered to them."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Guess:
    """Before the client's answers are shown, the therapist may say how they think it was."""

    session: str
    url: str


@dataclass(frozen=True)
class LotQuestion:
    """What whoever held a session is asked about it by lot, and what they have answered so far."""

    key: str
    about: str
    text: str
    until: str
    url: str
    choices: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Released:
    """An answer its author let everybody hear of."""

    name: str
    about: str
    text: str


@dataclass(frozen=True)
class GoalLine:
    """Agreed words with their days, or a mark; ``take_back``: the key of a line the reader wrote."""

    text: str
    when: str
    take_back: str


@dataclass(frozen=True)
class GoalsCard:
    """``ask_again``: whether a strain was mended since. ``may_write``: the reader treats the case, which runs."""

    title: str
    current: GoalLine | None
    earlier: tuple[GoalLine, ...]
    ask_again: bool
    marked: GoalLine | None
    marks: tuple[GoalLine, ...]
    each: GoalsOfEach | None
    options_for: str
    options: tuple[Option, ...]
    may_write: bool


@dataclass(frozen=True)
class CasePage:
    title: str
    badge: Badge | None
    news: str
    lede: str
    mine: bool
    may_note: bool
    plan_url: str
    next_url: str
    next_title: str
    chips: tuple[MemberChip, ...]
    course: CourseCard | None
    courses_beside: tuple[CourseCard, ...]
    between: CourseCard | None
    fairness: tuple[Fairness, ...]
    not_heard: tuple[NotHeard, ...]
    off_track: tuple[OffTrackCard, ...]
    progress: ProgressCard | None
    child_views: tuple[ChildViewCard, ...]
    home: HomeCard | None
    events: tuple[EventLine, ...]
    episodes: tuple[EpisodeCard, ...]
    signals: tuple[SignalLine, ...]
    sessions: tuple[SessionCard, ...]
    single_time: SingleTimeCard | None
    goals: GoalsCard | None
    guess: Guess | None
    lots: tuple[LotQuestion, ...]


@dataclass(frozen=True)
class RoomCasePage:
    """What a client in the room may see of a case: names, times, and what was released to everybody."""

    title: str
    lede: str
    several: bool
    released: tuple[Released, ...]
    sessions: tuple[SessionCard, ...]
    mine: bool
