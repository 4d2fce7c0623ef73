"""Reading a table of ratings as it is, for whoever wants to see it before anything is done with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from goldseam.series import RatingSeries, found_table
from goldseam.series.frames import as_given
from goldseam.series.missing_codes import MissingCodes
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.series.table_columns import ROW

if TYPE_CHECKING:
    import polars as pl


def read_ratings(
    ratings: Ratings,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    wide: str | None = None,
    layout: str | None = None,
    sessions: str | None = None,
    date_format: str | None = None,
    value_range: tuple[float, float] | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> "pl.DataFrame":
    """Read and check a table of ratings, from a file or from memory.

    What is not written the usual way is recognised where it can only mean one thing; one line says what was
    recognised (a `TableNote`), and each part of it can be overruled by an option. All faults are reported at once.

    Parameters
    ----------
    ratings
        The path of a file: text with columns (``.csv``, ``.txt``, ``.tsv``, ...), ``.parquet``, ``.xlsx``, SPSS's
        ``.sav``, Stata's ``.dta``, R's ``.rds``. Or a data frame of polars (lazy too), pandas or another library that
        narwhals knows, a dict of columns, or the ratings of one course as a list or array.
    columns, constants, wide, layout, sessions, date_format, value_range, delimiter, decimal, encoding, sheet
        As for `goldseam.ReadOptions`.
    missing : float, str or sequence of them
        Codes that stand for a missing rating, such as ``[-99, 999]`` or ``"-99,999"``.
    outlying : str, optional
        *real*: values far from all others that look like such codes are ratings. If not given, they are refused
        where no range is stated; ``docs/reference/command-line.md`` says by which rule.

    Returns
    -------
    polars.DataFrame
        The checked columns ``case, rater, scale, phase, session, value, minimum, maximum, step, date``; one of pandas
        where one was given.

    Raises
    ------
    TableError
        There is no such file, it is not what its ending says, or cells cannot be used; every fault is named.
    ParameterError
        An option is not what is allowed.
    MissingExtraError
        The kind of file needs a library that is not installed.

    Examples
    --------
    >>> import goldseam
    >>> goldseam.read_ratings([7, 6, None, 7]).select("session", "value").rows()
    [(1, 7.0), (2, 6.0), (3, None), (4, 7.0)]
    """
    import polars as pl

    options = ReadOptions(
        columns=columns or {},
        constants=constants or {},
        wide=wide,
        layout=layout,
        sessions=sessions,
        date_format=date_format,
        value_range=value_range,
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        sheet=sheet,
    )
    raw, checks = found_table(ratings, options, MissingCodes.of(missing, outlying))
    typed = RatingSeries.of_raw(raw, checks)[1]
    table: pl.DataFrame = as_given(typed.drop(ROW).with_columns(pl.col("session").cast(pl.Int64)), ratings)
    return table
