"""Files of ratings: CSV and Parquet, as they are."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from goldseam.exceptions import TableError
from goldseam.series.checking import COLUMNS, REQUIRED
from goldseam.series.evidence import evidence_columns

if TYPE_CHECKING:
    import polars as pl


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
