"""A table with any names and layout, arranged as one row a rating with our names for its columns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from goldseam.exceptions import ParameterError, TableError
from goldseam.series.evidence import evidence_columns
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.table_columns import COLUMNS, KEYS, REQUIRED, folded

if TYPE_CHECKING:
    import polars as pl

LAYOUTS = ("redcap", "qualtrics", "formr")
PLACES = ("session", "rater", "scale", "phase")
ROW_NUMBER, CELL = "__row", "__cell"
FEWEST_WIDE = 3
EVENT_NUMBER, ARM = r"(\d+)$", r"_arm_\d+$"
PREVIEWS = ("Survey Preview", "Survey Test", "1", "Status")


def arranged(raw: RawTable, options: ReadOptions, *, file: str | Path | None) -> RawTable:
    """The table with our names, one row a rating.

    Parameters
    ----------
    raw : RawTable
        As it was found.
    options : ReadOptions
        Which of its columns is which.
    file : str or Path, optional
        Named in errors.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        A column that the options name is not there.
    ParameterError
        The options name a column or a place that nothing knows.
    """
    _check(options)
    rows = raw.rows if raw.rows is not None else _row_numbers(raw.table)
    table, notes = raw.table.with_columns(rows.alias(ROW_NUMBER)), list(raw.notes)
    columns = dict(options.columns)
    if options.layout:
        table, columns = _laid_out(table, columns, options.layout, notes)
    if options.wide:
        table = _long(table, options.wide, notes, file)
    table = _named(table, columns, notes, file)
    for name, constant in options.constants.items():
        table = table.with_columns(_text(constant).alias(name))
    if options.sessions == "dates" or ("session" not in table.columns and "date" in table.columns):
        table = _sessions_from_dates(table, options, raw, notes, file)
    _refuse_lacking(table, raw, file)
    return replace(raw, table=table.drop(ROW_NUMBER), rows=table.get_column(ROW_NUMBER), notes=tuple(notes))


def _check(options: ReadOptions) -> None:
    for where, given in (("columns", options.columns), ("constants", options.constants)):
        for name in given:
            if name not in COLUMNS and not evidence_columns([name]):
                raise ParameterError("no such column", where=where, given=name, allowed=", ".join(COLUMNS))
    if options.layout not in (None, *LAYOUTS):
        raise ParameterError(
            "no such layout", where="layout", given=options.layout, allowed=", ".join(LAYOUTS)
        )
    if options.sessions not in (None, "dates"):
        raise ParameterError("no such choice", where="sessions", given=options.sessions, allowed="dates")


def _row_numbers(table: "pl.DataFrame") -> "pl.Series":
    import polars as pl

    return pl.int_range(table.height, dtype=pl.UInt32, eager=True)


def _text(constant: str) -> "pl.Expr":
    import polars as pl

    return pl.lit(str(constant))


def _named(
    table: "pl.DataFrame", columns: Mapping[str, str], notes: list[str], file: str | Path | None
) -> "pl.DataFrame":
    """The columns by our names: as the options say, else as they are, else by what differs in writing alone."""
    taken = {}
    for name, given in columns.items():
        found = given if given in table.columns else _alike(given, table.columns, file)
        if found is None:
            shown = ", ".join(_own(table.columns)[:12])
            raise TableError(
                f"there is no column {given} for {name}", file=file, given=shown, allowed="its name"
            )
        taken[name] = found
    recognised = {}
    for name in (*COLUMNS, *evidence_columns(map(folded, table.columns))):
        if name not in taken and name not in table.columns:
            found = _alike(name, [each for each in table.columns if each not in taken.values()], file)
            if found is not None:
                recognised[name] = found
    if recognised:
        notes.append("columns " + ", ".join(f"{given} for {name}" for name, given in recognised.items()))
    import polars as pl

    kept = [name for name in table.columns if name not in taken]
    return table.select(*kept, *(pl.col(given).alias(name) for name, given in (taken | recognised).items()))


def _alike(name: str, columns: Iterable[str], file: str | Path | None) -> str | None:
    """The column whose name differs in case, width, blanks or the form of accents alone."""
    found = [given for given in columns if folded(given.strip()) == folded(name.strip())]
    if len(found) > 1:
        given = " and ".join(map(repr, found))
        raise TableError(
            "there are several columns of this name", file=file, column=name, given=given, allowed="one"
        )
    return found[0] if found else None


def _own(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name != ROW_NUMBER]


def _long(table: "pl.DataFrame", pattern: str, notes: list[str], file: str | Path | None) -> "pl.DataFrame":
    """One row a cell of the columns whose names fit the pattern."""
    import polars as pl

    places = re.findall(r"\{(\w*)\}", pattern)
    if "session" not in places or not {*places} <= {*PLACES} or len({*places}) < len(places):
        allowed = "names with {session}, and {rater}, {scale} or {phase} where they have such parts"
        raise ParameterError("not a pattern", where="wide", given=pattern, allowed=allowed)
    parts = re.split(r"\{\w*\}", pattern)
    groups = [r"(?P<session>[0-9]{1,9})" if place == "session" else f"(?P<{place}>.+?)" for place in places]
    whole = "".join(re.escape(part) + group for part, group in zip(parts, [*groups, ""], strict=True))
    fitting = {name: found for name in table.columns if (found := re.fullmatch(whole, name, re.IGNORECASE))}
    if not fitting:
        shown = ", ".join(_own(table.columns)[:12])
        raise TableError(
            f"no column fits the pattern {pattern}",
            file=file,
            given=shown,
            allowed="S1, S2, ... for S{session}",
        )
    names = pl.DataFrame(
        {CELL: [*fitting], **{place: [found[place] for found in fitting.values()] for place in places}}
    ).with_columns(pl.col("session").cast(pl.Int64))
    for name in (*places, "value", CELL):
        if name in table.columns and name not in fitting:
            allowed = f"no such column beside those of the pattern {pattern}"
            raise TableError("this column would stand twice", file=file, column=name, allowed=allowed)
    own = [name for name in table.columns if name not in fitting]
    cells = table.select(
        *own, *(pl.col(name).cast(pl.String) if table[name].dtype == pl.Boolean else name for name in fitting)
    )
    long = cells.unpivot(index=own, on=[*fitting], variable_name=CELL, value_name="value").join(
        names, on=CELL
    )
    blank = (
        pl.col("value").is_null()
        if long["value"].dtype != pl.String
        else pl.col("value").str.strip_chars().fill_null("").is_in(["", "NA", "NaN"])
    )
    others = [ROW_NUMBER, *(place for place in places if place != "session")]
    last = pl.col("session").filter(~blank).max().over(others)
    kept = long.filter(pl.col("session") <= last).sort(ROW_NUMBER, *others[1:], "session")
    notes.append(
        f"{len(fitting)} columns {pattern} as ratings, empty ones after a person's last as no sessions"
    )
    return kept.drop(CELL)


def _laid_out(
    table: "pl.DataFrame", columns: dict[str, str], layout: str, notes: list[str]
) -> "tuple[pl.DataFrame, dict[str, str]]":
    laid_out = {"redcap": _redcap, "qualtrics": _qualtrics, "formr": _formr}[layout]
    before = table.height
    table, found = laid_out(table)
    present = {name: given for name, given in found.items() if given in table.columns and name not in columns}
    if before > table.height:
        notes.append(f"{layout}, {before - table.height} row(s) without a session left out")
    else:
        notes.append(layout)
    return table, {**present, **columns}


def _redcap(table: "pl.DataFrame") -> "tuple[pl.DataFrame, dict[str, str]]":
    """Sessions are the instances of a repeated event or instrument, else the numbers in the events' names."""
    import polars as pl

    number = pl.lit(None, dtype=pl.Int64)
    if "redcap_event_name" in table.columns:
        event = pl.col("redcap_event_name").cast(pl.String).str.replace(ARM, "")
        number = event.str.extract(EVENT_NUMBER).cast(pl.Int64, strict=False)
    if "redcap_repeat_instance" in table.columns:
        instance = (
            pl.col("redcap_repeat_instance").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        )
        number = pl.coalesce(instance, number)
    numbered = table.with_columns(redcap_session=number).filter(pl.col("redcap_session").is_not_null())
    return numbered, {"case": _own(table.columns)[0], "session": "redcap_session"}


