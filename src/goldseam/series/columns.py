"""From a checked table to the flat arrays of many series."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldseam.exceptions import TableError
from goldseam.series.checking import KEYS, LARGEST_SESSION, ROW, Checks

if TYPE_CHECKING:
    import polars as pl

    from goldseam.arrays import Floats, Integers


def columns(typed: "pl.DataFrame", checks: Checks, further: Sequence[str] = ()) -> dict[str, Any]:
    """The fields of `RatingSeries`, rows sorted by series and session, each session of a series once."""
    keys, series = _series_of_rows(typed)
    session = typed.get_column("session").to_numpy().astype(np.int64)
    order = _order(series, session)
    series, session = series[order], session[order]
    if not isinstance(order, slice):
        _check_duplicates(typed, order, series, session, checks)
    first = np.searchsorted(series, np.arange(keys.height))
    value = _numbers(typed, "value")[order]
    present = ~np.isnan(value)
    rated, missed = slice(None) if present.all() else present, ~present
    lengths = np.bincount(series[rated], minlength=keys.height)
    return {
        "keys": keys,
        "starts": np.concatenate(([0], np.cumsum(lengths))),
        "session": session[rated],
        "value": value[rated],
        "day": _numbers(typed, "date")[order][rated],
        "minimum": _bound(typed, "minimum", order, first, checks),
        "maximum": _bound(typed, "maximum", order, first, checks),
        "missed_series": series[missed],
        "missed_session": session[missed],
        "evidence": {name: _numbers(typed, name)[order][rated] for name in further},
    }


def _series_of_rows(typed: "pl.DataFrame") -> tuple["pl.DataFrame", "Integers"]:
    """The different series, sorted, and which of them each row belongs to.

    Rows of a series mostly stand together, and series mostly in order: then the first row of each says it all.
    """
    begins = np.flatnonzero(_begins(typed))
    lengths = np.diff(begins, append=typed.height)
    heads = typed.select(KEYS)[begins]
    keys = heads.sort(KEYS)
    if keys.equals(heads):
        return keys, np.repeat(np.arange(keys.height), lengths)
    keys = keys.unique(maintain_order=True)
    found = heads.join(
        keys.with_row_index("series"), on=KEYS, how="left", nulls_equal=True, maintain_order="left"
    )
    return keys, np.repeat(found.get_column("series").to_numpy().astype(np.int64), lengths)


def _begins(typed: "pl.DataFrame") -> NDArray[np.bool_]:
    """Whether a row belongs to another series than the row above."""
    begins = np.zeros(typed.height, np.bool_)
    begins[0] = True
    for column in typed.select(KEYS).get_columns():
        if not column.eq_missing(column[0]).all():  # quicker than what follows, and mostly enough
            begins[1:] |= column[1:].ne_missing(column[:-1]).to_numpy()
    return begins


def _order(series: "Integers", session: "Integers") -> "Integers | slice":
    """The rows by series and session; all as they are where they are in order, each session once."""
    place = series * (LARGEST_SESSION + 1) + session
    if np.all(place[1:] > place[:-1]):
        return slice(None)
    return np.argsort(place, kind="stable")


def _numbers(typed: "pl.DataFrame", name: str) -> "Floats":
    """A column as floats, NaN where missing; dates as days since 1970-01-01."""
    import polars as pl

    column = typed.get_column(name)
    if column.null_count() == len(column):
        return np.broadcast_to(np.nan, len(column))  # takes no memory
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32).cast(pl.Float64)
    return column.fill_null(float("nan")).to_numpy()


def _check_duplicates(
    typed: "pl.DataFrame", order: "Integers", series: "Integers", session: "Integers", checks: Checks
) -> None:
    again = np.flatnonzero((series[1:] == series[:-1]) & (session[1:] == session[:-1]))
    if not again.size:
        return
    rows = typed.get_column(ROW).to_numpy()[order]
    # the sort is stable, so the later of two equal rows is the later in the file
    repeated = again[np.argmin(rows[again + 1])] + 1
    person = typed.row(int(order[repeated]), named=True)
    name = ", ".join(f"{key} {person[key]}" for key in KEYS if person[key] is not None)
    earlier = rows[repeated - 1] + checks.first_row
    raise checks.refuse(
        f"{name}: this session is already in row {earlier}",
        row=int(rows[repeated]),
        column="session",
        given=int(session[repeated]),
        allowed="each session once",
    )


def _bound(
    typed: "pl.DataFrame", name: str, order: "Integers | slice", first: "Integers", checks: Checks
) -> "Floats":
    """One bound of the scale per series; rows may leave it out but not contradict each other."""
    bound = _numbers(typed, name)[order]
    inside = np.ones(len(bound), np.bool_)
    inside[first] = False
    if np.isnan(bound).all() or not np.any((bound[1:] != bound[:-1]) & inside[1:]):
        return bound[first]
    lowest, highest = np.fmin.reduceat(bound, first), np.fmax.reduceat(bound, first)
    if np.any(lowest < highest):
        expected = np.repeat(lowest, np.diff(first, append=len(bound)))
        raise _changed(typed, name, order, bound > expected, checks)
    return lowest


def _changed(
    typed: "pl.DataFrame", name: str, order: "Integers | slice", where: NDArray[np.bool_], checks: Checks
) -> TableError:
    row = int(np.arange(typed.height)[order][np.flatnonzero(where)[0]])
    return checks.refuse(
        "the range changes within a series",
        row=int(typed.get_column(ROW).item(row)),
        column=name,
        given=typed.get_column(name).item(row),
        allowed=f"the same {name} in every row of a series",
    )
