"""Tables of polars from and for pandas, through NumPy alone, so that pyarrow is not needed."""

from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.exceptions import TableError

if TYPE_CHECKING:
    import polars as pl

FIRST_WITH_TEXT = 3
"""The version of pandas from which on text has a type of its own."""


def table_of_pandas(frame: Any) -> "pl.DataFrame":
    """A table with the columns of a frame of pandas; its index is left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        Names of columns are read as text.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    TableError
        Two columns have the same name.
    """
    import polars as pl

    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise TableError("there are several columns of this name", column=name, allowed="one")
    return pl.DataFrame(
        [column_of_pandas(frame.iloc[:, place]).alias(name) for place, name in enumerate(names)]
    )


def column_of_pandas(column: Any) -> "pl.Series":
    """A column of pandas: numbers and dates as they are, all else by its different values.

    Parameters
    ----------
    column : pandas.Series
        Of any type.

    Returns
    -------
    polars.Series
        Null where pandas has a missing value of any kind.
    """
    import polars as pl

    kind = getattr(column.dtype, "kind", "O")
    if kind == "M":
        naive = column.dt.tz_localize(None) if getattr(column.dtype, "tz", None) is not None else column
        return pl.Series(naive.to_numpy().astype("datetime64[us]"))
    if kind in "iuf":
        missing = column.isna().to_numpy()
        number = np.float64 if kind == "f" or missing.any() else np.int64
        cells = (
            column.to_numpy(dtype=number, na_value=np.nan) if missing.any() else column.to_numpy(dtype=number)
        )
        return pl.Series(cells, nan_to_null=True)
    if _is_text(column, kind):
        return pl.Series(column.to_numpy(dtype=object, na_value=None), dtype=pl.String)
    try:
        codes, kinds = column.factorize()
    except TypeError:  # cells that are lists or the like, which the checks refuse by their type
        return pl.Series(column.to_list(), strict=False)
    values = pl.Series([_plain(value) for value in kinds], strict=False)
    places = pl.Series(codes, dtype=pl.Int64)
    return values.gather(places.set(places < 0, None))


def _is_text(column: Any, kind: str) -> bool:
    """Whether a column holds text alone, apart from missing values."""
    from pandas.api.types import infer_dtype

    return str(column.dtype).startswith("str") or (
        kind == "O" and infer_dtype(column, skipna=True) == "string"
    )


def _plain(value: Any) -> Any:
    """A value of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def as_pandas(table: "pl.DataFrame") -> Any:
    """A table as a frame of pandas.

    Parameters
    ----------
    table : polars.DataFrame
        Of text, numbers, truth values and dates.

    Returns
    -------
    pandas.DataFrame
        Whole numbers and truth values with missing ones as ``Int64`` and ``boolean``.

    Raises
    ------
    MissingExtraError
        pandas is not installed.
    """
    from goldseam.extras import extra

    pandas = extra("pandas", "r")
    return pandas.DataFrame({column.name: _for_pandas(column, pandas) for column in table.get_columns()})


def _for_pandas(column: "pl.Series", pandas: Any) -> Any:
    import polars as pl

    if column.dtype == pl.String:
        # by runs of the same text, so that not every cell is looked at
        runs = column.rle().struct.unnest()
        places = np.repeat(np.arange(runs.height), runs.get_column("len").to_numpy())
        text = int(pandas.__version__.partition(".")[0]) >= FIRST_WITH_TEXT
        kinds = pandas.array(runs.get_column("value").to_list(), dtype="str" if text else object)
        return pandas.Series(kinds.take(places))
    if column.dtype.is_temporal():
        return pandas.Series(column.cast(pl.Datetime("us")).to_numpy())
    if column.null_count() and (column.dtype.is_integer() or column.dtype == pl.Boolean):
        return pandas.array(column.to_list(), dtype="boolean" if column.dtype == pl.Boolean else "Int64")
    if isinstance(column.dtype, pl.List):
        return pandas.Series(column.to_list(), dtype=object)
    return pandas.Series(column.to_numpy())
