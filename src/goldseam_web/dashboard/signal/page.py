"""The page of one alert, and the list of alerts."""

import uuid
from dataclasses import dataclass

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.goals_of_each import GoalsOfEach
from goldseam_web.dashboard.case.page import Fairness, Option
from goldseam_web.dashboard.case.single_time_card import BeforeAnythingElse
from goldseam_web.dashboard.drawing import Strip
from goldseam_web.dashboard.drawing.strip import FacetStrip
from goldseam_web.dashboard.signal.changed import ChangedCard


@dataclass(frozen=True)
class Figure:
    """A figure and what it means. ``small`` where the figure is a sentence."""

    value: str
    text: str


@dataclass(frozen=True)
class Sureness:
    """How sure a signal is, in one sentence, and what that was counted in."""

    sentence: str
    counted: str


@dataclass(frozen=True)
class Evidence:
    """Expected and seen, in two drawings, with the words on them."""

    title: str
    wide: Strip
    narrow: Strip
    label: str
    low: str
    high: str
    seen: str
    expected: str
    expected_short: str
    limit: str
    usual: str
    earlier: str
    difference: str


@dataclass(frozen=True)
class FacetRow:
    name: str
    seen: str
    usual: str
    strip: FacetStrip
    label: str
    words: str
    stands_out: bool


@dataclass(frozen=True)
class AnswerRow:
    facet: str
    statement: str
    answer: str
    usually: str


@dataclass(frozen=True)
class OptionGroup:
    """Options for one kind of finding; ``title`` where the alert has several."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class AcknowledgementOption:
    value: str
    text: str


@dataclass(frozen=True)
class FindingCard:
    """One signal of an alert. ``facets`` and ``quotes`` stand with the first finding they belong to."""

    id: uuid.UUID
    key: str
    badge: Badge
    sentence: str
    note: str
    evidence: Evidence | None
    of_what: str
    sure: Sureness | None
    figures: tuple[Figure, ...]
    rule: str
    facets_title: str
    facets: tuple[FacetRow, ...]
    quotes: tuple[AnswerRow, ...]


@dataclass(frozen=True)
class AlertPage:
    """All findings of one response, and what may be done about them."""

    crumb_case: str
    case_url: str
    crumb: str
    headline: str
    caption: str
    read_first: str
    undelivered: str
    ending: str
    member: int
    name: str
    findings: tuple[FindingCard, ...]
    fairness: Fairness | None
    goals: GoalsOfEach | None
    answers_title: str
    answers: tuple[AnswerRow, ...]
    about_session: str
    changed: ChangedCard | None
    in_company: str
    audience_title: str
    audience_text: str
    audience_when: str
    first: BeforeAnythingElse | None
    help: tuple[OptionGroup, ...]
    options_for: str
    may_answer: bool
    plan_is_over: bool
    choices: tuple[AcknowledgementOption, ...]
    said: tuple[str, ...]
    url: str
    next_url: str
    help_url: str
    help_asked: str

    @property
    def several(self) -> bool:
        return len(self.findings) > 1


@dataclass(frozen=True)
class AlertFinding:
    badge: Badge
    text: str


@dataclass(frozen=True)
class AlertRow:
    """One alert of the list."""

    key: str
    url: str
    case: str
    second_line: str
    is_new: bool
    when: str
    findings: tuple[AlertFinding, ...]
    about: str
    read_later: str
    state: str


@dataclass(frozen=True)
class AlertsPage:
    headline: str
    oldest_url: str
    unopened: tuple[AlertRow, ...]
    opened: tuple[AlertRow, ...]
