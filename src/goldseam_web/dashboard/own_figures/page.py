"""What the page of a therapist's own figures shows."""

from dataclasses import dataclass


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
class GuessFigure:
    """One figure of a therapist's ratings beside clients': over the long time, and lately."""

    name: str
    long: str
    lately: str


@dataclass(frozen=True)
class OwnFiguresPage:
    figures: tuple[OwnFigure, ...]
    guesses: tuple[GuessFigure, ...]
    waiting: tuple[WaitingQuestion, ...]
    weeks: int
    weeks_lately: int
