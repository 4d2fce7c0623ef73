"""Ratings at the occasions of any column of times, not only at numbered sessions: days, weeks, or names.

The times of such a column are numbered in order, and the table then passes the checks that every table of ratings
does: one row a person and time, no codes for missing ratings, values within their range.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.exceptions import TableError
from goldseam.series import RatingSeries, plain_table
from goldseam.series.arranging import arranged
from goldseam.series.frames import frame_table
from goldseam.series.missing_codes import MissingCodes
from goldseam.series.opening import opened
from goldseam.series.read_options import MissingRatings, Ratings, RawTable, ReadOptions
from goldseam.series.table import MISSING_WORDS
from goldseam.series.table_columns import KEYS, ROW, folded
from goldseam.series.timed_checks import LARGEST, TimedChecks, check_sizes

if TYPE_CHECKING:
    import polars as pl

PERSON_COLUMNS = ("id", "person", "subject", "patient", "client", "participant")
"""What a column of persons may be called, where none is called case."""

GROUP = "__group"
UNSTATED = {"rater": "person", "scale": "value"}


@dataclass(frozen=True, kw_only=True)
class OccasionColumns:
    """Which columns of a table hold what, and which of its scales and phases are meant.

    Attributes
    ----------
    value, time : str, optional
        Names of columns; the usual ``value`` and ``session`` if not given.
    scale, phase : str, optional
        The one that is meant, where the table has several.
    group : str, optional
        A column that says which group a person belongs to.
    """

    value: str | None = None
    time: str | None = None
    scale: str | None = None
    phase: str | None = None
    group: str | None = None


@dataclass(frozen=True, eq=False)
class Occasions:
    """The ratings of one scale, at their times.

    Attributes
    ----------
    table : polars.DataFrame
        ``person`` (index into `persons`), ``time`` (number, or text), ``value`` (null where not rated), by person and
        time.
    persons : polars.DataFrame
        ``case`` and, where the table had them, ``rater``, ``scale``, ``phase``, and the group; a row a person.
    minimum, maximum : float
        Range of the scale; NaN where none was stated.
    """

    table: "pl.DataFrame"
    persons: "pl.DataFrame"
    minimum: float
    maximum: float


def several_series(persons: "pl.DataFrame") -> str:
    """Words on cases that have several series, each of which counts as a person; none where none has.

    Parameters
    ----------
    persons : polars.DataFrame
        As in `Occasions`.

    Returns
    -------
    str
        To be put behind a line; empty where each case has one.
    """
    cases = persons.get_column("case").n_unique()
    if cases == persons.height:
        return ""
    return f"; {persons.height} persons are {cases} cases: each series counts as a person"


def read_occasions(
    ratings: Ratings,
    columns: OccasionColumns,
    *,
    names: Sequence[str] = (),
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> Occasions:
    """Read and check ratings at their times.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`.
    columns : OccasionColumns
        Which columns are read.
    names : sequence of str
        The names of occasions that a column of times may have in place of numbers. Where a table has columns with all
        of these names and none of ratings, it is read as one row a person.

    Returns
    -------
    Occasions

    Raises
    ------
    TableError
        As for `goldseam.read_ratings`; a time is missing or is no number; there are several scales or phases.
    """
    options = reading or ReadOptions()
    file = ratings if isinstance(ratings, str | Path) else None
    raw = _found(ratings, options, columns)
    stated = columns.time or options.columns.get("session")
    wide = stated is None and _is_wide(raw.table.columns, names, options.columns, columns.value, file)
    raw, times, options = _with_times(raw, options, columns, names, file)
    raw = arranged(raw, options, file=file)
    checks = TimedChecks(
        file,
        raw.first_row,
        MissingCodes.of(missing, outlying),
        options,
        notes=[*raw.notes],
        times=times,
        time=stated or "session",
        value=" or ".join(names) if wide else "value",
    )
    typed = RatingSeries.of_raw(raw, checks)[1]
    check_sizes(typed, checks)
    if columns.group is not None:
        typed = _grouped(typed, raw, columns.group, file)
    return _of_one_scale(_timed(typed, times), columns, options, file)


def _found(ratings: Ratings, options: ReadOptions, columns: OccasionColumns) -> RawTable:
    """The table as it is written; the header of a file may hold the columns named."""
    if not isinstance(ratings, str | Path):
        return RawTable(frame_table(ratings))
    path = Path(ratings)
    plain = None if options.delimiter or options.decimal or options.encoding else plain_table(path)
    wanted = {columns.value, columns.time, columns.group} - {None}
    if plain is not None and wanted <= {*plain.table.columns}:
        return plain
    if plain is not None and path.suffix.lower() == ".parquet":
        import polars as pl

        return RawTable(pl.read_parquet(path))  # of which the usual columns alone were read before
    named = {"value": columns.value, "session": columns.time}
    known = {name: given for name, given in named.items() if given is not None}
    return opened(path, replace(options, columns={**options.columns, **known}))


def _with_times(
    raw: RawTable,
    options: ReadOptions,
    columns: OccasionColumns,
    names: Sequence[str],
    file: str | Path | None,
) -> "tuple[RawTable, pl.Series | None, ReadOptions]":
    """The table with numbered sessions, the times these stand for in order, and what the options say then."""
    named = dict(options.columns)
    if columns.value is not None:
        named["value"] = columns.value
    if not options.layout:
        raw, named = _persons_named(raw, named)
    if options.wide or options.layout or options.sessions:
        constants = _constants(raw, options, named, None)
        return raw, None, replace(options, columns=named, constants=constants)
    stated = columns.time or named.pop("session", None)
    time = stated or _like("session", raw.table.columns)
    if stated is None and _is_wide(raw.table.columns, names, named, columns.value, file):
        raw, time = _one_row_a_time(raw, names), "session"
    constants = _constants(raw, options, named, columns.value)
    options = replace(options, columns=named, constants=constants)
    if time is None:
        return raw, None, options
    if not (stated or names):
        if not _other_times(raw.table.get_column(time)):
            return raw, None, options
        raw = replace(raw, notes=(*raw.notes, f"column {time} as times, not numbers of sessions"))
    raw, times = _numbered(raw, time, names, file)
    return raw, times, options


def _is_wide(
    columns: Sequence[str],
    names: Sequence[str],
    named: Mapping[str, str],
    value: str | None,
    file: str | Path | None,
) -> bool:
    """Whether each occasion has a column, and no column holds all ratings; one of two is refused."""
    lacking = [name for name in names if name not in columns]
    if len(lacking) == len(names) or value is not None or "value" in named or _like("value", columns):
        return False
    if lacking:
        given = ", ".join(columns[:12])
        allowed = "the names of two columns, or a column of ratings (value, --value)"
        raise TableError(f"there is no column {lacking[0]}", file=file, given=given, allowed=allowed)
    return True


def _other_times(column: "pl.Series") -> bool:
    """Whether a column of sessions holds other times throughout: numbers that count no sessions, or dates."""
    import polars as pl

    known = column.drop_nulls()
    if known.is_empty() or known.dtype.is_temporal():
        return not known.is_empty()
    if not known.dtype.is_integer():
        known = known.cast(pl.String).str.strip_chars()
    numbers = known.cast(pl.Float64, strict=False)
    if numbers.count() == len(known):
        return bool(((numbers < 1) | (numbers != numbers.floor())).any())
    return known.str.to_date("%Y-%m-%d", strict=False).null_count() == 0


def _persons_named(raw: RawTable, named: dict[str, str]) -> tuple[RawTable, dict[str, str]]:
    """Where no column is called case, the one that is called as persons are; that is told."""
    if "case" in named or _like("case", raw.table.columns):
        return raw, named
    found = [name for name in raw.table.columns if folded(name.strip()) in PERSON_COLUMNS]
    if len(found) != 1:
        return raw, named
    return replace(raw, notes=(*raw.notes, f"column {found[0]} for case")), {**named, "case": found[0]}


def _constants(
    raw: RawTable, options: ReadOptions, named: dict[str, str], value: str | None
) -> dict[str, str]:
    """What the options say is the same in every row; the rater and the scale, where nothing says who and what."""
    unstated = {**UNSTATED, "scale": value or UNSTATED["scale"]}
    places = options.wide or ""
    return {
        **{
            name: text
            for name, text in unstated.items()
            if name not in named and not _like(name, raw.table.columns) and f"{{{name}}}" not in places
        },
        **options.constants,
    }


def _like(name: str, columns: Iterable[str]) -> str | None:
    return next((each for each in columns if folded(each.strip()) == name), None)


def _one_row_a_time(raw: RawTable, names: Sequence[str]) -> RawTable:
    """A table with a column for each occasion, as one with a row for each."""
    import polars as pl

    rows = raw.rows if raw.rows is not None else pl.int_range(raw.table.height, dtype=pl.UInt32, eager=True)
    kept = raw.table.drop("session", strict=False).with_columns(rows.alias(ROW))
    cells = kept.with_columns(pl.col(names).cast(pl.String))
    others = [name for name in kept.columns if name not in names]
    long = cells.unpivot(index=others, on=[*names], variable_name="session", value_name="value")
    return replace(raw, table=long.drop(ROW), rows=long.get_column(ROW))


def _numbered(
    raw: RawTable, time: str, names: Sequence[str], file: str | Path | None
) -> "tuple[RawTable, pl.Series]":
    """The table with its times numbered from 1 on, and the times by number."""
    import polars as pl

    if time not in raw.table.columns:
        given = ", ".join(raw.table.columns[:12])
        raise TableError(
            f"there is no column {time} for the time", file=file, given=given, allowed="its name"
        )
    column = raw.table.get_column(time)
    cells = column.cast(pl.String).str.strip_chars()
    cells = cells.set(cells.is_in([*MISSING_WORDS]), None)
    numbers = cells.cast(pl.Float64, strict=False)
    if not names and numbers.count() == 0:
        days = cells.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        numbers = (days - days.min()).dt.total_days().cast(pl.Float64)
    numbers = numbers.set((numbers.abs() <= LARGEST).not_(), None)
    texts = bool(names) and numbers.null_count() > 0 and numbers.count() == 0
    bad = cells.is_null() if texts else numbers.is_null()
    whole_row_empty = raw.table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if (bad & ~whole_row_empty).any():
        row = int((bad & ~whole_row_empty).arg_true()[0])
        place = row if raw.rows is None else int(raw.rows[row])
        raise TableError(
            "no time" if cells[row] is None else "not a time",
            file=file,
            row=place + raw.first_row,
            column=time,
            given=cells[row],
            allowed="the name of an occasion" if texts else "a finite number, or dates YYYY-MM-DD throughout",
        )
    times = cells if texts else numbers
    known = times.drop_nulls().unique().sort()
    sessions = times.rank("dense").cast(pl.Int64)
    table = raw.table.drop(time, "session", strict=False).with_columns(sessions.alias("session"))
    return replace(raw, table=table), known


def _timed(typed: "pl.DataFrame", times: "pl.Series | None") -> "pl.DataFrame":
    import polars as pl

    if times is None:
        return typed.with_columns(time=pl.col("session").cast(pl.Float64))
    place = typed.get_column("session").cast(pl.Int64) - 1
    return typed.with_columns(times.gather(place).alias("time"))


def _grouped(typed: "pl.DataFrame", raw: RawTable, group: str, file: str | Path | None) -> "pl.DataFrame":
    """The rows with the group of their person, as text; a person in two of them is refused."""
    import polars as pl

    if group not in raw.table.columns:
        given = ", ".join(raw.table.columns[:12])
        raise TableError(
            f"there is no column {group} for the group", file=file, given=given, allowed="its name"
        )
    rows = raw.rows if raw.rows is not None else pl.int_range(raw.table.height, dtype=pl.UInt32, eager=True)
    named = pl.DataFrame({ROW: rows, GROUP: raw.table.get_column(group).cast(pl.String).str.strip_chars()})
    joined = typed.join(named.unique(ROW), on=ROW, how="left", maintain_order="left")
    twice = joined.filter(pl.col(GROUP).n_unique().over(KEYS) > 1)
    if twice.height:
        given = ", ".join(str(each) for each in twice.get_column(GROUP).unique().sort())
        problem = f"case {twice.get_column('case')[0]} is in several groups"
        raise TableError(problem, file=file, column=group, given=given, allowed="one group a person")
    return joined


def _of_one_scale(
    timed: "pl.DataFrame",
    columns: OccasionColumns,
    options: ReadOptions,
    file: str | Path | None,
) -> Occasions:
    """The ratings of the scale and phase that are meant; several of them are refused."""
    import polars as pl

    for name, wanted in (("scale", columns.scale), ("phase", columns.phase)):
        found = timed.get_column(name).cast(pl.String).unique().sort()
        if wanted is not None:
            timed = timed.filter(pl.col(name).cast(pl.String) == wanted)
        if timed.is_empty() or (wanted is None and len(found) > 1):
            given = ", ".join("none" if each is None else each for each in found[:12])
            raise TableError(
                f"there is no {name} {wanted}" if timed.is_empty() else f"there are several {name}s",
                file=file,
                column=name,
                given=given,
                allowed=f"one of them, named by the option {name} (--{name})",
            )
    shown = [name for name in KEYS if name == "case" or _stated(timed, name, options)]
    persons = timed.select(KEYS).unique().sort(KEYS)
    placed = timed.join(
        persons.with_row_index("person"), on=[*KEYS], how="left", nulls_equal=True, maintain_order="left"
    )
    low, high = (_bound(timed, name) for name in ("minimum", "maximum"))
    table = placed.select("person", "time", "value").sort("person", "time")
    kept = persons.select(shown)
    if columns.group is not None:
        groups = placed.group_by("person").agg(pl.col(GROUP).first()).sort("person")
        kept = kept.with_columns(groups.get_column(GROUP).alias(columns.group))
    return Occasions(table, kept, low, high)


def _stated(timed: "pl.DataFrame", name: str, options: ReadOptions) -> bool:
    """Whether a key says more than that nothing was said of it."""
    column = timed.get_column(name)
    if column.null_count() == len(column):
        return False
    return name in options.columns or column.n_unique() > 1 or column[0] not in UNSTATED.values()


def _bound(timed: "pl.DataFrame", name: str) -> float:
    found: Any = timed.get_column(name).min() if name == "minimum" else timed.get_column(name).max()
    return float("nan") if found is None else float(found)
