"""A table of ratings: read from a CSV or Parquet file, checked cell by cell, laid out as flat arrays of many series."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import TableError
from goldseam.series.evidence import ALLOWED, evidence_columns
from goldseam.series.missing_codes import CODES, MissingCodes
from goldseam.series.table_columns import FIRST_SERIAL_DATE, KEYS, ROW, folded

if TYPE_CHECKING:
    import polars as pl

REQUIRED = ("case", "rater", "scale", "session", "value")
COLUMNS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum", "date")
NUMBERS = ("session", "value", "minimum", "maximum")
UNCODED = ("session", "minimum", "maximum")
MISSING_WORDS = ("", "NA", "NaN", "nan")
LARGEST_SESSION = 2**31 - 1


def read_table(path: Path, *, evidence: bool = False) -> tuple["pl.DataFrame", int]:
    """The raw table and the number of its first row: 2 in CSV, as a spreadsheet shows it, else 1."""
    readers: dict[str, tuple[Callable[[Path], pl.DataFrame], int]] = {
        ".csv": (_read_csv, 2),
        ".parquet": (partial(_read_parquet, evidence=evidence), 1),
    }
    if path.suffix.lower() not in readers:
        raise TableError("unknown kind of file", file=path, given=path.suffix, allowed=".csv or .parquet")
    if not path.is_file():
        problem = "is not a file" if path.exists() else "no such file"
        raise TableError(problem, file=path, allowed="the path of a .csv or .parquet file")
    reader, first_row = readers[path.suffix.lower()]
    try:
        return reader(path), first_row
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror or error})", file=path) from None


def _read_csv(path: Path) -> "pl.DataFrame":
    import polars as pl

    with path.open("rb") as stream:
        head = stream.read(65536)
    if not head.strip():
        raise TableError("the file is empty", file=path, allowed=f"a header with {', '.join(REQUIRED)}")
    if b"\0" in head:
        raise TableError("is not text", file=path, allowed="comma-separated text in UTF-8")
    try:
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"is not comma-separated text in UTF-8 ({reason})", file=path) from None


def _read_parquet(path: Path, *, evidence: bool) -> "pl.DataFrame":
    import polars as pl

    if path.stat().st_size == 0:
        raise TableError("the file is empty", file=path, allowed="a Parquet file")
    try:
        present = pl.read_parquet_schema(path)
        wanted = [name for name in COLUMNS if name in present]
        return pl.read_parquet(path, columns=wanted + (evidence_columns(present) if evidence else []))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        # a damaged file can make the reader panic rather than refuse
        reason = str(error).splitlines()[0]
        raise TableError(f"is not a Parquet file ({reason})", file=path) from None


@dataclass(frozen=True)
class TableChecks:
    """Refuses a table at its first bad cell, naming file, row and column."""

    file: str | Path | None
    first_row: int
    codes: MissingCodes = field(default_factory=MissingCodes)

    def refuse(
        self, problem: str, *, row: int | None = None, column: str | None = None, **what: object
    ) -> TableError:
        number = None if row is None else row + self.first_row
        return TableError(problem, file=self.file, row=number, column=column, **what)  # type: ignore[arg-type]

    def refuse_where(
        self, table: "pl.DataFrame", bad: "pl.Expr | pl.Series", column: str, problem: str, allowed: str
    ) -> None:
        """Refuse the first row where `bad` holds, if there is one, naming the cell in the given column.

        The text of what is allowed may name other columns of the row in braces.
        """
        where = table.select(bad).to_series()
        if where.any():
            first = table.row(int(where.arg_true()[0]), named=True)
            given, allowed = _as_typed(first[column]), allowed.format(**first)
            raise self.refuse(problem, row=first[ROW], column=column, given=given, allowed=allowed)


def _as_typed(value: object) -> object:
    """A whole number as people write it: 11, not 11.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def checked_table(
    table: "pl.DataFrame", checks: TableChecks, evidence_names: Sequence[str] = ()
) -> "pl.DataFrame":
    """The known columns and those of evidence, with their types, every cell checked on its own."""
    import polars as pl

    _check_columns(table, checks)
    known = table.select(
        *(name for name in COLUMNS if name in table.columns), *evidence_names
    ).with_row_index(ROW)
    if all(known.null_count().row(0)[1:]):
        known = known.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    if known.is_empty():
        raise checks.refuse("the table has no rows", allowed="one row or more below the header")
    wanted = (*COLUMNS, *evidence_names)
    typed = pl.DataFrame([known.get_column(ROW), *(_converted(known, name, checks) for name in wanted)])
    _check_sessions(typed, checks)
    _check_ranges(typed, checks)
    _check_outlying(typed, checks)
    _check_evidence(typed, evidence_names, checks)
    return typed


