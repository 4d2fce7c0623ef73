"""Text with columns, as spreadsheets and survey programs write it: encoding, delimiter and header are recognised."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from goldseam.exceptions import ParameterError, TableError
from goldseam.series.evidence import evidence_columns
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.table_columns import COLUMNS, REQUIRED, folded

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
LOOKED_AT = 50
DEEPEST_HEADER = 20
IMPORT_ROW = '{"ImportId"'
FEWEST_ODD_BYTES = 0.3


def text_table(path: Path, options: ReadOptions) -> RawTable:
    """The table in a file of text.

    Parameters
    ----------
    path : Path
        Of a file that is there and not empty.
    options : ReadOptions
        May state encoding and delimiter.

    Returns
    -------
    RawTable
        Every cell text; empty ones null.

    Raises
    ------
    TableError
        It is not text, or its rows do not fit its header.
    """
    if options.delimiter is not None and not re.fullmatch(r'[^\w\r\n"]', options.delimiter):
        allowed = "one character that is no letter, digit or quote"
        raise ParameterError("not a delimiter", where="delimiter", given=options.delimiter, allowed=allowed)
    text, notes = _decoded(path, options.encoding)
    if not text.strip():
        allowed = f"a header with {', '.join(REQUIRED)}"
        raise TableError("the file is empty", file=path, allowed=allowed)
    first, _, rest = text.partition("\n")
    stated = re.fullmatch(r'"?sep=([^\w\s"]|\t)"?', first.rstrip("\r"))
    if stated:
        text = rest
    delimiter = options.delimiter or (stated.group(1) if stated else _delimiter(text, options))
    if delimiter != "," and options.delimiter is None:
        notes.append(f"{DELIMITERS.get(delimiter, repr(delimiter))}-separated")
    return records_table(path, _records(path, text, delimiter), options, notes)


def _decoded(path: Path, stated: str | None) -> tuple[str, list[str]]:
    """The text of a file, and how it was read where that is not UTF-8."""
    content = path.read_bytes().removesuffix(b"\x1a")
    encoding = stated or _encoding(content)
    if encoding == "cp1252" and stated is None and _mostly_utf8(content):
        allowed = "one encoding, or the option encoding (--encoding)"
        raise TableError("mixes UTF-8 and another encoding", file=path, allowed=allowed)
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError):
        allowed = "text in UTF-8, UTF-16 or Windows-1252, or the option encoding (--encoding)"
        raise TableError("is not text", file=path, given=encoding, allowed=allowed) from None
    if found := CONTROL.search(text):
        place = f"row {text.count(chr(10), 0, found.start()) + 1}"
        raise TableError(
            f"is not text (a control character in {place})", file=path, allowed="text with columns"
        )
    usual = stated is not None or encoding in {"utf-8", "utf-8-sig"}
    return text, [] if usual else [{"cp1252": "Windows-1252", "utf-16": "UTF-16"}.get(encoding, encoding)]


def _encoding(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    head = content[:4096]
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        odd = head[place::2]
        if head.count(b"\0") and odd.count(b"\0") > FEWEST_ODD_BYTES * len(odd):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _mostly_utf8(content: bytes) -> bool:
    """Whether most letters that are not ASCII are UTF-8, so that reading all as Windows-1252 would spoil them."""
    letters = [letter for letter in content.decode("utf-8", "replace") if not letter.isascii()]
    return letters.count("\ufffd") < len(letters) / 2


def _delimiter(text: str, options: ReadOptions) -> str:
    """The one under which the rows have the same number of cells, more than one, and the header our names."""
    head = "".join(text.splitlines(keepends=True)[:LOOKED_AT])
    wanted = {folded(name) for name in (*REQUIRED, *options.columns.values())}

    def score(delimiter: str) -> tuple[int, float, int]:
        try:
            rows = [row for row in csv.reader(StringIO(head, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            return 0, 0.0, 0
        if not rows:
            return 0, 0.0, 0
        cells, times = Counter(map(len, rows)).most_common(1)[0]
        known = max(len(wanted & {folded(cell.strip()) for cell in row}) for row in rows)
        return known, times / len(rows) if cells > 1 else 0.0, cells

    return max(DELIMITERS, key=score)


def _records(path: Path, text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as error:
        raise TableError(
            f"is not text with columns ({error})", file=path, row=len(records) + 1, allowed="quotes in pairs"
        ) from None
    return records


@dataclass(frozen=True)
class Header:
    """Names of the columns, how many records stand above the first row, and what was recognised."""

    names: list[str]
    above: int
    notes: list[str]


def records_table(
    path: Path, records: Sequence[Sequence[str | None]], options: ReadOptions, notes: list[str]
) -> RawTable:
    """The table in records, one of which is the header.

    Parameters
    ----------
    path : Path
        Named in errors.
    records : sequence of sequence of str or None
        Cells, row by row.
    options : ReadOptions
        Says which names the header may have.
    notes : list of str
        What was recognised before.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        A column of use occurs twice, or a row does not fit the header.
    """
    import polars as pl

    used = {folded(name) for name in (*COLUMNS, *options.columns.values())}
    header = _header(path, records, used, options)
    names = header.names
    rows = [
        (number, _fitted(row, len(names)))
        for number, row in enumerate(records[header.above :])
        if any(cell and cell.strip() for cell in row)
    ]
    further = _check_lengths(path, header, rows, used, wide=bool(options.wide))
    columns = zip(*(row for _number, row in rows), strict=True) if rows else [()] * len(names)
    table = pl.DataFrame(
        [pl.Series(name, list(cells), dtype=pl.String) for name, cells in zip(names, columns, strict=True)]
    )
    offsets = pl.Series([number for number, _row in rows], dtype=pl.UInt32)
    return RawTable(table, header.above + 1, offsets, (*notes, *header.notes, *further))


def _header(
    path: Path, records: Sequence[Sequence[str | None]], used: set[str], options: ReadOptions
) -> Header:
    def known(row: Sequence[str | None]) -> int:
        return len(used & {folded((cell or "").strip()) for cell in row})

    filled = [
        at for at, row in enumerate(records[:DEEPEST_HEADER]) if any(cell and cell.strip() for cell in row)
    ]
    if not filled:
        raise TableError("the table has no rows", file=path, allowed="a header and one row or more")
    at = max(filled, key=lambda place: (known(records[place]), -place))
    notes = [f"a table with its header in row {at + 1}"] if at != filled[0] else []
    above = at + 1
    for place in range(at + 1, min(at + 3, len(records))):
        if any((cell or "").startswith(IMPORT_ROW) for cell in records[place]):
            notes.append(f"a header of {place - at + 1} rows, as Qualtrics writes it")
            above = place + 1
    names = [(cell or "").strip() for cell in records[at]]
    while names and not names[-1]:
        names.pop()
    return Header(
        _unique(path, names, used | set(map(folded, evidence_columns(names))), options), above, notes
    )


def _unique(path: Path, names: list[str], used: set[str], options: ReadOptions) -> list[str]:
    """The names, those of no use that occur twice told apart by their place."""
    times = Counter(names)
    for name, count in times.items():
        if count > 1 and (folded(name) in used or (options.wide and name)):
            raise TableError("there are several columns of this name", file=path, column=name, allowed="one")
    return [
        name if name and times[name] == 1 else f"{name or 'column'} ({place})"
        for place, name in enumerate(names, start=1)
    ]


def _fitted(row: Sequence[str | None], width: int) -> list[str | None]:
    """A row without empty cells beyond the header; what is not there stays away."""
    cells = [cell or None for cell in row]
    while len(cells) > width and not (cells[-1] or "").strip():
        cells.pop()
    return cells


def _check_lengths(
    path: Path, header: Header, rows: "list[tuple[int, list[str | None]]]", used: set[str], *, wide: bool
) -> list[str]:
    """Refuse rows that are longer than the header, or end before a column of use; fill up others, and say so."""
    width = len(header.names)
    needed = (
        width
        if wide
        else 1
        + max((place for place, name in enumerate(header.names) if folded(name) in used), default=width - 1)
    )
    short = [number for number, row in rows if len(row) < (1 if wide else needed)]
    long = [number for number, row in rows if len(row) > width]
    faults = [
        *((number, "ends too early") for number in short),
        *((number, "has too many cells") for number in long),
    ]
    if faults:
        number, problem = min(faults)
        found = len(next(row for place, row in rows if place == number))
        many = f", as do {len(faults) - 1} more" if len(faults) > 1 else ""
        raise TableError(
            f"the row {problem}{many}",
            file=path,
            row=number + header.above + 1,
            given=f"{found} cells",
            allowed=f"{width} cells, as the header has",
        )
    filled = 0
    for _number, row in rows:
        filled += len(row) < width
        row.extend([None] * (width - len(row)))
    return [f"{filled} row(s) that end before the header does, filled up with empty cells"] if filled else []
