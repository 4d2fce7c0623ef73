"""Any table of ratings, whatever it is written in, as one of text, numbers and dates with our names for its columns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from goldseam.exceptions import TableError
from goldseam.series.arranging import arranged
from goldseam.series.read_options import RawTable, ReadOptions

TEXT = (".csv", ".txt", ".tsv", ".tab", ".dat")
ENDINGS = (*TEXT, ".parquet", ".xlsx", ".xlsm", ".sav", ".zsav", ".dta", ".rds")
KINDS = ".csv (or .txt, .tsv, .tab, .dat), .parquet, .xlsx, .sav, .dta or .rds"


def open_table(ratings: Any, raw: RawTable | None, options: ReadOptions) -> RawTable:
    """The table behind a path or in memory, arranged as one row a rating.

    Parameters
    ----------
    ratings
        As for `goldseam.read_ratings`.
    raw : RawTable or None
        The same as a table, where that is known already.
    options : ReadOptions
        How it is written.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        It cannot be read, or its columns are not what the options say.
    """
    if isinstance(ratings, str | Path):
        return arranged(raw or opened(Path(ratings), options), options, file=ratings)
    if raw is None:
        from goldseam.series.frames import frame_table

        raw = RawTable(frame_table(ratings))
    return arranged(raw, options, file=None)


def opened(path: Path, options: ReadOptions) -> RawTable:
    """The table in a file as it was found.

    Parameters
    ----------
    path : Path
        Of any of the kinds above.
    options : ReadOptions
        How it is written.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        It is no such file, or cannot be read.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise TableError("unknown kind of file", file=path, given=path.suffix, allowed=KINDS)
    if not path.is_file():
        problem = "is not a file" if path.exists() else "no such file"
        raise TableError(problem, file=path, allowed=f"the path of a file: {KINDS}")
    if path.stat().st_size == 0:
        raise TableError(
            "the file is empty", file=path, allowed="a header with case, rater, scale, session, value"
        )
    try:
        return _reader(ending)(path, options)
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror or error})", file=path) from None


def _reader(ending: str) -> Callable[[Path, ReadOptions], RawTable]:
    if ending in TEXT:
        from goldseam.series.text_files import text_table

        return text_table
    if ending.startswith(".xls"):
        from goldseam.series.workbooks import workbook_table

        return workbook_table
    from goldseam.series import statistics_files

    return statistics_files.r_table if ending == ".rds" else statistics_files.labelled_table
