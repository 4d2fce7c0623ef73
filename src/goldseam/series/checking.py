"""Cells of a table of ratings: each has its type and lies where it may."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goldseam.exceptions import TableError

if TYPE_CHECKING:
    import polars as pl

KEYS = ("case", "rater", "scale", "phase")
REQUIRED = ("case", "rater", "scale", "session", "value")
COLUMNS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum", "date")
NUMBERS = ("session", "value", "minimum", "maximum")
MISSING_WORDS = ("", "NA", "NaN", "nan")
LARGEST_SESSION = 2**31 - 1
ROW = "row"


@dataclass(frozen=True)
class Checks:
    """Refuses a table at its first bad cell, naming file, row and column."""

    file: str | Path | None
    first_row: int

    def refuse(
        self, problem: str, *, row: int | None = None, column: str | None = None, **what: object
    ) -> TableError:
        number = None if row is None else row + self.first_row
        return TableError(problem, file=self.file, row=number, column=column, **what)  # type: ignore[arg-type]

    def none(
        self, table: "pl.DataFrame", bad: "pl.Expr | pl.Series", column: str, problem: str, allowed: str
    ) -> None:
        """Refuse the first row of which something bad holds, if there is one; the cell is in the named column.

        What is allowed may name other columns of the row in braces.
        """
        where = table.select(bad).to_series()
        if where.any():
            first = table.row(int(where.arg_true()[0]), named=True)
            given, allowed = _as_typed(first[column]), allowed.format(**first)
            raise self.refuse(problem, row=first[ROW], column=column, given=given, allowed=allowed)


def _as_typed(value: object) -> object:
    """A whole number as people write it: 11, not 11.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def checked_table(table: "pl.DataFrame", checks: Checks, further: Sequence[str] = ()) -> "pl.DataFrame":
    """The known columns, and further ones that are numbers, with their types, every cell checked on its own."""
    import polars as pl

    _check_columns(table, checks)
    known = table.select(*(name for name in COLUMNS if name in table.columns), *further).with_row_index(ROW)
    if all(known.null_count().row(0)[1:]):
        known = known.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    if known.is_empty():
        raise checks.refuse("the table has no rows", allowed="one row or more below the header")
    wanted = (*COLUMNS, *further)
    typed = pl.DataFrame([known.get_column(ROW), *(_converted(known, name, checks) for name in wanted)])
    _check_sessions(typed, checks)
    _check_ranges(typed, checks)
    return typed


def _check_columns(table: "pl.DataFrame", checks: Checks) -> None:
    found = ", ".join(table.columns[:12]) or "none"
    for name in REQUIRED:
        if name not in table.columns:
            raise checks.refuse(f"there is no column {name}", given=found, allowed=", ".join(REQUIRED))
    if ("minimum" in table.columns) != ("maximum" in table.columns):
        raise checks.refuse(
            "minimum and maximum belong together", given=found, allowed="both columns, or neither"
        )


def _converted(known: "pl.DataFrame", name: str, checks: Checks) -> "pl.Series":
    import polars as pl

    if name not in known.columns:
        kind = pl.Float64 if name in NUMBERS else pl.Date if name == "date" else pl.String
        return pl.Series(name, [None], dtype=kind).extend_constant(None, known.height - 1)
    if name in KEYS:
        return _as_key(known, name, checks)
    return _as_date(known, checks) if name == "date" else _as_number(known, name, checks)


def _as_key(known: "pl.DataFrame", name: str, checks: Checks) -> "pl.Series":
    import polars as pl

    column = known.get_column(name)
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
        column = column.cast(pl.String)
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        raise checks.refuse(
            "wrong type", column=name, given=str(column.dtype), allowed="text or whole numbers"
        )
    if name != "phase":
        checks.none(known, column.is_null(), name, "no name", "a name in every row")
    return column


def _as_number(known: "pl.DataFrame", name: str, checks: Checks) -> "pl.Series":
    import polars as pl

    column = known.get_column(name)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        column = column.set(column.is_in(MISSING_WORDS), None)
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise checks.refuse("wrong type", column=name, given=str(column.dtype), allowed="numbers")
    number = column.cast(pl.Float64, strict=False)
    if number.null_count() == column.null_count() and number.is_finite().all():
        return number
    unusable = (number.is_null() & column.is_not_null()) | number.is_infinite().fill_null(value=False)
    checks.none(known, unusable, name, "not a number", "a finite number")
    return number.fill_nan(None)


def _as_date(known: "pl.DataFrame", checks: Checks) -> "pl.Series":
    import polars as pl

    column = known.get_column("date")
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        column = column.set(column.is_in(MISSING_WORDS), None)
        date = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    elif column.dtype.is_temporal() or column.dtype == pl.Null:
        date = column.cast(pl.Date, strict=False)
    else:
        raise checks.refuse("wrong type", column="date", given=str(column.dtype), allowed="dates")
    checks.none(known, date.is_null() & column.is_not_null(), "date", "not a date", "YYYY-MM-DD")
    return date


def _check_sessions(typed: "pl.DataFrame", checks: Checks) -> None:
    import polars as pl

    session = pl.col("session")
    bad = session.is_null() | (session != session.round()) | (session < 1) | (session > LARGEST_SESSION)
    checks.none(typed, bad, "session", "not the number of a session", "a whole number from 1 on")


def _check_ranges(typed: "pl.DataFrame", checks: Checks) -> None:
    import polars as pl

    minimum, maximum, value = pl.col("minimum"), pl.col("maximum"), pl.col("value")
    checks.none(typed, minimum.is_null() & maximum.is_not_null(), "minimum", "no minimum", "a number")
    checks.none(typed, maximum.is_null() & minimum.is_not_null(), "maximum", "no maximum", "a number")
    below = "a number below the maximum {maximum:g}"
    checks.none(typed, minimum >= maximum, "minimum", "impossible range", below)
    outside, within = (
        (value < minimum) | (value > maximum),
        "{minimum:g} to {maximum:g}, or empty if not rated",
    )
    checks.none(typed, outside, "value", "outside the scale's range", within)