def _qualtrics(table: "pl.DataFrame") -> "tuple[pl.DataFrame, dict[str, str]]":
    """Without previews and answers that were not finished; the day of a rating is that of its recording."""
    import polars as pl

    kept = table
    if "Status" in table.columns:
        kept = kept.filter(~pl.col("Status").cast(pl.String).is_in(PREVIEWS).fill_null(value=False))
    if "Finished" in table.columns:
        kept = kept.filter(
            ~pl.col("Finished")
            .cast(pl.String)
            .str.to_lowercase()
            .is_in(["0", "false"])
            .fill_null(value=False)
        )
    return kept, {
        "date": "RecordedDate" if "RecordedDate" in table.columns else "EndDate",
        "case": "ExternalReference",
    }


def _formr(table: "pl.DataFrame") -> "tuple[pl.DataFrame, dict[str, str]]":
    """The column ``session`` is the person's code; the day of a rating is that of its end."""
    import polars as pl

    kept = table.filter(pl.col("ended").is_not_null()) if "ended" in table.columns else table
    if "session" in kept.columns:
        kept = kept.with_columns(formr_code="session").drop("session")
    return kept, {"case": "formr_code", "date": "ended" if "ended" in table.columns else "created"}


def _sessions_from_dates(
    table: "pl.DataFrame", options: ReadOptions, raw: RawTable, notes: list[str], file: str | Path | None
) -> "pl.DataFrame":
    """Sessions as the dates of each series in order; rows without a rating count, as they were attended."""
    import polars as pl

    from goldseam.series.recognised_cells import recognised_dates
    from goldseam.series.table import TableChecks

    if "date" not in table.columns:
        raise TableError(
            "there is no column date to number sessions by", file=file, allowed="a column date, or session"
        )
    checks = TableChecks(file, raw.first_row, options=options, notes=notes)
    column = table.get_column("date")
    cells = (
        column.str.strip_chars().set(column.str.strip_chars().is_in(["", "NA"]), None)
        if column.dtype == pl.String
        else column
    )
    cells, dates, allowed = recognised_dates(cells, checks)
    whole = table.with_columns(date=dates)
    if dates.null_count():
        bad = int(dates.is_null().arg_true()[0])
        raise TableError(
            f"no date in {dates.null_count()} row(s), so that their sessions cannot be numbered",
            file=file,
            row=int(table[ROW_NUMBER][bad]) + raw.first_row,
            column="date",
            given=cells[bad],
            allowed=allowed,
        )
    keys = [name for name in KEYS if name in table.columns]
    notes.append("sessions numbered by the dates of each series, the first one 1")
    return (
        whole.with_columns(session=pl.col("date").rank("dense").over(keys).cast(pl.Int64)) if keys else whole
    )