def _check_columns(table: "pl.DataFrame", checks: TableChecks) -> None:
    found = ", ".join(table.columns[:12]) or "none"
    for name in (*COLUMNS, *ALLOWED):
        if f"{name}_duplicated_0" in table.columns:  # as polars calls the second one
            raise checks.refuse("there are several columns of this name", column=name, allowed="one")
    for name in REQUIRED:
        if name not in table.columns:
            raise checks.refuse(f"there is no column {name}", given=found, allowed=", ".join(REQUIRED))
    if ("minimum" in table.columns) != ("maximum" in table.columns):
        raise checks.refuse(
            "minimum and maximum belong together", given=found, allowed="both columns, or neither"
        )


def _converted(known: "pl.DataFrame", name: str, checks: TableChecks) -> "pl.Series":
    import polars as pl

    if name not in known.columns:
        kind = pl.Float64 if name in NUMBERS else pl.Date if name == "date" else pl.String
        return pl.Series(name, [None], dtype=kind).extend_constant(None, known.height - 1)
    if name in KEYS:
        return _as_key(known, name, checks)
    if name == "date":
        return _as_date(known, checks)
    return _as_number(known, name, checks, MissingCodes() if name in UNCODED else checks.codes)


def _as_key(known: "pl.DataFrame", name: str, checks: TableChecks) -> "pl.Series":
    import polars as pl

    column = known.get_column(name)
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = _checked_names(column, checks)
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        raise checks.refuse(
            "wrong type", column=name, given=str(column.dtype), allowed="text or whole numbers"
        )
    if name != "phase":
        checks.refuse_where(known, column.is_null(), name, "no name", "a name in every row")
    return column


def _checked_names(column: "pl.Series", checks: TableChecks) -> "pl.Series":
    """The names without blanks at their ends; that, and names that are one to the eye, are told."""
    names = column.filter(column.ne_missing(column.shift())).unique().drop_nulls()
    bare = names.str.strip_chars().unique()
    if not bare.sort().equals(names.sort()):
        from goldseam.series.suspicious import stripped_names

        column = stripped_names(column, checks)
    plain = (bare.str.len_bytes() == bare.str.len_chars()).all()  # ASCII, which is quicker
    if (bare.str.to_lowercase().n_unique() if plain else len({*map(folded, bare)})) < len(bare):
        from goldseam.series.suspicious import tell_similar_names

        tell_similar_names(column.name, bare, checks)
    return column


def _as_number(known: "pl.DataFrame", name: str, checks: TableChecks, codes: MissingCodes) -> "pl.Series":
    import polars as pl

    column = known.get_column(name)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        column = column.set(column.is_in([*MISSING_WORDS, *codes.words]), None)
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise checks.refuse("wrong type", column=name, given=str(column.dtype), allowed="numbers")
    number = column.cast(pl.Float64, strict=False)
    if codes.numbers:
        coded = number.is_in(codes.numbers)
        number, column = number.set(coded, None), column.set(coded, None)
    if number.null_count() == column.null_count() and number.is_finite().all():
        return number
    unusable = (number.is_null() & column.is_not_null()) | number.is_infinite().fill_null(value=False)
    checks.refuse_where(known, unusable, name, "not a number", "a finite number")
    return number.fill_nan(None)


def _as_date(known: "pl.DataFrame", checks: TableChecks) -> "pl.Series":
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
    checks.refuse_where(known, date.is_null() & column.is_not_null(), "date", "not a date", "YYYY-MM-DD")
    return date


