"""A table of ratings: checked cell by cell, laid out as flat arrays of many series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import TableError
from goldseam.series.evidence import check_evidence
from goldseam.series.missing_codes import CODES, MissingCodes
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.table_columns import COLUMNS, FIRST_SERIAL_DATE, KEYS, NUMBERS, REQUIRED, ROW, folded

if TYPE_CHECKING:
    import polars as pl

UNCODED = ("session", "minimum", "maximum", "step")
MISSING_WORDS = ("", "NA", "NaN", "nan")
NO_NAMES = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", ".", "#N/A")
NUMBERS_BEGIN = (*"0123456789+-.", "inf", "nan")
FEW_ROWS = 1_000
LARGEST_SESSION = 2**31 - 1


@dataclass(frozen=True)
class TableChecks:
    """Refuses a table with every fault that was found, naming file, rows and columns.

    Attributes
    ----------
    file : str or Path, optional
        Named in errors.
    first_row : int
        The number of the first row.
    codes : MissingCodes
        What stands for a missing rating.
    options : ReadOptions
        What else the user said of the table.
    errors : list of TableError
        The faults so far.
    bad_rows : set of int
        Rows with one of them, which are left out of what is checked next.
    notes : list of str
        What was recognised in cells.
    """

    file: str | Path | None
    first_row: int
    codes: MissingCodes = field(default_factory=MissingCodes)
    options: ReadOptions = field(default_factory=ReadOptions)
    errors: list[TableError] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def refuse(
        self, problem: str, *, row: int | None = None, column: str | None = None, **what: object
    ) -> TableError:
        number = None if row is None else row + self.first_row
        return TableError(problem, file=self.file, row=number, column=column, **what)  # type: ignore[arg-type]

    def refuse_where(
        self, table: "pl.DataFrame", bad: "pl.Expr | pl.Series", column: str, problem: str, allowed: str
    ) -> None:
        """Keep the rows where `bad` holds as faults, naming the first cell in the given column.

        The text of what is allowed may name other columns of the row in braces.
        """
        where = table.select(bad).to_series()
        if where.any():
            from goldseam.series.faults import keep_bad_cells

            keep_bad_cells(self, table.filter(where.fill_null(value=False)), column, problem, allowed)

    def collect(self, check: Callable[..., None], *given: Any) -> None:
        """Make a check and keep what it refuses."""
        try:
            check(*given)
        except TableError as error:
            self.errors.append(error)

    def good_rows(self, typed: "pl.DataFrame") -> "pl.DataFrame":
        """The rows without a fault."""
        import polars as pl

        return typed.filter(~pl.col(ROW).is_in([*self.bad_rows])) if self.bad_rows else typed

    def finish(self) -> None:
        """Say what was recognised, and refuse the table if any fault was found."""
        if self.notes or self.errors:
            from goldseam.series.faults import tell_and_refuse

            tell_and_refuse(self)


def checked_table(raw: RawTable, checks: TableChecks, evidence_names: Sequence[str] = ()) -> "pl.DataFrame":
    """The known columns and those of evidence, with their types, every cell checked on its own.

    Rows with a fault are left out; `TableChecks.finish` refuses them.
    """
    import polars as pl

    _check_columns(raw.table.columns, checks)
    known = raw.table.select(*_columns_read(raw.table.columns), *evidence_names)
    offsets = raw.rows if raw.rows is not None else pl.int_range(known.height, dtype=pl.UInt32, eager=True)
    known = known.insert_column(0, offsets.alias(ROW))
    if all(known.null_count().row(0)[1:]):
        known = known.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    if known.is_empty():
        raise checks.refuse("the table has no rows", allowed="one row or more below the header")
    typed = _typed(known, (*COLUMNS, *evidence_names), checks)
    for check in (check_sessions, _check_ranges, _check_outlying):
        check(typed, checks)
        typed = checks.good_rows(typed)
    if evidence_names:
        check_evidence(typed, evidence_names, checks)
    return checks.good_rows(typed)


def _columns_read(found: Sequence[str]) -> list[str]:
    """Those of ours; without the ends of the scale, a column `step` is about something else."""
    return [name for name in COLUMNS if name in found and (name != "step" or "minimum" in found)]


def _typed(known: "pl.DataFrame", wanted: Sequence[str], checks: TableChecks) -> "pl.DataFrame":
    """The wanted columns with their types, without rows that cannot be read."""
    import polars as pl

    columns = [known.get_column(ROW)]
    for name in wanted:
        checks.collect(lambda name=name: columns.append(_converted(known, name, checks).alias(name)))
    if len(columns) <= len(wanted):
        checks.finish()  # a column of the wrong type, without which the rest cannot be looked at
    typed = checks.good_rows(pl.DataFrame(columns))
    if checks.options.value_range is None:
        return typed
    low, high = checks.options.value_range
    return typed.with_columns(pl.col("minimum").fill_null(low), pl.col("maximum").fill_null(high))


def _check_columns(found: Sequence[str], checks: TableChecks) -> None:
    half_a_range = ("minimum" in found) != ("maximum" in found)
    if checks.errors or half_a_range or not set(REQUIRED) <= set(found):
        from goldseam.series.faults import refuse_columns

        refuse_columns(found, checks)


def _converted(known: "pl.DataFrame", name: str, checks: TableChecks) -> "pl.Series":
    import polars as pl

    if name not in known.columns:
        kind = pl.Float64 if name in NUMBERS else pl.Date if name == "date" else pl.String
        return pl.Series(name, [None], dtype=kind).extend_constant(None, known.height - 1)
    if name in KEYS:
        return key_column(known, name, checks)
    if name == "date":
        return _as_date(known, checks)
    return number_column(known, name, checks, MissingCodes() if name in UNCODED else checks.codes)


def key_column(known: "pl.DataFrame", name: str, checks: TableChecks) -> "pl.Series":
    """The names in a column: text without blanks at the ends, or whole numbers; faults are kept."""
    import polars as pl

    column = known.get_column(name)
    if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = _checked_names(column, known.get_column(ROW), checks)
    elif column.dtype.is_float() and (column == column.round()).all():
        column = column.cast(pl.Int64, strict=False)  # whole numbers beside missing ones, elsewhere
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        raise checks.refuse(
            "wrong type", column=name, given=str(column.dtype), allowed="text or whole numbers"
        )
    if name != "phase":
        checks.refuse_where(known, column.is_null(), name, "no name", "a name in every row")
    return column


def _checked_names(column: "pl.Series", offsets: "pl.Series", checks: TableChecks) -> "pl.Series":
    """The names without blanks at their ends; that, and names that are one to the eye, are told."""
    import polars as pl

    if len(column) <= FEW_ROWS and _nothing_to_tell({*column.to_list()} - {None}):
        return column
    names = column.filter(column.ne_missing(column.shift())).unique().drop_nulls()
    bare = names.str.strip_chars().unique()
    if not bare.sort().equals(names.sort()):
        from goldseam.series.suspicious import stripped_names

        column = stripped_names(column, offsets, checks)
    plain = (bare.str.len_bytes() == bare.str.len_chars()).all()  # ASCII, which is quicker
    numbers = bare.cast(pl.Float64, strict=False).drop_nulls()  # "7" and "007"
    alike = (bare.str.to_lowercase().n_unique() if plain else len({*map(folded, bare)})) < len(bare)
    if alike or numbers.n_unique() < len(numbers) or bare.is_in(NO_NAMES).any():
        from goldseam.series.suspicious import tell_similar_names

        tell_similar_names(column.name, bare, NO_NAMES, checks)
    return column


def _nothing_to_tell(names: set[str]) -> bool:
    """Whether a look at a few names, quicker than asking polars, is enough: plain, different, at most one a number."""
    plain = {each.lower() for each in names - {*NO_NAMES} if each.isascii() and each.strip() == each}
    return len(plain) == len(names) and sum(name.startswith(NUMBERS_BEGIN) for name in plain) < 2


def number_column(known: "pl.DataFrame", name: str, checks: TableChecks, codes: MissingCodes) -> "pl.Series":
    """The finite numbers in a column, null where there is none; faults are kept."""
    import polars as pl

    column = known.get_column(name)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        column = column.set(column.is_in([*MISSING_WORDS, *codes.words]), None)
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise checks.refuse("wrong type", column=name, given=str(column.dtype), allowed="numbers")
    number = column.cast(pl.Float64, strict=False)
    if column.dtype == pl.String and number.null_count() > column.null_count():
        from goldseam.series.recognised_cells import recognised_numbers

        column, number = recognised_numbers(column, checks)
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
    allowed = "YYYY-MM-DD"
    if checks.options.date_format or date.null_count() > column.null_count():
        from goldseam.series.recognised_cells import recognised_dates

        column, date, allowed = recognised_dates(column, checks)
    checks.refuse_where(known, date.is_null() & column.is_not_null(), "date", "not a date", allowed)
    return date


def check_sessions(typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Keep numbers of sessions that are none as faults."""
    import polars as pl

    session = pl.col("session")
    bad = session.is_null() | (session != session.round()) | (session < 1) | (session > LARGEST_SESSION)
    checks.refuse_where(typed, bad, "session", "not the number of a session", "a whole number from 1 on")
    if typed.height and typed.select(session.min() > FIRST_SERIAL_DATE).item():
        from goldseam.series.suspicious import refuse_dates

        checks.collect(refuse_dates, checks.good_rows(typed), checks)


