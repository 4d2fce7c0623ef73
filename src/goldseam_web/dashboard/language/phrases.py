"""What fills the places of sentences: counts, names, sessions."""

from collections.abc import Sequence
from typing import NamedTuple

NBSP = "\N{NO-BREAK SPACE}"
YOU = "You"
DASH = "–"
SKIPPED = "skipped"

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SESSION = f"session{NBSP}{{number}}"
_LAST_SESSION = "the last session"
AND = " and "
_NAMES_AND_LAST = "{names} and {last}"


class ByReader(NamedTuple):
    """A sentence about the work with a therapist: as told to that therapist, and to anybody else who may read it."""

    to_therapist: str
    to_others: str

    def told(self, *, own: bool) -> str:
        """``own``: whether the reader is the therapist it is about; to others it has a place for ``{therapist}``."""
        return self.to_therapist if own else self.to_others


def in_words(count: int, *, none: str = "no") -> str:
    """A count as it stands in a sentence: words up to nine, then figures."""
    if count == 0:
        return none
    return _NUMBERS[count] if 0 < count < len(_NUMBERS) else str(count)


def counted(count: int, one: str, many: str, **places: object) -> str:
    """Choose the sentence for one or for any other number, and fill its ``{count}`` in words."""
    return (one if count == 1 else many).format(count=in_words(count), **places)


def signed(points: float) -> str:
    """ "+0.4", "-1.0", and "0.0" for what is neither when it is written with one place."""
    return "0.0" if abs(points) < 0.05 else f"{points:+.1f}"


def first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def session(number: int | None) -> str:
    """ "session 6" that does not break over a line."""
    return _SESSION.format(number=number) if number else _LAST_SESSION


def names_in_words(names: Sequence[str]) -> str:
    """ "Lea", "Lea and Tomas", "Lea, Tomas and Ida"."""
    return (
        names[0] if len(names) == 1 else _NAMES_AND_LAST.format(names=", ".join(names[:-1]), last=names[-1])
    )
