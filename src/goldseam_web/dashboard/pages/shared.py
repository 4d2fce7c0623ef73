"""Pieces that several pages show."""

from dataclasses import dataclass

from goldseam_web.dashboard.words import Word


@dataclass(frozen=True)
class Badge:
    """A status: an icon and its word, never colour alone."""

    text: str
    icon: str
    css: str
    is_new: bool = False

    @classmethod
    def of(cls, word: Word, *, is_new: bool = False) -> "Badge":
        return cls(word.text, word.icon, word.css, is_new)


@dataclass(frozen=True)
class RoomNote:
    """Says that somebody may be looking, and until when; ``alone`` offers the way back."""

    until: str
    alone: bool