def _check_sessions(typed: "pl.DataFrame", checks: TableChecks) -> None:
    import polars as pl

    session = pl.col("session")
    bad = session.is_null() | (session != session.round()) | (session < 1) | (session > LARGEST_SESSION)
    checks.refuse_where(typed, bad, "session", "not the number of a session", "a whole number from 1 on")
    if typed.select(session.min() > FIRST_SERIAL_DATE).item():
        from goldseam.series.suspicious import refuse_dates

        refuse_dates(typed, checks)


def _check_ranges(typed: "pl.DataFrame", checks: TableChecks) -> None:
    import polars as pl

    minimum, maximum, value = pl.col("minimum"), pl.col("maximum"), pl.col("value")
    checks.refuse_where(typed, minimum.is_null() & maximum.is_not_null(), "minimum", "no minimum", "a number")
    checks.refuse_where(typed, maximum.is_null() & minimum.is_not_null(), "maximum", "no maximum", "a number")
    below = "a number below the maximum {maximum:g}"
    checks.refuse_where(typed, minimum >= maximum, "minimum", "impossible range", below)
    outside, within = (
        (value < minimum) | (value > maximum),
        "{minimum:g} to {maximum:g}, or empty if not rated",
    )
    checks.refuse_where(typed, outside, "value", "outside the scale's range", within)


def _check_outlying(typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Refuse what looks like a code for a missing rating, where no range says what a rating can be."""
    import polars as pl

    candidates = typed.select(pl.col("minimum").is_null() & pl.col("value").is_in(CODES)).to_series()
    if candidates.any() and not checks.codes.outlying_are_real:
        from goldseam.series.suspicious import refuse_codes

        refuse_codes(typed, candidates, checks)


def _check_evidence(typed: "pl.DataFrame", names: Sequence[str], checks: TableChecks) -> None:
    """Refuse evidence outside the value's range, or that is none of what its column allows."""
    import polars as pl

    for name in names:
        number = pl.col(name)
        if name not in ALLOWED:
            outside = (number < pl.col("minimum")) | (number > pl.col("maximum"))
            checks.refuse_where(typed, outside, name, "outside the scale's range", "minimum to maximum")
            continue
        bad = {"tension": ~number.is_in([0.0, 1.0, 2.0]), "late": ~number.is_in([0.0, 1.0])}.get(
            name, number < 0
        )
        checks.refuse_where(typed, bad, name, "no such answer", ALLOWED[name])


def flat_arrays(
    typed: "pl.DataFrame", checks: TableChecks, evidence_names: Sequence[str] = ()
) -> dict[str, Any]:
    """The fields of `RatingSeries`, rows sorted by series and session, each session of a series once."""
    keys, series = _series_of_rows(typed)
    session = typed.get_column("session").to_numpy().astype(np.int64)
    order = _order(series, session)
    series, session = series[order], session[order]
    if not isinstance(order, slice):
        _check_duplicates(typed, order, series, session, checks)
    first = np.searchsorted(series, np.arange(keys.height))
    value = _numbers(typed, "value")[order]
    present = ~np.isnan(value)
    rated, missed = slice(None) if present.all() else present, ~present
    lengths = np.bincount(series[rated], minlength=keys.height)
    return {
        "keys": keys,
        "starts": np.concatenate(([0], np.cumsum(lengths))),
        "session": session[rated],
        "value": value[rated],
        "day": _numbers(typed, "date")[order][rated],
        "minimum": _bound(typed, "minimum", order, first, checks),
        "maximum": _bound(typed, "maximum", order, first, checks),
        "missed_series": series[missed],
        "missed_session": session[missed],
        "evidence": {name: _numbers(typed, name)[order][rated] for name in evidence_names},
    }


def _series_of_rows(typed: "pl.DataFrame") -> tuple["pl.DataFrame", Integers]:
    """The different series, sorted, and which of them each row belongs to.

    Rows of a series mostly stand together, and series mostly in order: then the first row of each is enough.
    """
    begins = np.flatnonzero(_begins(typed))
    lengths = np.diff(begins, append=typed.height)
    heads = typed.select(KEYS)[begins]
    keys = heads.sort(KEYS)
    if keys.equals(heads):
        return keys, np.repeat(np.arange(keys.height), lengths)
    keys = keys.unique(maintain_order=True)
    found = heads.join(
        keys.with_row_index("series"), on=KEYS, how="left", nulls_equal=True, maintain_order="left"
    )
    return keys, np.repeat(found.get_column("series").to_numpy().astype(np.int64), lengths)


def _begins(typed: "pl.DataFrame") -> NDArray[np.bool_]:
    """Whether a row belongs to another series than the row above."""
    begins = np.zeros(typed.height, np.bool_)
    begins[0] = True
    for column in typed.select(KEYS).get_columns():
        if not column.eq_missing(column[0]).all():  # quicker than what follows, and mostly enough
            begins[1:] |= column[1:].ne_missing(column[:-1]).to_numpy()
    return begins


def _order(series: Integers, session: Integers) -> Integers | slice:
    """The rows by series and session; all as they are where they are in order, each session once."""
    place = series * (LARGEST_SESSION + 1) + session
    if np.all(place[1:] > place[:-1]):
        return slice(None)
    return np.argsort(place, kind="stable")


def _numbers(typed: "pl.DataFrame", name: str) -> Floats:
    """A column as floats, NaN where missing; dates as days since 1970-01-01."""
    import polars as pl

    column = typed.get_column(name)
    if column.null_count() == len(column):
        return np.broadcast_to(np.nan, len(column))  # takes no memory
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32).cast(pl.Float64)
    return column.fill_null(float("nan")).to_numpy()


