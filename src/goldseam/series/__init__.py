"""Tables of ratings: reading, checking, and the columnar form every criterion works on.

A ratings table has one row per attended session of one rater's view of one relation: ``case, rater, scale,
session, value`` and optionally ``phase, date, minimum, maximum, step``; other columns are ignored. Sessions are
numbered from 1 over the sessions that person attended, so a session without a row, and a row without a value,
are the same thing: attended, not rated.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.exceptions import TableError
from goldseam.series.evidence import ON_THE_SCALE, evidence_columns
from goldseam.series.missing_codes import MissingCodes
from goldseam.series.read_options import MissingRatings, Ratings, RawTable, ReadOptions
from goldseam.series.table import TableChecks, checked_table, flat_arrays, look_at_courses
from goldseam.series.table_columns import COLUMNS, REQUIRED

if TYPE_CHECKING:
    import polars as pl

NOT_PLAIN = bytes({*range(32), ord('"')} - {*b"\t\n\r"})


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
    step : ndarray of float, shape (n_series,)
        Distance between possible ratings; NaN where it was not given. Never taken from the ratings.
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
    step: Floats
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
        missing: MissingRatings = (),
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
        return cls.of_raw(RawTable(table, first_row), checks, evidence=evidence)[0]

    @classmethod
    def of_raw(
        cls, raw: RawTable, checks: TableChecks, *, evidence: bool = False
    ) -> "tuple[Self, pl.DataFrame]":
        """The same from a table as it was found, and the checked table itself.

        Parameters
        ----------
        raw : RawTable
            Any columns, in any order.
        checks : TableChecks
            Keeps the faults and refuses them together.
        evidence : bool
            Also read the columns of `goldseam.series.evidence`.

        Returns
        -------
        RatingSeries
        polars.DataFrame
            As `goldseam.read_ratings` returns it, with the number of each row.

        Raises
        ------
        TableError
            As for `from_table`; every fault is named.
        """
        names = evidence_columns(raw.table.columns) if evidence else []
        typed = checked_table(raw, checks, names)
        if typed.is_empty():
            checks.finish()
        arrays = flat_arrays(typed, checks, names)
        look_at_courses(arrays, typed, checks)
        checks.finish()
        return cls(**arrays), typed

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
            step=self.step[first:stop],
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


def load_series(
    ratings: Ratings,
    *,
    evidence: bool = False,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> RatingSeries:
    """Series from a table in memory or in a file.

    Parameters
    ----------
    ratings
        As for `goldseam.read_ratings`.
    evidence : bool
        Also read the columns of `goldseam.series.evidence`.
    missing, outlying
        As for `goldseam.read_ratings`.
    reading : ReadOptions, optional
        How the table is written, where it is not the usual way.

    Returns
    -------
    RatingSeries

    Raises
    ------
    TableError
        As for `goldseam.read_ratings` and `RatingSeries.from_table`.
    """
    if isinstance(ratings, RatingSeries):
        return ratings
    codes = _codes(missing, outlying)
    raw, checks = found_table(ratings, reading or ReadOptions(), codes, evidence=evidence)
    return RatingSeries.of_raw(raw, checks, evidence=evidence)[0]


def found_table(
    ratings: Ratings, options: ReadOptions, codes: MissingCodes, *, evidence: bool = False
) -> tuple[RawTable, TableChecks]:
    """The table as it is written, with our names for its columns, and the checks it has to pass."""
    import polars as pl

    file = ratings if isinstance(ratings, str | Path) else None
    raw = RawTable(ratings) if isinstance(ratings, pl.DataFrame) else None
    if file is not None and not (options.delimiter or options.decimal or options.encoding):
        raw = plain_table(Path(file), evidence=evidence)
    arranged = options.columns or options.constants or options.wide or options.layout or options.sessions
    if raw is None or arranged or not {*REQUIRED} <= {*raw.table.columns}:
        from goldseam.series.opening import open_table

        raw = open_table(ratings, raw, options)
    return raw, TableChecks(file, raw.first_row, codes, options, notes=[*raw.notes])


def plain_table(path: Path, *, evidence: bool = False) -> RawTable | None:
    """A table in Parquet or plain CSV with the usual columns; None for anything else.

    Plain is comma-separated UTF-8 without quotes, each row as long as the header. Rows of CSV are numbered from 2 on,
    as a spreadsheet shows them.
    """
    readers: dict[str, Callable[[Path], RawTable | None]] = {
        ".csv": _read_csv,
        ".parquet": partial(_read_parquet, evidence=evidence),
    }
    reader = readers.get(path.suffix.lower())
    return reader(path) if reader is not None and path.is_file() else None


def _read_csv(path: Path) -> RawTable | None:
    import polars as pl

    content = path.read_bytes()
    header, _, rest = content.partition(b"\n")
    names = header.split(b",")
    known = {name.encode() for name in REQUIRED} <= {*names}
    plain = known and len(content.translate(None, NOT_PLAIN)) == len(content)
    lines = rest.count(b"\n") + (not rest.endswith(b"\n"))
    if not (plain and len({*names}) == len(names) and rest.count(b",") == lines * (len(names) - 1)):
        return None
    try:
        return RawTable(pl.read_csv(content, infer_schema=False), 2)
    except pl.exceptions.PolarsError:
        return None


def _read_parquet(path: Path, *, evidence: bool) -> RawTable:
    import polars as pl

    if path.stat().st_size == 0:
        raise TableError("the file is empty", file=path, allowed="a Parquet file")
    try:
        present = pl.read_parquet_schema(path)
        wanted = [name for name in COLUMNS if name in present]
        wanted += evidence_columns(present) if evidence else []
        whole = not {*REQUIRED} <= {*present}
        return RawTable(pl.read_parquet(path, columns=None if whole else wanted))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        # a damaged file can make the reader panic rather than refuse
        reason = str(error).splitlines()[0]
        raise TableError(f"is not a Parquet file ({reason})", file=path) from None


def _codes(missing: MissingRatings, outlying: str | None) -> MissingCodes:
    """What stands for a missing rating; mostly nothing is given."""
    given = outlying is not None or missing != ()
    return MissingCodes.of(missing, outlying) if given else MissingCodes()