def _check_ranges(typed: "pl.DataFrame", checks: TableChecks) -> None:
    import polars as pl

    minimum, maximum, value = pl.col("minimum"), pl.col("maximum"), pl.col("value")
    checks.refuse_where(typed, minimum.is_null() & maximum.is_not_null(), "minimum", "no minimum", "a number")
    checks.refuse_where(typed, maximum.is_null() & minimum.is_not_null(), "maximum", "no maximum", "a number")
    below = "a number below the maximum {maximum:g}"
    checks.refuse_where(typed, minimum >= maximum, "minimum", "impossible range", below)
    outside = (value < minimum) | (value > maximum)
    within = "{minimum:g} to {maximum:g}, or empty if not rated"
    checks.refuse_where(checks.good_rows(typed), outside, "value", "outside the scale's range", within)
    if typed.get_column("step").null_count() < typed.height:
        from goldseam.series.steps import check_steps

        check_steps(checks.good_rows(typed), checks)


def _check_outlying(typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Refuse what looks like a code for a missing rating, where no range says what a rating can be."""
    import polars as pl

    candidates = typed.select(pl.col("minimum").is_null() & pl.col("value").is_in(CODES)).to_series()
    if candidates.any() and not checks.codes.outlying_are_real:
        from goldseam.series.suspicious import refuse_codes

        checks.collect(refuse_codes, typed, candidates, checks)


def flat_arrays(
    typed: "pl.DataFrame", checks: TableChecks, evidence_names: Sequence[str] = ()
) -> dict[str, Any]:
    """The fields of `RatingSeries`, rows sorted by series and session, each session of a series once."""
    keys, series = _series_of_rows(typed)
    session = typed.get_column("session").to_numpy().astype(np.int64)
    order = _order(series, session)
    series, session = series[order], session[order]
    if not isinstance(order, slice):
        from goldseam.series.faults import check_duplicates

        checks.collect(check_duplicates, typed, order, checks)
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
        "step": _bound(typed, "step", order, first, checks),
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


def _bound(
    typed: "pl.DataFrame", name: str, order: Integers | slice, first: Integers, checks: TableChecks
) -> Floats:
    """One bound of the scale, or its step, per series; rows may leave it out but not contradict each other."""
    bound = _numbers(typed, name)[order]
    inside = np.ones(len(bound), np.bool_)
    inside[first] = False
    if np.isnan(bound).all() or not np.any((bound[1:] != bound[:-1]) & inside[1:]):
        return bound[first]
    lowest, highest = np.fmin.reduceat(bound, first), np.fmax.reduceat(bound, first)
    if np.any(lowest < highest):
        from goldseam.series.faults import range_change

        expected = np.repeat(lowest, np.diff(first, append=len(bound)))
        checks.errors.append(range_change(typed, name, order, bound > expected, checks))
    return lowest


def look_at_courses(arrays: Mapping[str, Any], typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Tell of, or refuse, courses that cannot be meant; a quick look says whether there may be any."""
    series = np.repeat(np.arange(len(arrays["starts"]) - 1), np.diff(arrays["starts"]))
    falls = (np.diff(arrays["day"]) < 0) & (np.diff(series) == 0)
    if falls.any():
        from goldseam.series.suspicious import look_at_dates

        checks.collect(look_at_dates, typed, checks)
    # tables made in memory repeat courses on purpose
    if checks.file is not None and _some_are_alike(arrays, series):
        from goldseam.series.suspicious import tell_repeated_courses

        tell_repeated_courses(typed, checks)


def _some_are_alike(arrays: Mapping[str, Any], series: Integers) -> bool:
    """Whether two courses seem to be the same: equal sums, weighted so that others hardly have them."""
    filled = np.diff(arrays["starts"]) > 1
    if filled.sum() < 2:
        return False
    weights = arrays["value"] * np.sqrt(arrays["session"] + 1.7)
    sums = np.bincount(series, weights=weights, minlength=len(filled))
    return len(np.unique(sums[filled])) < int(filled.sum())
