"""A table of ratings in files at any address, parted so that every part holds whole cases, in the cases' order."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import uuid4

from goldseam.exceptions import ParameterError, TableError
from goldseam.extras import extra

if TYPE_CHECKING:
    import polars as pl

Item = TypeVar("Item")
Found = TypeVar("Found")
Name = str | int
ROWS = 1_000_000
"""Of a part, about: what a worker holds at once."""
SAMPLED = 256
"""Rows of each slice whose cases say where parts end."""
LOCAL = ("file", "local")


class Engine(Protocol):
    """What runs tasks: `goldseam.dask_engine.DaskEngine`."""

    def run(self, task: Callable[[Item], Found], items: Sequence[Item], what: str) -> list[Found]:
        """What a task gives for each item, in their order."""


@dataclass(frozen=True)
class Slice:
    """Some rows of a file.

    Attributes
    ----------
    address : str
        Of the file.
    number : int
        Of the slice, over all files.
    first, rows : int
        Which ones.
    """

    address: str
    number: int
    first: int
    rows: int

    def frame(self, column: str | None = None) -> "pl.DataFrame":
        """The rows; of one column alone if one is named, and of none where it is not there."""
        lazy = _scanned(self.address)
        if column is not None:
            lazy = lazy.select(each for each in lazy.collect_schema().names() if each == column)
        return lazy.slice(self.first, self.rows).collect()


@dataclass(frozen=True)
class SplitTask:
    """A slice whose rows go to the parts their cases belong to.

    Attributes
    ----------
    of : Slice
        Which rows.
    cuts : tuple
        The first case of each part but the first, ascending.
    folder : str
        Address of the folder for what is written.
    """

    of: Slice
    cuts: tuple[Name, ...]
    folder: str


def table_files(address: str) -> list[str]:
    """The Parquet files at an address.

    Parameters
    ----------
    address : str
        Of one file, or of a folder of them: a path, or ``s3://...`` and whatever else fsspec knows.

    Returns
    -------
    list of str
        In the order of their names.

    Raises
    ------
    TableError
        There are none.
    """
    system, path = _system(address)
    if system.isdir(path):
        found = sorted(each for each in system.ls(path, detail=False) if each.endswith(".parquet"))
    else:
        found = [path] if system.exists(path) and path.endswith(".parquet") else []
    if not found:
        raise TableError(
            "no Parquet there", file=address, allowed="with --engine a .parquet file, or a folder of them"
        )
    return [system.unstrip_protocol(each) for each in found]


def slices(files: Sequence[str], rows: int) -> list[Slice]:
    """Files in slices of at most so many rows.

    Parameters
    ----------
    files : sequence of str
        Addresses.
    rows : int
        At most.

    Returns
    -------
    list of Slice
    """
    import polars as pl

    found: list[Slice] = []
    for file in files:
        height = _scanned(file).select(pl.len()).collect().item()
        found += [
            Slice(file, len(found) + place, first, min(rows, height - first))
            for place, first in enumerate(range(0, height, rows))
        ]
    return found


def sampled_cases(of: Slice) -> list[Name]:
    """Cases of rows that lie evenly in the order of the cases.

    Parameters
    ----------
    of : Slice
        Which rows.

    Returns
    -------
    list of str or int
    """
    cases = case_names(of.frame("case"), of.address).sort()
    step = max(len(cases) // SAMPLED, 1)
    return cases.gather_every(step).to_list()


def cut_points(samples: Sequence[Sequence[Name]], parts: int) -> tuple[Name, ...]:
    """Where parts begin, so that they hold about as many rows each.

    Parameters
    ----------
    samples : sequence of sequence
        `sampled_cases` of each slice.
    parts : int
        How many.

    Returns
    -------
    tuple
        The first case of each part but the first, ascending.

    Raises
    ------
    TableError
        Cases are text in one file and numbers in another.
    """
    if len({type(name) for each in samples for name in each}) > 1:
        raise TableError("cases are text in one file and numbers in another", allowed="the same in all")
    every = sorted(name for each in samples for name in each)
    places = [len(every) * part // parts for part in range(1, parts)]
    return tuple(sorted({every[place] for place in places}))


def split_slice(task: SplitTask) -> list[tuple[int, str]]:
    """Write the rows of a slice into a file for each part they belong to.

    Parameters
    ----------
    task : SplitTask
        Which rows, and where to.

    Returns
    -------
    list of (int, str)
        Part and address of each file.
    """
    import polars as pl

    frame = task.of.frame()
    names = case_names(frame, task.of.address)
    unique = names.unique()
    part = [bisect_right(task.cuts, name) for name in unique.to_list()]
    parts = names.to_frame("key").join(
        pl.DataFrame({"key": unique, "part": pl.Series(part, dtype=pl.Int64)}),
        on="key",
        how="left",
        maintain_order="left",
    )
    written = []
    for number in sorted(set(part)):
        address = f"{task.folder}/{number:06d}-{task.of.number:06d}.parquet"
        write_parquet(frame.filter(parts.get_column("part") == number), address)
        written.append((number, address))
    return written


def case_names(frame: "pl.DataFrame", address: str) -> "pl.Series":
    """The cases of rows, as they are compared: text without blanks at its ends, or whole numbers.

    Parameters
    ----------
    frame : polars.DataFrame
        With a column ``case``.
    address : str
        Of its file, named in errors.

    Returns
    -------
    polars.Series

    Raises
    ------
    TableError
        There is no such column, a cell of it is empty, or it is neither text nor whole numbers.
    """
    import polars as pl

    if "case" not in frame.columns:
        raise TableError("no such column", file=address, column="case", allowed="with --engine our own names")
    column = frame.get_column("case")
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.null_count() or not (column.dtype == pl.String or column.dtype.is_integer()):
        given = "empty cells" if column.null_count() else str(column.dtype)
        raise TableError(
            "names that cannot be used",
            file=address,
            column="case",
            given=given,
            allowed="text or whole numbers",
        )
    return column.str.strip_chars() if column.dtype == pl.String else column


def read_parquet(address: str) -> "pl.DataFrame":
    """A file of Parquet at any address."""
    return _scanned(address).collect()


def write_parquet(frame: "pl.DataFrame", address: str) -> None:
    """Write a file of Parquet whole or not at all; the same again where it is there.

    Parameters
    ----------
    frame : polars.DataFrame
        Of any columns.
    address : str
        Of the file; its folder is made.
    """
    system, path = _system(address)
    folder, _slash, name = path.rpartition("/")
    system.makedirs(folder, exist_ok=True)
    packed = BytesIO()
    frame.write_parquet(packed, statistics=False)
    draft = f"{folder}/.{uuid4().hex}-{name}"
    system.pipe_file(draft, packed.getvalue())
    system.mv(draft, path)


def fresh_folder(address: str, *, force: bool) -> None:
    """Refuse a folder that holds something; with `force`, take away the parts in it.

    Parameters
    ----------
    address : str
        Where parts will be written.
    force : bool
        Whether parts that are there may go.

    Raises
    ------
    ParameterError
        There is something else, or no `force`.
    """
    system, path = _system(address)
    if not system.exists(path):
        return
    inside = system.ls(path, detail=False) if system.isdir(path) else [path]
    parts = [each for each in inside if _is_part(each.rstrip("/").rpartition("/")[2])]
    if len(parts) < len(inside):
        raise ParameterError("holds something else", where=address, allowed="a new folder, or one of parts")
    if parts and not force:
        raise ParameterError(
            "there are parts", where=address, allowed="a new folder, or --force to write over them"
        )
    for each in parts:
        system.rm(each, recursive=True)


def check_apart(addresses: Sequence[str]) -> None:
    """Refuse a place that lies within another one: what is written there would take away what is read here.

    Parameters
    ----------
    addresses : sequence of str
        Of what is read, and of each folder that is written.

    Raises
    ------
    ParameterError
        Two are the same, or one lies within the other.
    """
    known: list[str] = []
    for address in addresses:
        system, path = _system(address)
        here = f"{system.unstrip_protocol(path).rstrip('/')}/"
        if any(here.startswith(each) or each.startswith(here) for each in known):
            raise ParameterError(
                "lies within another",
                where=address,
                allowed="a folder of its own for each, apart from the ratings",
            )
        known.append(here)


PIECES = "_pieces"
"""The folder of what is written on the way, within that of a result."""


def _is_part(name: str) -> bool:
    return name == PIECES or (name.startswith("part-") and name.endswith(".parquet"))


def remove_folder(address: str) -> None:
    """Take away a folder with everything in it, where it is there."""
    system, path = _system(address)
    if system.exists(path):
        system.rm(path, recursive=True)


def _scanned(address: str) -> "pl.LazyFrame":
    import polars as pl

    system, path = _system(address)
    if {*_protocols(system)} & {*LOCAL}:
        return pl.scan_parquet(path)
    return pl.scan_parquet(BytesIO(system.cat_file(path)))


def _protocols(system: Any) -> tuple[str, ...]:
    protocol = system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    try:
        found: tuple[Any, str] = extra("fsspec.core", "distributed").url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise ParameterError(
            "cannot be reached", where=address, given=str(error), allowed="an address of fsspec"
        ) from None
    return found
