"""What the page of a therapist's own figures shows."""

from dataclasses import dataclass

from goldseam_web.dashboard.own_figures.guess_table import GuessTable


@dataclass(frozen=True)
class OwnFigure:
    """A share, in words with its interval or why there is none, and what it rests on."""

    name: str
    share: str
    rests_on: str


@dataclass(frozen=True)
class WaitingQuestion:
    """A question by lot that waits: which case, and where it is answered."""

    title: str
    day: str
    url: str


@dataclass(frozen=True)
class OwnFiguresPage:
    """``supervisors``: whom the ratings can be shared with, "" where there is nobody.

    ``shared_since``: the day, "" where they are not shared.
    """

    figures: tuple[OwnFigure, ...]
    guesses: GuessTable
    supervisors: str
    shared_since: str
    waiting: tuple[WaitingQuestion, ...]
    weeks: int
