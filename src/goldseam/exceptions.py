"""What can go wrong in Goldseam, on one page.

::

    GoldseamError
    ├── MissingExtraError (also ImportError)   a library that comes with an extra is not installed
    └── InputError (also a ValueError)     what was given cannot be used
        ├── TableError                     a table of ratings: file, row, column
        ├── MeasureError                   the definition of a measure: file, path
        ├── ParameterError                 an argument or option outside its range
        └── NormsError                     a norms file
            └── RangeUnknownError      also a ParameterError: a scale's range is needed and nowhere stated

    TableWarning (a UserWarning)           a table that was read, but may not be what it looks like
    └── TableNote                          what was recognised in it, and can be overruled

Every message is one line that says what was given, where, and what is allowed; a table with several kinds of
faults has a line for each. "Not enough data" is a result, never an exception.
"""

from collections.abc import Sequence
from pathlib import Path

_NOTHING_GIVEN = object()
_LONGEST_VALUE = 60


class GoldseamError(Exception):
    """Anything Goldseam raises on purpose."""


class InputError(GoldseamError, ValueError):
    """What was given cannot be used; the message says what is allowed.

    Parameters
    ----------
    problem : str
        What is wrong, in words, without a full stop.
    file : str or Path, optional
        The file that was being read.
    where : str, optional
        The place inside it, for example ``"row 7, column value"`` or ``"items.3.key"``.
    given : object, optional
        The value that was found; ``None`` is a value and is shown.
    allowed : str, optional
        What would have been accepted, in words.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        where: str | None = None,
        given: object = _NOTHING_GIVEN,
        allowed: str | None = None,
    ) -> None:
        self.file = file
        message = f"{where}: {problem}" if where else problem
        if given is not _NOTHING_GIVEN:
            message += f"; given {_shown(given)}"
        if allowed is not None:
            message += f"; allowed: {allowed}"
        self.fault = " ".join(message.split())
        separator = ", " if where else ": "
        super().__init__(
            self.fault if file is None else f"{' '.join(str(file).split())}{separator}{self.fault}"
        )


class MissingExtraError(GoldseamError, ImportError):
    """A library that comes with an extra is not installed; the message holds the line that installs it.

    Parameters
    ----------
    problem : str
        What needs it.
    file : str or Path, optional
        The file that was being read.
    allowed : str
        The line that installs it.
    """

    def __init__(self, problem: str, *, file: str | Path | None = None, allowed: str) -> None:
        place = "" if file is None else f"{file}: "
        super().__init__(f"{place}{problem}; allowed: {allowed}")


class TableError(InputError):
    """A table cannot be used as ratings.

    Parameters
    ----------
    problem : str
        What is wrong, in words.
    file : str or Path, optional
        The file that was being read.
    row : int, optional
        The row as a spreadsheet shows it: the header is row 1.
    column : str, optional
        The column.
    given, allowed
        As for `InputError`.
    faults : sequence of str
        Several faults, each of which becomes a line of its own.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
        given: object = _NOTHING_GIVEN,
        allowed: str | None = None,
        faults: Sequence[str] = (),
    ) -> None:
        parts = [f"row {row}" if row is not None else "", f"column {column}" if column else ""]
        where = ", ".join(part for part in parts if part) or None
        super().__init__(problem, file=file, where=where, given=given, allowed=allowed)
        self.faults = tuple(faults) or (self.fault,)
        self.args = ("\n  ".join([*self.args, *faults]),)


class TableWarning(UserWarning):
    """A table was read, but something in it may not be what it looks like; the message says what and in which rows.

    The commands say it on standard error. `warnings.filterwarnings` turns it into an error, or off.
    """


class TableNote(TableWarning):
    """What was recognised in a table, and how to overrule it; the result is right if the note is."""


class MeasureError(InputError):
    """The definition of a measure breaks the schema or contradicts itself."""


class ParameterError(InputError):
    """An argument or option has the wrong type or lies outside its range."""


class NormsError(InputError):
    """A norms file cannot be read or holds impossible values."""


class RangeUnknownError(NormsError, ParameterError):
    """What was asked for needs the range of a scale, and neither ratings nor norms state it."""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