def _check_duplicates(
    typed: "pl.DataFrame", order: Integers, series: Integers, session: Integers, checks: TableChecks
) -> None:
    again = np.flatnonzero((series[1:] == series[:-1]) & (session[1:] == session[:-1]))
    if not again.size:
        return
    from goldseam.series.suspicious import first_rows

    rows = typed.get_column(ROW).to_numpy()[order]
    # the sort is stable, so the later of two equal rows is the later in the file
    repeated = again[np.argmin(rows[again + 1])] + 1
    person = typed.row(int(order[repeated]), named=True)
    name = ", ".join(f"{key} {person[key]}" for key in KEYS if person[key] is not None)
    earlier = rows[repeated - 1] + checks.first_row
    repeats = np.sort(rows[again + 1]) + checks.first_row
    count = f"; {len(repeats)} rows repeat one: {first_rows(repeats)}" if len(repeats) > 1 else ""
    raise checks.refuse(
        f"{name}: this session is already in row {earlier}",
        row=int(rows[repeated]),
        column="session",
        given=int(session[repeated]),
        allowed=f"each session once{count}",
    )


def _bound(
    typed: "pl.DataFrame", name: str, order: Integers | slice, first: Integers, checks: TableChecks
) -> Floats:
    """One bound of the scale per series; rows may leave it out but not contradict each other."""
    bound = _numbers(typed, name)[order]
    inside = np.ones(len(bound), np.bool_)
    inside[first] = False
    if np.isnan(bound).all() or not np.any((bound[1:] != bound[:-1]) & inside[1:]):
        return bound[first]
    lowest, highest = np.fmin.reduceat(bound, first), np.fmax.reduceat(bound, first)
    if np.any(lowest < highest):
        expected = np.repeat(lowest, np.diff(first, append=len(bound)))
        raise _range_change_error(typed, name, order, bound > expected, checks)
    return lowest


def _range_change_error(
    typed: "pl.DataFrame", name: str, order: Integers | slice, where: NDArray[np.bool_], checks: TableChecks
) -> TableError:
    row = int(np.arange(typed.height)[order][np.flatnonzero(where)[0]])
    return checks.refuse(
        "the range changes within a series",
        row=int(typed.get_column(ROW).item(row)),
        column=name,
        given=typed.get_column(name).item(row),
        allowed=f"the same {name} in every row of a series",
    )
