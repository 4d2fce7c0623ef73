"""Checks of ratings at their times: faults are told as the table has it; what nobody can square is one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldseam.exceptions import TableError
from goldseam.series.table import TableChecks
from goldseam.series.table_columns import ROW

if TYPE_CHECKING:
    import polars as pl

LARGEST, SMALLEST = 1e50, 1e-50
"""Sizes of ratings and times whose squares, and sums of these, have a number in the computer."""


@dataclass(frozen=True)
class TimedChecks(TableChecks):
    """Names times and columns as the table has them, not as they were numbered and arranged.

    Attributes
    ----------
    times : polars.Series, optional
        The times that the numbers of sessions stand for, from 1 on.
    time, value : str
        What the columns of times and of ratings are called.
    """

    times: "pl.Series | None" = None
    time: str = "session"
    value: str = "value"

    def refuse(
        self, problem: str, *, row: int | None = None, column: str | None = None, **what: object
    ) -> TableError:
        if column == "session" and self.times is not None:
            column, given = self.time, what.get("given")
            if isinstance(given, int) and 0 < given <= len(self.times):
                what["given"] = _as_typed(self.times[given - 1])
        column = self.value if column == "value" else column
        return super().refuse(problem, row=row, column=column, **what)


def _as_typed(time: Any) -> Any:
    """A whole number as people write it: 30, not 30.0."""
    return int(time) if isinstance(time, float) and time.is_integer() else time


def check_sizes(typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Refuse ratings that cannot be squared and summed up.

    Parameters
    ----------
    typed : polars.DataFrame
        With ``value`` and the number of each row.
    checks : TableChecks
        Knows the file.

    Raises
    ------
    TableError
        A rating is too large or too small.
    """
    sizes = typed.get_column("value").abs()
    for bad, word in ((sizes > LARGEST, "large"), ((sizes < SMALLEST) & (sizes > 0), "small")):
        if bad.any():
            raise checks.refuse(
                f"too {word} to compute with",
                row=int(typed.filter(bad).get_column(ROW)[0]),
                column="value",
                given=typed.filter(bad).get_column("value")[0],
                allowed=f"0, and numbers from {SMALLEST:g} to {LARGEST:g} in size",
            )
