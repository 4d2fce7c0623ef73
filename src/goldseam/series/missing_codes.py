"""Values that look like codes for a missing rating: -99, 999 and their kind, where the scale's range is not stated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError

REAL = "real"
FEW, MANY, REPEATED = 5, 20, 3
SHORTEST_LONG_CODE = 666
TWO_DIGITS = 10
LONG_CODES = [int(digit * count) for count in (3, 4, 5) for digit in "6789"] + [996, 997, 998]
RARER = [*(sign * code for code in (66, 77, 88, 96, 97, 98) for sign in (1, -1)), -7, -8, -9]
CODES = [float(code) for code in (99, -99, *LONG_CODES, *(-code for code in LONG_CODES), *RARER)]


@dataclass(frozen=True)
class MissingCodes:
    """What stands for a missing rating, as the user says it.

    Attributes
    ----------
    numbers : tuple of float
    words : tuple of str
    outlying_are_real : bool
        Whether values that look like codes are ratings all the same.
    """

    numbers: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    outlying_are_real: bool = False

    @classmethod
    def of(cls, missing: "float | str | Sequence[float | str]", outlying: str | None) -> "MissingCodes":
        """The codes from what was given.

        Parameters
        ----------
        missing : float, str or sequence of them
            Numbers, or words with commas between them.
        outlying : str or None
            *real* or None.

        Returns
        -------
        MissingCodes

        Raises
        ------
        ParameterError
            Outlying is anything else, or a code is not a number and no word.
        """
        if outlying not in (None, REAL):
            raise ParameterError("no such choice", where="outlying", given=outlying, allowed=REAL)
        given = [missing] if isinstance(missing, str | int | float) else list(missing)
        texts = [part.strip() for each in given for part in str(each).split(",")]
        numbers = {text: _number(text) for text in texts}
        words = tuple(text for text, number in numbers.items() if number is None)
        found = tuple(number for number in numbers.values() if number is not None)
        return cls(found, words, outlying == REAL)


def _number(text: str) -> float | None:
    if not text:
        allowed = "numbers or words with commas between them, such as -99,999"
        raise ParameterError("not a code", where="missing", given=text, allowed=allowed)
    try:
        return float(text)
    except ValueError:
        return None


def outlying_codes(values: Floats) -> list[float]:
    """The codes among the ratings of one scale that lie far outside of what it otherwise holds.

    Parameters
    ----------
    values : ndarray of float
        Ratings; NaN where missing.

    Returns
    -------
    list of float
        By the rule in ``docs/reference/command-line.md``, ascending.
    """
    coded = np.isin(values, CODES)
    rest = values[~coded & ~np.isnan(values)]
    if len(rest) < FEW:
        return []
    others = np.unique(rest)
    found, times = np.unique(values[coded], return_counts=True)
    return [
        float(code)
        for code, count in zip(found.tolist(), times.tolist(), strict=True)
        if _far_away(code, count, others, many=len(rest) >= MANY)
    ]


def _far_away(code: float, count: int, others: Floats, *, many: bool) -> bool:
    """Whether a code that occurs so often lies too far from the other ratings, given in order, each once."""
    low, high = float(others[0]), float(others[-1])
    span = max(high - low, 1.0)
    gap = float(np.diff(others).max(initial=0.0))
    distance = code - high if code > 0 else low - code
    if abs(code) < SHORTEST_LONG_CODE and low < 0:
        return False  # a scale with a middle at 0 has such ratings
    if not many:
        gap = 0.0
    if code > 0:
        span = max(span, abs(high))
    if not many and code in RARER:
        return False
    if code in RARER:
        often = code < 0 and count >= REPEATED and distance > max(span / 2, 2 * gap)
        return often or (abs(code) >= TWO_DIGITS and distance > 2 * span)
    return distance > max(span, 2 * gap)
