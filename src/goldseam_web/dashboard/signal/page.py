"""The page of one signal, and the list of signals."""

from dataclasses import dataclass

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import SignalLine
from goldseam_web.dashboard.drawing import Strip
from goldseam_web.dashboard.drawing.strip import FacetStrip


@dataclass(frozen=True)
class Figure:
    """A figure and what it means. ``small`` where the figure is a sentence."""

    value: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """Expected and seen, in two drawings, with the words on them."""

    title: str
    wide: Strip
    narrow: Strip
    label: str
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
    fell_most: bool


@dataclass(frozen=True)
class AnswerRow:
    facet: str
    statement: str
    answer: str
    usually: str


@dataclass(frozen=True)
class Option:
    """One thing that might help: an icon, a title, and one sentence a person could say."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class AcknowledgementOption:
    value: str
    text: str


@dataclass(frozen=True)
class AcknowledgementLine:
    """An acknowledgement that was given."""

    text: str


@dataclass(frozen=True)
class SignalPage:
    crumb_case: str
    case_url: str
    crumb: str
    badge: Badge
    caption: str
    sentence: str
    note: str
    undelivered: str
    evidence: Evidence | None
    of_what: str
    member: int
    low: str
    high: str
    figures: tuple[Figure, ...]
    rule: str
    facets_title: str
    facets: tuple[FacetRow, ...]
    quotes: tuple[AnswerRow, ...]
    answers_title: str
    answers: tuple[AnswerRow, ...]
    about_session: str
    name: str
    audience_title: str
    audience_text: str
    options: tuple[Option, ...]
    options_for: str
    may_answer: bool
    choices: tuple[AcknowledgementOption, ...]
    said: tuple[AcknowledgementLine, ...]
    url: str


@dataclass(frozen=True)
class AlertsPage:
    headline: str
    oldest_url: str
    unopened: tuple[SignalLine, ...]
    opened: tuple[SignalLine, ...]