def _refuse_lacking(table: "pl.DataFrame", raw: RawTable, file: str | Path | None) -> None:
    """Refuse a table without a column that is needed, saying how to name one, or that it seems to be wide."""
    lacking = [name for name in REQUIRED if name not in table.columns]
    if not lacking:
        return
    found = ", ".join(_own(raw.table.columns)[:12]) or "none"
    hint = f"{', '.join(REQUIRED)}, or the options columns and constants (--columns {lacking[0]}=NAME, --constants)"
    stem = _wide_stem(raw.table.columns)
    if stem is not None:
        hint += f"; one row a person: the option wide (--wide '{stem}{{session}}')"
    error = TableError(f"there is no column {', '.join(lacking)}", file=file, given=found, allowed=hint)
    raise error


def _wide_stem(names: Iterable[str]) -> str | None:
    """What the names of columns that are numbered from 1 on begin with."""
    found: dict[str, set[int]] = {}
    for name in names:
        numbered = re.fullmatch(r"(.*?[^0-9])([0-9]{1,9})", name)
        if numbered:
            found.setdefault(numbered[1], set()).add(int(numbered[2]))
    stems = [stem for stem, numbers in found.items() if len(numbers) >= FEWEST_WIDE and 1 in numbers]
    return stems[0] if stems else None
