"""Workbooks of spreadsheets, read as if they had been saved as text."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from goldseam.exceptions import TableError
from goldseam.extras import extra
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.text_files import records_table


def workbook_table(path: Path, options: ReadOptions) -> RawTable:
    """The table in a sheet of a workbook.

    Parameters
    ----------
    path : Path
        Of an ``.xlsx`` file.
    options : ReadOptions
        May name the sheet.

    Returns
    -------
    RawTable
        Every cell text, as it would be written with a decimal point; empty ones null.

    Raises
    ------
    TableError
        It is no workbook, or has no such sheet.
    """
    openpyxl = extra("openpyxl", "files", file=path)
    try:
        sheets = _sheets(openpyxl, path, options.sheet, computed=True)
        formulas = _sheets(openpyxl, path, options.sheet, computed=False)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # a damaged workbook raises whatever its parts raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(f"is not a workbook ({reason})", file=path) from None
    if options.sheet is not None and not sheets:
        raise TableError(
            "there is no such sheet", file=path, given=options.sheet, allowed="the name of a sheet"
        )
    filled = {title: rows for title, rows in sheets.items() if any(any(row) for row in rows)}
    if not filled:
        raise TableError("the file is empty", file=path, allowed="a sheet with a header and rows")
    title, rows = next(iter(filled.items()))
    _refuse_uncomputed(rows, formulas[title], path)
    notes = [f"sheet {title} (of {len(filled)} with cells)"] if len(filled) > 1 else []
    return records_table(path, rows, options, notes)


def _sheets(
    openpyxl: Any, path: Path, wanted: str | None, *, computed: bool
) -> dict[str, list[list[str | None]]]:
    """The cells of each sheet; of formulas what they came to, or themselves."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=computed)
    try:
        return {
            sheet.title: [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
            if wanted in (None, sheet.title)
        }
    finally:
        book.close()


def _refuse_uncomputed(rows: list[list[str | None]], formulas: list[list[str | None]], path: Path) -> None:
    """Refuse formulas whose result was not saved: they would look like empty cells."""
    for number, (row, written) in enumerate(zip(rows, formulas, strict=True), start=1):
        for cell, formula in zip(row, written, strict=True):
            if cell is None and formula is not None:
                allowed = "a workbook that was saved by a spreadsheet program, with its results"
                raise TableError(
                    "a formula without its result", file=path, row=number, given=formula, allowed=allowed
                )


def _text(cell: object) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
