"""What is said of a table with faults: all of them at once, each with how often it occurs and in which rows first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Integers
from goldseam.exceptions import TableError, TableNote
from goldseam.series.suspicious import Refusing, first_rows
from goldseam.series.table_columns import KEYS, REQUIRED, ROW

if TYPE_CHECKING:
    import polars as pl


def keep_bad_cells(checks: Refusing, bad: "pl.DataFrame", column: str, problem: str, allowed: str) -> None:
    """Keep rows whose cell in a column cannot be used; the text of what is allowed may name columns in braces."""
    first = bad.row(0, named=True)
    rows = bad.get_column(ROW)
    checks.bad_rows.update(rows.to_list())
    given, wanted = _as_typed(first[column]), allowed.format(**first)
    problem += _count(rows + checks.first_row)
    checks.errors.append(checks.refuse(problem, row=first[ROW], column=column, given=given, allowed=wanted))


def _count(rows: "pl.Series | Integers") -> str:
    return f" in {len(rows)} rows ({first_rows(rows)})" if len(rows) > 1 else ""


def _as_typed(value: object) -> object:
    """A whole number as people write it: 11, not 11.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def tell_and_refuse(checks: Refusing) -> None:
    """Say in one line what was recognised; refuse the table if it has faults."""
    if checks.notes:
        told = "; ".join(dict.fromkeys(checks.notes))
        checks.notes.clear()
        warn(" ".join(f"{checks.file or 'table'}: read as {told}".split()), TableNote, stacklevel=2)
    if checks.errors:
        raise one_error(checks.errors)


def one_error(errors: Sequence[TableError]) -> TableError:
    """One error that says all; each fault once."""
    faults = list(dict.fromkeys(error.fault for error in errors))
    if len(faults) == 1:
        return errors[0]
    return TableError(f"{len(faults)} kinds of faults", file=errors[0].file, faults=faults)


def check_duplicates(typed: "pl.DataFrame", order: Integers, checks: Refusing) -> None:
    """Refuse a session that occurs twice in a series; rows are given in order of series and session."""
    sorted_rows = typed[order]
    same = sorted_rows.select(again=_unchanged(*KEYS, "session").fill_null(value=False)).to_series()
    again = np.flatnonzero(same.to_numpy())
    if not again.size:
        return
    rows = sorted_rows.get_column(ROW).to_numpy().astype(np.int64)
    # the sort is stable, so the later of two equal rows is the later in the file
    repeated = int(again[np.argmin(rows[again])])
    person = sorted_rows.row(repeated, named=True)
    name = ", ".join(f"{key} {person[key]}" for key in KEYS if person[key] is not None)
    earlier = rows[repeated - 1] + checks.first_row
    repeats = np.sort(rows[again]) + checks.first_row
    count = f"; {len(repeats)} rows repeat one: {first_rows(repeats)}" if len(repeats) > 1 else ""
    raise checks.refuse(
        f"{name}: this session is already in row {earlier}",
        row=int(rows[repeated]),
        column="session",
        given=int(person["session"]),
        allowed=f"each session once{count}",
    )


def _unchanged(*columns: str) -> "pl.Expr":
    import polars as pl

    return pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in columns)


def range_change(
    typed: "pl.DataFrame",
    name: str,
    order: Integers | slice,
    where: NDArray[np.bool_],
    checks: Refusing,
) -> TableError:
    """That a bound changes within a series, where it does."""
    row = int(np.arange(typed.height)[order][np.flatnonzero(where)[0]])
    return checks.refuse(
        f"the {'step' if name == 'step' else 'range'} changes within a series",
        row=int(typed.get_column(ROW).item(row)),
        column=name,
        given=_as_typed(typed.get_column(name).item(row)),
        allowed=f"the same {name} in every row of a series",
    )


def refuse_columns(names: Sequence[str], checks: Refusing) -> None:
    """Refuse a table without the columns that are needed, or with half a range."""
    found = ", ".join(names[:12]) or "none"
    for name in REQUIRED:
        if name not in names:
            checks.errors.append(
                checks.refuse(f"there is no column {name}", given=found, allowed=", ".join(REQUIRED))
            )
    if ("minimum" in names) != ("maximum" in names):
        error = checks.refuse(
            "minimum and maximum belong together", given=found, allowed="both columns, or neither"
        )
        checks.errors.append(error)
    tell_and_refuse(checks)
