"""Frames of other libraries, columns and plain numbers as tables of polars, and back to what was given."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np

from goldseam.exceptions import TableError
from goldseam.extras import extra
from goldseam.pandas_frames import as_pandas, column_of_pandas, table_of_pandas

if TYPE_CHECKING:
    import polars as pl

P = ParamSpec("P")
ALLOWED = (
    "a data frame (polars, pandas or another that narwhals knows), a dict of columns, a list or array of the "
    "ratings of one course, or the path of a file"
)
NAMES = {"case": "1", "rater": "rater", "scale": "rating"}
"""What a course given as numbers alone is called."""


def frame_table(ratings: Any) -> "pl.DataFrame":
    """A table of polars with what was given.

    Parameters
    ----------
    ratings
        A data frame of any library that narwhals knows, a mapping of names to columns, or the ratings of one course in
        order: a sequence or array of numbers, None and NaN where a session was not rated.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    TableError
        It is nothing of that kind.
    """
    import polars as pl

    if isinstance(ratings, pl.DataFrame):
        return ratings
    if isinstance(ratings, pl.LazyFrame):
        return ratings.collect()
    if isinstance(ratings, Mapping):
        return _of_columns(ratings)
    course = ratings.to_numpy() if _is_pandas(ratings) and ratings.ndim == 1 else ratings
    if isinstance(course, pl.Series):
        course = course.to_list()
    if isinstance(course, Sequence | np.ndarray) and not isinstance(course, str | bytes):
        return _of_numbers(course)
    return _of_frame(ratings)


def as_given(table: "pl.DataFrame", ratings: Any) -> Any:
    """A result as a frame of the library that the ratings came in; of polars where they came in none."""
    return as_pandas(table) if _is_pandas(ratings) else table


def polars_for_pandas(table: Any) -> Any:
    """A frame of pandas as one of polars; anything else as it is."""
    return frame_table(table) if _is_pandas(table) else table


def result_as_given(function: Callable[P, Any]) -> Callable[P, Any]:
    """A function of ratings that returns a table, so that it does in the frame that the ratings came in."""

    @wraps(function)
    def of_ratings(*given: P.args, **named: P.kwargs) -> Any:
        ratings = given[0] if given else named.get("ratings")
        return as_given(function(*given, **named), ratings)

    return of_ratings


def _is_pandas(given: object) -> bool:
    return type(given).__module__.partition(".")[0] == "pandas"


def _of_columns(columns: Mapping[Any, Any]) -> "pl.DataFrame":
    import polars as pl

    try:
        return pl.DataFrame({str(name): _cells(column) for name, column in columns.items()}, strict=False)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(f"not columns of a table ({reason})", allowed="columns of one length") from None


def _cells(column: Any) -> Any:
    if _is_pandas(column):
        return column_of_pandas(column)
    return list(column) if isinstance(column, tuple | range) else column


def _of_numbers(course: Any) -> "pl.DataFrame":
    import polars as pl

    try:
        values = np.array([np.nan if value is None else value for value in course], dtype=np.float64)
        words = any(isinstance(value, str | bool | np.bool_) for value in course)
    except (TypeError, ValueError):
        values, words = np.empty((0, 0)), True
    if values.ndim != 1 or words:
        raise TableError("not the ratings of one course", given=type(course).__name__, allowed=ALLOWED)
    sessions = np.arange(1, len(values) + 1)
    names = {name: pl.lit(text) for name, text in NAMES.items()}
    return pl.DataFrame({"session": sessions, "value": values}).with_columns(**names)


def _of_frame(ratings: Any) -> "pl.DataFrame":
    if _is_pandas(ratings) and hasattr(ratings, "columns"):
        return table_of_pandas(ratings)
    if not hasattr(ratings, "columns"):
        raise TableError("not a table of ratings", given=type(ratings).__name__, allowed=ALLOWED)
    nw = extra("narwhals", "frames")
    try:
        frame = nw.from_native(ratings)
    except TypeError:
        given = type(ratings).__name__
        raise TableError("not a table of ratings", given=given, allowed=ALLOWED) from None
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    table: pl.DataFrame = eager.to_polars()
    return table
