"""Tables that go with ratings: rows found by case, or by case and session, read as ratings are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import warn

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import TableError, TableWarning
from goldseam.series.missing_codes import MissingCodes
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.table import TableChecks, check_sessions, key_column, number_column
from goldseam.series.table_columns import ROW
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

SHOWN = 3
_OFFSET = "row of the file"


@dataclass(frozen=True, eq=False)
class KeyedTable:
    """A table each row of which has a key of its own.

    Attributes
    ----------
    rows : polars.DataFrame
        Every column as it was but the keys: text without blanks at the ends, ``session`` a whole number.
    keys : tuple of str
        The columns that name a row.
    what : str
        What the table is called in messages.
    file : str or Path
        Its path; of a table in memory what it is called.
    first_row : int
        The number of the first row.
    offsets : polars.Series
        How many rows below the first each row stood.
    """

    rows: "pl.DataFrame"
    keys: tuple[str, ...]
    what: str
    file: str | Path
    first_row: int
    offsets: "pl.Series"

    def numbers(self, name: str) -> "pl.Series":
        """A column of numbers, read as ratings are; null where there is none.

        Parameters
        ----------
        name : str
            Of the column.

        Returns
        -------
        polars.Series of float

        Raises
        ------
        TableError
            A cell is no finite number.
        """
        checks = TableChecks(self.file, self.first_row)
        table = self.rows.select(name).insert_column(0, self.offsets.alias(ROW))
        found = number_column(table, name, checks, MissingCodes())
        checks.finish()
        return found

    def refuse_infinite(self) -> None:
        """Refuse infinite numbers in any column.

        Raises
        ------
        TableError
            Names the first of them.
        """
        for name in self.rows.columns:
            column = self.rows.get_column(name)
            if name not in self.keys and column.dtype.is_float() and column.is_infinite().any():
                self.numbers(name)

    def cautions(self, known: "pl.DataFrame", *, complete: bool = True) -> tuple[str, ...]:
        """What does not match the ratings, in sentences; names that differ on both sides are told at once, too.

        Parameters
        ----------
        known : polars.DataFrame
            The keys of the ratings, each once: the first, or all, of the keys of this table.
        complete : bool
            Whether there should be a row for every key of the ratings.

        Returns
        -------
        tuple of str

        Raises
        ------
        TableError
            No row matches.
        """
        keys = known.columns
        unit = "case" if keys == ["case"] else "rated session"
        unknown = self.rows.join(known, on=keys, how="anti", maintain_order="left").select(keys)
        without = known.join(self.rows, on=keys, how="anti", maintain_order="left")
        if unknown.height == self.rows.height:
            raise TableError(
                f"{self.what}: no row is of a {unit} of the ratings",
                file=self.file,
                given=_examples(unknown) or "no rows",
                allowed=f"those of the ratings, written as there: {_examples(known)}",
            )
        if unit != "case":
            # a session that was attended and not rated may well have a row
            cases = known.select("case").unique(maintain_order=True)
            unknown = self.rows.join(cases, on="case", how="anti", maintain_order="left").select(keys)
        said = tuple(self._sentences(unknown, without if complete else known.clear(), known.height, unit))
        if unknown.height and without.height and unit == "case" and complete:
            warn(" ".join(said), TableWarning, stacklevel=2)
        return said

    def _sentences(
        self, unknown: "pl.DataFrame", without: "pl.DataFrame", of: int, unit: str
    ) -> Iterator[str]:
        if without.height:
            yield (
                f"The {self.what} table has no row for {without.height} of {counted(of, unit)}, "
                f"for example {_examples(without)}."
            )
        if unknown.height:
            name = "is" if unknown.height == 1 else "are"
            yield (
                f"{counted(unknown.height, 'row')} of the {self.what} table {name} of no case of the ratings and "
                f"left out, for example {_examples(unknown)}."
            )
        if without.height and unknown.height and unit == "case":
            yield "Where these are the same cases, their names have to be written alike."


def keyed_table(
    source: Any, keys: Sequence[str], what: str, allowed: Sequence[str] | None = None, *, once: bool = True
) -> KeyedTable:
    """A further table, each row of which has a key of its own.

    Parameters
    ----------
    source
        The path of a file of any kind that ratings come in, a frame, or what this function returned.
    keys : sequence of str
        Columns that name a row; ``session`` is a whole number, others are names.
    what : str
        What the table is called in errors.
    allowed : sequence of str, optional
        Further columns of which one at least has to be there.
    once : bool
        Whether a key that occurs twice is refused.

    Returns
    -------
    KeyedTable

    Raises
    ------
    TableError
        It cannot be read, a key is missing, cannot be used or occurs twice.
    """
    import polars as pl

    if isinstance(source, KeyedTable):
        return source
    file = source if isinstance(source, str | Path) else f"{what} table"
    raw = _opened(source)
    table = raw.table
    absent = [key for key in keys if key not in table.columns]
    if absent:
        raise TableError(
            f"{what}: no such column", file=file, given=", ".join(absent), allowed=", ".join(keys)
        )
    if allowed is not None and not {*allowed} & {*table.columns}:
        raise TableError(
            f"{what}: nothing to use", file=file, given=", ".join(table.columns), allowed=", ".join(allowed)
        )
    offsets = raw.rows if raw.rows is not None else pl.int_range(table.height, dtype=pl.UInt32, eager=True)
    placed = table.with_columns(offsets.alias(_OFFSET)).filter(
        ~pl.all_horizontal(pl.col(table.columns).is_null())
    )
    typed = placed.with_columns(_keys(placed, keys, TableChecks(file, raw.first_row)))
    twice = typed.filter(typed.select(*keys).is_duplicated())
    if once and twice.height:
        row = ", ".join(map(str, twice.select(*keys).row(0)))
        raise TableError(f"{what}: more than one row", file=file, given=row, allowed="one row each")
    return KeyedTable(typed.drop(_OFFSET), tuple(keys), what, file, raw.first_row, typed.get_column(_OFFSET))


def _keys(placed: "pl.DataFrame", keys: Sequence[str], checks: TableChecks) -> "list[pl.Series]":
    """The keys as ratings have them."""
    import polars as pl

    found: list[pl.Series] = []
    for key in keys:
        cells = pl.DataFrame([placed.get_column(_OFFSET).alias(ROW), placed.get_column(key)])
        if key == "session":
            number = number_column(cells, key, checks, MissingCodes())
            check_sessions(cells.with_columns(number.alias(key)), checks)
            found.append(number.alias(key))
        else:
            found.append(key_column(cells, key, checks).cast(pl.String).alias(key))
    checks.finish()
    return [each.cast(pl.Int64) if each.name == "session" else each for each in found]


def _opened(source: Any) -> RawTable:
    from goldseam.series.frames import frame_table
    from goldseam.series.opening import opened

    if not isinstance(source, str | Path):
        return RawTable(frame_table(source))
    path = Path(source)
    if path.suffix.lower() == ".parquet" and path.is_file():
        import polars as pl

        try:
            return RawTable(pl.read_parquet(path))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise TableError(f"is not a Parquet file ({reason})", file=path) from None
    return opened(path, ReadOptions())


def _examples(rows: "pl.DataFrame") -> str:
    return ", ".join(_example(row) for row in rows.head(SHOWN).rows())


def _example(row: tuple[Any, ...]) -> str:
    case, *session = row
    return f"{case!r}" if not session else f"{case!r} session {session[0]}"


def finite_or_nan(column: "pl.Series") -> Floats:
    """Numbers as an array; NaN where there is none."""
    return np.asarray(column.cast(float).fill_null(float("nan")).to_numpy(), dtype=np.float64)
