"""What is found of ratings and episodes, as numbers in arrays and as words in files: one table for each."""

from enum import IntEnum
from typing import Self


class Code(IntEnum):
    """Members of an enumeration: a number, which arrays hold, and a word, which files hold."""

    word: str | None

    def __new__(cls, code: int, word: str | None) -> Self:
        """A member with its number and its word."""
        member = int.__new__(cls, code)
        member._value_, member.word = code, word
        return member

    @classmethod
    def words(cls) -> tuple[str | None, ...]:
        """The words of all members, by number.

        Returns
        -------
        tuple of str or None
        """
        return tuple(each.word for each in cls)


class Verdict(Code):
    """What a criterion, or a part of one, says of a rating."""

    MET = 0, "met"
    NOT_MET = 1, "not met"
    NOT_APPLIED = 2, "not applied"
    NOT_ENOUGH_DATA = 3, "not enough data"


class Outcome(Code):
    """What a criterion says of a whole series; ``JUDGED`` is: and nothing found."""

    FLAGGED = 0, "flagged"
    JUDGED = 1, "judged"
    NOT_APPLIED = 2, "not applied"
    NOT_ENOUGH_DATA = 3, "not enough data"


class Grade(Code):
    """How unusual a rating is; the words are also the names of the parameters that are the thresholds."""

    NONE = 0, "none"
    WATCH = 1, "watch"
    PROBABLE = 2, "probable"
    MARKED = 3, "marked"


class Reason(Code):
    """Why a verdict is what it is, where that needs saying."""

    PLAIN = 0, None
    NO_RATING = 1, "no_rating"
    FEW_EARLIER_RATINGS = 2, "few_earlier_ratings"
    CEILING_SUSPECT = 3, "ceiling_suspect"
    SMALL_DROP = 4, "small_drop"
    OPEN_EPISODE = 5, "open_episode"
    AFTER_BREAK = 6, "after_break"
    RANGE_UNKNOWN = 7, "range_unknown"
    PREVIOUS_NOT_RATED = 8, "previous_not_rated"
    NO_VARIATION = 9, "no_variation"
    SERIES_TOO_SHORT = 10, "series_too_short"
    WINDOW_INCOMPLETE = 11, "window_incomplete"
    CASE_NOT_SELECTED = 12, "case_not_selected"


class Stage(IntEnum):
    """Whether an episode is running in a series while its ratings are processed one by one; never shown."""

    NO_EPISODE = 0
    OPEN = 1
    RECOVERING = 2


class Status(Code):
    """What became of an episode."""

    OPEN = 0, "open"
    REPAIRED = 1, "repaired"
    REPAIRED_UNCONFIRMED = 2, "repaired_unconfirmed"
    PARTIAL = 3, "partial"
    UNREPAIRED = 4, "unrepaired"
    INDETERMINATE = 5, "indeterminate"
    OVER = 6, "over"
    REVERSED = 7, "reversed"
    HELD = 8, "held"
    RENEWED = 9, "renewed"


class OnsetKind(Code):
    """How a person came down to the rating that an episode begins with."""

    PRECIPITOUS = 0, "precipitous"
    EROSION = 1, "erosion"
    UNKNOWN = 2, "unknown"


class Shape(Code):
    """The course of an episode as a picture."""

    NONE = 0, None
    V = 1, "V"
    U = 2, "U"
    PROLONGED = 3, "prolonged"
    L = 4, "L"
