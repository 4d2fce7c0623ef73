"""Tables of ratings: reading, checking, and the columnar form every criterion works on.

A ratings table has one row per attended session of one rater's view of one relation: ``case, rater, scale,
session, value`` and optionally ``phase, date, minimum, maximum``; other columns are ignored. Sessions are
numbered from 1 over the sessions that person attended, so a session without a row, and a row without a value,
are the same thing: attended, not rated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.exceptions import TableError
from goldseam.series.evidence import ON_THE_SCALE, evidence_columns
from goldseam.series.missing_codes import MissingCodes
from goldseam.series.table import TableChecks, checked_table, flat_arrays, read_table
from goldseam.series.table_columns import ROW

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class RatingSeries:
    """Many series of ratings, one after the other in flat arrays.

    Attributes
    ----------
    keys : polars.DataFrame, shape (n_series, 4)
        ``case, rater, scale, phase``, sorted; ``phase`` is null where none was given.
    starts : ndarray of int, shape (n_series + 1,)
        Series ``i`` owns the ratings ``starts[i]:starts[i + 1]``.
    session, value : ndarray, shape (n_ratings,)
        Session numbers, ascending within a series, and ratings; sessions without a rating are left out.
    day : ndarray of float, shape (n_ratings,)
        Days since 1970-01-01; NaN where no date was given.
    minimum, maximum : ndarray of float, shape (n_series,)
        The range of the scale; NaN where it was not given. Never taken from the ratings.
    missed_series, missed_session : ndarray of int
        Rows without a value: the series' index and the session.
    evidence : mapping of str to ndarray of float, shape (n_ratings,)
        What else is known of each rated session, by column; NaN where missing. Empty unless asked for.
    """

    keys: "pl.DataFrame"
    starts: Integers
    session: Integers
    value: Floats
    day: Floats
    minimum: Floats
    maximum: Floats
    missed_series: Integers
    missed_session: Integers
    evidence: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def from_table(
        cls,
        table: "pl.DataFrame",
        *,
        evidence: bool = False,
        file: str | Path | None = None,
        first_row: int = 1,
        missing: "float | str | Sequence[float | str]" = (),
        outlying: str | None = None,
    ) -> Self:
        """Check a table of ratings and bring it into columnar form.

        The result does not depend on the order of rows.

        Parameters
        ----------
        table : polars.DataFrame
            One row per attended session; columns as the head of this module lists them, in any order.
        evidence : bool
            Also read the columns of `goldseam.series.evidence`.
        file : str or Path, optional
            Named in errors.
        first_row : int
            The number errors give to the first row.
        missing, outlying
            As for `read_ratings`.

        Returns
        -------
        RatingSeries

        Raises
        ------
        TableError
            A column is missing or has the wrong type, a session is not a whole number from 1 on or occurs
            twice in a series, a value is infinite or lies outside its range, or the range is impossible or
            changes within a series.
        """
        checks = TableChecks(file, first_row, _codes(missing, outlying))
        evidence_names = evidence_columns(table.columns) if evidence else []
        typed = checked_table(table, checks, evidence_names)
        series = cls(**flat_arrays(typed, checks, evidence_names))
        _look_at(series, typed, checks)
        return series

    @property
    def n_series(self) -> int:
        """Number of series."""
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> Integers:
        """Number of ratings of each series, shape (n_series,)."""
        return np.diff(self.starts)

    @cached_property
    def series_of(self) -> Integers:
        """The series each rating belongs to, shape (n_ratings,)."""
        return np.repeat(np.arange(self.n_series), self.lengths)

    @cached_property
    def position(self) -> Integers:
        """Number of earlier ratings in the same series, shape (n_ratings,)."""
        return np.arange(len(self.value)) - np.repeat(self.starts[:-1], self.lengths)

    @cached_property
    def follows_directly(self) -> Flags:
        """Whether the session immediately before was rated, shape (n_ratings,)."""
        directly = np.zeros(len(self.session), np.bool_)
        directly[1:] = (np.diff(self.session) == 1) & (np.diff(self.series_of) == 0)
        return directly

    @cached_property
    def by_length(self) -> Integers:
        """The series from the longest to the shortest, shape (n_series,)."""
        return np.argsort(-self.lengths, kind="stable")

    def lagged(self, values: Floats, back: int = 1) -> Floats:
        """What the rating so many places earlier in the same series had.

        Parameters
        ----------
        values : ndarray of float, shape (n_ratings,)
            A number of every rating.
        back : int
            1 for the rating before, 2 for the one before that, ...

        Returns
        -------
        ndarray of float, shape (n_ratings,)
            NaN where there is no such rating.
        """
        shifted = np.full(len(values), np.nan)
        shifted[back:] = values[:-back] if back < len(values) else []
        shifted[self.position < back] = np.nan
        return shifted

    def lagged_flags(self, flags: Flags, back: int = 1) -> Flags:
        """Whether something held for the rating so many places earlier in the same series.

        Parameters
        ----------
        flags : ndarray of bool, shape (n_ratings,)
            Whether it holds for each rating.
        back : int
            1 for the rating before, 2 for the one before that, ...

        Returns
        -------
        ndarray of bool, shape (n_ratings,)
            False where there is no such rating.
        """
        shifted = np.zeros_like(flags)
        shifted[back:] = flags[: max(len(flags) - back, 0)]
        return shifted & (self.position >= back)

    def steps(self, order: Integers | None = None) -> Iterator[Integers]:
        """The first rating of every series, then the second of all that have one, and so on.

        Parameters
        ----------
        order : ndarray of int, optional
            Series from the longest to the shortest; all of them (`by_length`) if not given.

        Yields
        ------
        ndarray of int
            Positions of ratings; the i-th belongs to the i-th series of the order, so that work shrinks as the
            shorter series end.
        """
        order = self.by_length if order is None else order
        first = self.starts[:-1][order]
        lengths = self.lengths[order]
        active = len(lengths)
        for step in range(int(lengths.max(initial=0))):
            while lengths[active - 1] <= step:
                active -= 1
            yield first[:active] + step

    def blocks(self, ratings: int) -> Iterator[Self]:
        """The series, some at a time; all of them together if they are few, or none.

        Parameters
        ----------
        ratings : int
            About how many ratings there are in a block; a series is never divided.

        Yields
        ------
        RatingSeries
        """
        cuts = np.searchsorted(self.starts[:-1], np.arange(ratings, len(self.value), ratings))
        ends = np.unique([0, *cuts, self.n_series])
        if len(ends) <= 2:
            yield self
            return
        for first, stop in pairwise(ends):
            yield self.part(int(first), int(stop))

    def part(self, first: int, stop: int) -> Self:
        """Series that stand together.

        Parameters
        ----------
        first, stop : int
            The first of them, and the one after the last.

        Returns
        -------
        RatingSeries
        """
        rated = slice(self.starts[first], self.starts[stop])
        missed = slice(*np.searchsorted(self.missed_series, (first, stop)))
        return replace(
            self,
            keys=self.keys[first:stop],
            starts=self.starts[first : stop + 1] - self.starts[first],
            session=self.session[rated],
            value=self.value[rated],
            day=self.day[rated],
            minimum=self.minimum[first:stop],
            maximum=self.maximum[first:stop],
            missed_series=self.missed_series[missed] - first,
            missed_session=self.missed_session[missed],
            evidence={name: values[rated] for name, values in self.evidence.items()},
        )

    def reversed(self) -> Self:
        """The same series with the sign of every rating changed, so that higher is better where lower was.

        Returns
        -------
        RatingSeries
        """
        evidence = {
            name: -values if name.startswith(ON_THE_SCALE) else values
            for name, values in self.evidence.items()
        }
        return replace(
            self, value=-self.value, minimum=-self.maximum, maximum=-self.minimum, evidence=evidence
        )


def read_ratings(
    path: str | Path,
    *,
    missing: "float | str | Sequence[float | str]" = (),
    outlying: str | None = None,
) -> "pl.DataFrame":
    """Read a table of ratings from a CSV or Parquet file, chosen by the name's ending.

    In CSV, an empty cell, ``NA`` and ``NaN`` are missing values, and case, rater, scale and phase stay text
    ("007" stays "007").

    Parameters
    ----------
    path : str or Path
        A ``.csv`` or ``.parquet`` file.
    missing : float, str or sequence of them
        Codes that stand for a missing rating, such as ``[-99, 999]`` or ``"-99,999"``.
    outlying : str, optional
        *real*: values far from all others that look like such codes are ratings. If not given, they are refused
        where no range is stated; ``docs/reference/command-line.md`` says by which rule.

    Returns
    -------
    polars.DataFrame
        The checked columns ``case, rater, scale, phase, session, value, minimum, maximum, date``.

    Raises
    ------
    TableError
        There is no such file, it is not what its ending says, or a cell cannot be used.
    ParameterError
        The codes, or what to do with outlying values, are not what is allowed.
    """
    import polars as pl

    table, first_row = read_table(Path(path))
    checks = TableChecks(path, first_row, _codes(missing, outlying))
    checked = checked_table(table, checks)
    _look_at(RatingSeries(**flat_arrays(checked, checks)), checked, checks)
    return checked.drop(ROW).with_columns(pl.col("session").cast(pl.Int64))


def load_series(
    ratings: "pl.DataFrame | str | Path",
    *,
    evidence: bool = False,
    missing: "float | str | Sequence[float | str]" = (),
    outlying: str | None = None,
) -> RatingSeries:
    """Series from a table in memory or in a file.

    Parameters
    ----------
    ratings : polars.DataFrame, str or Path
        A table of ratings, or the path of a ``.csv`` or ``.parquet`` file that holds one.
    evidence : bool
        Also read the columns of `goldseam.series.evidence`.
    missing, outlying
        As for `read_ratings`.

    Returns
    -------
    RatingSeries

    Raises
    ------
    TableError
        As for `read_ratings` and `RatingSeries.from_table`.
    """
    import polars as pl

    if isinstance(ratings, pl.DataFrame):
        return RatingSeries.from_table(ratings, evidence=evidence, missing=missing, outlying=outlying)
    if not isinstance(ratings, str | Path):
        kind = type(ratings).__name__
        raise TableError(
            "not a table of ratings", given=kind, allowed="a polars DataFrame, or the path of a file"
        )
    table, first_row = read_table(Path(ratings), evidence=evidence)
    return RatingSeries.from_table(
        table,
        evidence=evidence,
        file=ratings,
        first_row=first_row,
        missing=missing,
        outlying=outlying,
    )


def _codes(missing: "float | str | Sequence[float | str]", outlying: str | None) -> MissingCodes:
    """What stands for a missing rating; mostly nothing is given."""
    given = outlying is not None or missing != ()
    return MissingCodes.of(missing, outlying) if given else MissingCodes()


def _look_at(series: RatingSeries, typed: "pl.DataFrame", checks: TableChecks) -> None:
    """Tell of, or refuse, courses that cannot be meant; a quick look says whether there may be any."""
    falls = (np.diff(series.day) < 0) & (np.diff(series.series_of) == 0)
    if falls.any():
        from goldseam.series.suspicious import look_at_dates

        look_at_dates(typed, checks)
    # tables made in memory repeat courses on purpose
    if checks.file is not None and _some_are_alike(series):
        from goldseam.series.suspicious import tell_repeated_courses

        tell_repeated_courses(typed, checks)


def _some_are_alike(series: RatingSeries) -> bool:
    """Whether two courses seem to be the same: equal sums, weighted so that others hardly have them."""
    filled = series.lengths > 1
    if filled.sum() < 2:
        return False
    sums = np.bincount(
        series.series_of, weights=series.value * np.sqrt(series.session + 1.7), minlength=series.n_series
    )
    return len(np.unique(sums[filled])) < int(filled.sum())
