"""Cells that are not written the usual way: what they can only mean is taken for it, and told."""

from typing import TYPE_CHECKING

from goldseam.series.suspicious import Refusing
from goldseam.series.table_columns import FIRST_SERIAL_DATE

if TYPE_CHECKING:
    import polars as pl

FURTHER_MISSING = (
    ".",
    "..",
    "N/A",
    "n/a",
    "#N/A",
    "#NV",
    "NULL",
    "null",
    "None",
    "none",
    "-",
    "--",
    "na",
    "nan",
)
DECIMAL_COMMA = r"^([+-]?\d+),(\d+)$"
GROUPED = r"^[+-]?[1-9]\d{0,2},\d{3}$"
LABELLED = r"^(.*?)(\d+)(\D.*)?$"
DATE_FORMATS = ("%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y")
EITHER_ORDER = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
LAST_SERIAL_DATE = 80_000


def recognised_numbers(column: "pl.Series", checks: Refusing) -> "tuple[pl.Series, pl.Series]":
    """The cells, missing ones taken out, and the numbers they hold; null where a cell is no number.

    Parameters
    ----------
    column : polars.Series of str
        Without blanks at the ends.
    checks : Refusing
        Takes notes of what was recognised.

    Returns
    -------
    polars.Series of str
    polars.Series of float
    """
    import polars as pl

    missing = column.is_in(FURTHER_MISSING).fill_null(value=False)
    if missing.any():
        words = ", ".join(repr(word) for word in column.filter(missing).unique().sort())
        checks.notes.append(f"{words} in column {column.name} for missing, in {missing.sum()} row(s)")
        column = column.set(missing, None)
    text = _with_decimal_point(column, checks)
    if column.name == "session":
        text = _numbers_of_labels(text, checks)
    return column, text.cast(pl.Float64, strict=False)


def _with_decimal_point(column: "pl.Series", checks: Refusing) -> "pl.Series":
    stated = checks.options.decimal
    commas = column.str.contains(DECIMAL_COMMA)
    if stated == ",":
        return column.set(column.str.contains(".", literal=True), "no decimal comma").str.replace(",", ".")
    points = column.str.contains(r"\d\.\d").any()
    grouped = column.filter(commas.fill_null(value=False)).str.contains(GROUPED).all()
    if stated == "." or not commas.any() or points or grouped:
        return column
    checks.notes.append(f"decimal comma in column {column.name}")
    return column.str.replace(DECIMAL_COMMA, "${1}.${2}")


def _numbers_of_labels(column: "pl.Series", checks: Refusing) -> "pl.Series":
    """The numbers in labels of sessions that are alike but for their number, as ``session_3_arm_1``."""
    parts = column.drop_nulls().str.extract_groups(LABELLED).struct.unnest()
    before, number, after = (parts.get_column(name) for name in ("1", "2", "3"))
    after = after.fill_null("")
    one_label = before.n_unique() == 1 and after.n_unique() == 1 and number.null_count() == 0
    if not (one_label and str(before[0]).strip(" _-#").isalpha()):
        return column
    checks.notes.append(
        f"labels of sessions {before[0]}1{after[0]}, {before[0]}2{after[0]}, ... as 1, 2, ..."
    )
    return column.str.extract(LABELLED, 2)


def recognised_dates(column: "pl.Series", checks: Refusing) -> "tuple[pl.Series, pl.Series, str]":
    """The cells, the dates they hold, null where a cell is none, and what was allowed.

    Parameters
    ----------
    column : polars.Series
        Text without blanks at the ends, or of dates.
    checks : Refusing
        Takes notes of what was recognised; its options may state a format.

    Returns
    -------
    polars.Series
    polars.Series of datetime.date
    str
    """
    import polars as pl

    if column.dtype != pl.String:
        return column, column.cast(pl.Date, strict=False), "dates"
    column = column.set(column.is_in(FURTHER_MISSING), None)
    stated = checks.options.date_format
    if stated:
        return column, _parsed(column, stated), f"a date as {stated}"
    iso = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    serial = column.cast(pl.Int64, strict=False)
    if (
        serial.null_count() == column.null_count()
        and serial.is_between(FIRST_SERIAL_DATE, LAST_SERIAL_DATE).all()
    ):
        checks.notes.append("dates counted in days, as spreadsheets do")
        return column, (serial.cast(pl.Int32) - 25_569).cast(pl.Date), "days as a spreadsheet counts them"
    found = {given: _parsed(column, given) for given in DATE_FORMATS}
    for pair in EITHER_ORDER:
        found |= _one_order(column, pair)
    best = max(found, key=lambda given: found[given].count())
    if found[best].count() <= iso.count():
        allowed = "YYYY-MM-DD, or the option date_format (--date-format %m/%d/%Y)"
        return column, iso, allowed
    checks.notes.append(f"dates as {best}")
    return column, found[best], f"a date as {best}"


def _one_order(column: "pl.Series", pair: tuple[str, str]) -> "dict[str, pl.Series]":
    """The dates by day or month first; neither where both would do and differ."""
    first, second = (_parsed(column, given) for given in pair)
    if first.count() == second.count() and not first.equals(second):
        return {}
    return dict(zip(pair, (first, second), strict=True))


def _parsed(column: "pl.Series", given: str) -> "pl.Series":
    text = column if " " in given else column.str.splitn(" ", 2).struct.field("field_0")
    date = text.str.to_date(given, strict=False)
    return date.set(~date.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR), None)
