"""What a user may say of a table of ratings that is not written the usual way, and a table as it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

Ratings = Any
"""A table of ratings as `goldseam.read_ratings` takes it: a path, a frame of any library, columns, numbers."""

MissingRatings = float | str | Sequence[float | str]
"""Codes that stand for a missing rating."""


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a table of ratings is written, where it is not the usual way; what is not said is recognised, and told.

    Parameters
    ----------
    columns : mapping of str to str
        Our names to those in the table: ``{"case": "ID", "value": "WAI_total"}``.
    constants : mapping of str to str
        What is the same in every row: ``{"rater": "client", "scale": "alliance"}``.
    wide : str, optional
        The names of the columns of a table with one row a person: ``"S{session}"``, ``"{scale}_t{session}"``; the
        places are *session*, which is needed, *rater*, *scale* and *phase*. Empty cells after a person's last rating
        are no sessions.
    layout : str, optional
        The program that exported the table: *redcap*, *qualtrics*, *formr*.
    sessions : str, optional
        *dates*: the sessions of a series are its dates in order, the first one 1; also where there is no column of
        sessions but one of dates.
    date_format : str, optional
        As in ``strftime``: ``"%d.%m.%Y"``.
    value_range : pair of float, optional
        Minimum and maximum of the scales whose range no column states.
    delimiter, decimal, encoding : str, optional
        Of text: ``";"``, ``","``, ``"cp1252"``.
    sheet : str, optional
        Of a workbook; the first one with cells if not given.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    wide: str | None = None
    layout: str | None = None
    sessions: str | None = None
    date_format: str | None = None
    value_range: tuple[float, float] | None = None
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as it was found, before its cells are looked at.

    Attributes
    ----------
    table : polars.DataFrame
        Its columns may have any names and types.
    first_row : int
        The number of its first row, as errors give it.
    rows : polars.Series, optional
        How many rows below the first one each row stood; one after the other if not given.
    notes : tuple of str
        What was recognised.
    """

    table: "pl.DataFrame"
    first_row: int = 1
    rows: "pl.Series | None" = None
    notes: tuple[str, ...] = ()
