"""What the commands share: options, aligned tables for a terminal, and files that appear whole or not at all."""

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series.read_options import ReadOptions

if TYPE_CHECKING:
    import polars as pl

# Control characters but tab and line end, and those that turn the direction of writing or have no width.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# What spreadsheets take for a formula (OWASP, CSV injection), unless it is a plain number.
_FORMULA = r"^[=+\-@\t\r\n]"
_NUMBER = r"^[+-][0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?$"
TABLE_ENDINGS = (".csv", ".parquet", ".rds")
GAP = "  "

RatingsFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Ratings: a .csv, .parquet, .xlsx, .sav, .dta or .rds file.")
]
RatingsAddress = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Ratings: a .csv, .parquet, .xlsx, .sav, .dta or .rds file; with --engine an address.",
    ),
]
LowerIsBetter = Annotated[
    bool, typer.Option("--lower-is-better", help="On these scales a low value is good.")
]
Direction = Annotated[
    bool | None,
    typer.Option(
        "--lower-is-better/--higher-is-better",
        help="Whether a low value is good on these scales; what the criterion is meant for if not given.",
    ),
]
CriterionParameters = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the criterion.")
]
NormsFile = Annotated[
    Path | None, typer.Option("--norms", help="Norms file; the shipped default if not given.")
]
ChosenNorms = Annotated[
    str,
    typer.Option(
        "--norms",
        metavar="FILE|auto|shipped",
        help="auto: fitted to the file if it holds 200 series, else shipped.",
    ),
]
Missing = Annotated[
    str,
    typer.Option("--missing", metavar="CODES", help="Codes for a missing rating: -99,999 for example."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over files that exist.")]
Outlying = Annotated[
    str | None,
    typer.Option("--outlying", metavar="real", help="real: values that look like such codes are ratings."),
]


READING = {
    "columns": (
        "NAME=COLUMN,...",
        "Our names to those in the file: case=ID,value=WAI_total; or a .yaml or .json file.",
    ),
    "constants": ("NAME=TEXT,...", "What is the same in every row: rater=client,scale=alliance."),
    "wide": ("PATTERN", "One row a person: the columns of ratings by pattern, S{session} for example."),
    "layout": ("NAME", "The program that exported the file: redcap, qualtrics, formr."),
    "sessions": ("dates", "dates: number the sessions of a series by its dates."),
    "date_format": ("FORMAT", "How dates are written: %d.%m.%Y for example."),
    "range": ("MIN:MAX", "Range of the scales, where no column states it: 1:7 for example."),
    "delimiter": ("CHARACTER", "What stands between cells; recognised if not given."),
    "decimal": ("CHARACTER", "Decimal point or comma; recognised if not given."),
    "encoding": ("NAME", "utf-8, utf-16, cp1252, ...; recognised if not given."),
    "sheet": ("NAME", "Sheet of a workbook; the first one with cells if not given."),
}
"""Options that say how a file is written, each with what to write and its meaning."""


def reads_ratings(command: Callable[..., None]) -> Callable[..., None]:
    """A command with an argument ``reading``, as one with an option for each part of it."""

    @wraps(command)
    def with_options(**given: Any) -> None:
        said = {name: given.pop(name) for name in READING}
        command(**given, reading=_read_options(said) if any(said.values()) else None)

    own = [each for each in signature(command).parameters.values() if each.name != "reading"]
    added = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(metavar=metavar, help=meaning)],
        )
        for name, (metavar, meaning) in READING.items()
    ]
    with_options.__signature__ = signature(command).replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in [*own, *added]}
    return with_options


def _read_options(said: Mapping[str, str | None]) -> ReadOptions:
    from goldseam.cli.read_option_texts import read_options

    return read_options(said)


def say(text: str, *, err: bool = False) -> None:
    """Print text, with what would steer the terminal written out: names in a table may come from anybody."""
    typer.echo(_STEERING.sub(lambda found: found.group().encode("unicode_escape").decode(), text), err=err)


def missing_codes(text: str) -> tuple[str, ...]:
    """Codes with commas between them; none in an empty text."""
    return (text,) if text else ()


def chosen_norms(text: str) -> "Norms | str":
    """Norms in a file, or the word that says which."""
    return text if text in {"auto", "shipped"} else Norms.read(text)


def parameters(settings: list[str] | None) -> dict[str, Any]:
    """``name=value`` pairs; the criterion reads the values."""
    pairs: dict[str, Any] = {}
    for setting in settings or []:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not (name and equals and value):
            raise ParameterError("not a setting", where="--set", given=setting, allowed="name=value")
        if name in pairs:
            raise ParameterError("set twice", where="--set", given=name, allowed="each parameter once")
        pairs[name.replace("-", "_")] = value
    return pairs


def numbers(option: str, texts: list[str]) -> tuple[float, ...]:
    """Numbers given with an option that may be repeated, or with commas between them."""
    words = [word.strip() for text in texts for word in text.split(",")]
    try:
        return tuple(float(word) for word in words)
    except ValueError:
        allowed = "numbers, with commas between them"
        raise ParameterError("not numbers", where=option, given=",".join(words), allowed=allowed) from None


def aligned(table: "pl.DataFrame") -> str:
    """A table as aligned text: one line per row, words to the left, numbers to the right.

    Parameters
    ----------
    table : polars.DataFrame
        Of any columns and rows.

    Returns
    -------
    str
        Columns without a single value are left out; an empty cell is ``-``.
    """
    filled = [column for column in table.get_columns() if column.count()]
    texts = [[column.name, *(_cell(value) for value in column)] for column in filled]
    widths = [max(map(len, text)) for text in texts]
    padded = [
        [cell.rjust(width) if column.dtype.is_numeric() else cell.ljust(width) for cell in text]
        for column, text, width in zip(filled, texts, widths, strict=True)
    ]
    return "\n".join(GAP.join(row).rstrip() for row in zip(*padded, strict=True))


def side_by_side(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of text in columns.

    Parameters
    ----------
    rows : sequence of sequence of str
        All equally long.

    Returns
    -------
    list of str
        A line for each row; cells to the left of their column.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def check_outputs(
    outputs: Sequence[Path],
    *,
    inputs: Sequence[Path],
    endings: Sequence[str] = TABLE_ENDINGS,
    force: bool = False,
) -> None:
    """Refuse what could not be written, before any work is done.

    Parameters
    ----------
    outputs, inputs : sequence of Path
        Files to be written, files that are read.
    endings : sequence of str
        What the name of an output may end with, in lower case.
    force : bool
        Whether a file that exists may be written over.

    Raises
    ------
    ParameterError
        An output has another ending, its folder does not exist, it is a folder, it is also an input, two
        outputs are the same file, or it exists and `force` was not given.
    MissingExtraError
        An output needs a library that is not installed.
    """
    taken = [path.resolve() for path in inputs]
    for path in outputs:
        if path.suffix.lower() not in endings:
            allowed = " or ".join(endings)
            raise ParameterError(
                "unknown kind of output file", where=str(path), given=path.suffix, allowed=allowed
            )
        if path.suffix.lower() == ".rds":
            _library_of_r(path)
        if not path.parent.is_dir():
            raise ParameterError(
                "no such folder", where=str(path), given=str(path.parent), allowed="a folder"
            )
        if path.is_dir():
            raise ParameterError("is a folder", where=str(path), allowed="the path of a file")
        if path.resolve() in taken:
            raise ParameterError("this file is named twice", where=str(path), allowed="a file of its own")
        if path.exists() and not force:
            raise ParameterError(
                "there is such a file", where=str(path), allowed="a new file, or --force to write over it"
            )
        taken.append(path.resolve())


def new_folder(folder: Path) -> bool:
    """Make a folder if it is not there, and say whether it was made."""
    if folder.is_dir():
        return False
    try:
        folder.mkdir()
    except OSError as error:
        allowed = "a folder, or a new name in one"
        raise ParameterError(
            f"cannot be made ({error.strerror})", where="--out", given=str(folder), allowed=allowed
        ) from None
    return True


def write_all(contents: Mapping[Path, "pl.DataFrame | Norms | str | bytes"]) -> None:
    """Write every file beside its place first, then move all of them there.

    Parameters
    ----------
    contents : mapping of Path to polars.DataFrame, Norms, str or bytes
        Tables become CSV, Parquet or a data frame of R by the path's ending, norms JSON; text and bytes stay.

    Raises
    ------
    ParameterError
        A file cannot be written; none of them is left behind.
    """
    with ExitStack() as leftovers:
        drafts = {path: _written_beside(path, content, leftovers) for path, content in contents.items()}
        for path, draft in drafts.items():
            try:
                draft.replace(path)
            except OSError as error:
                raise ParameterError(f"cannot be written ({error.strerror})", where=str(path)) from None


def _written_beside(path: Path, content: "pl.DataFrame | Norms | str | bytes", leftovers: ExitStack) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        draft = Path(name)
        leftovers.callback(draft.unlink, missing_ok=True)
        draft.chmod(_new_file_mode())
        _write(draft, content)
    except OSError as error:
        raise ParameterError(f"cannot be written ({error.strerror})", where=str(path)) from None
    return draft


def _write(path: Path, content: "pl.DataFrame | Norms | str | bytes") -> None:
    if isinstance(content, Norms):
        content.write(path)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif path.suffix.lower() == ".parquet":
        # nobody searches these files by value; column statistics would cost a quarter of the writing
        content.write_parquet(path, statistics=False)
    elif path.suffix.lower() == ".rds":
        from goldseam.pandas_frames import as_pandas

        frame = as_pandas(content)
        frame.index += 1  # R counts rows from 1
        _library_of_r(path).write_rds(path, frame)
    else:
        without_formulas(content).write_csv(path)


def without_formulas(table: "pl.DataFrame") -> "pl.DataFrame":
    """A table whose texts no spreadsheet takes for a formula.

    Parameters
    ----------
    table : polars.DataFrame
        Of any columns.

    Returns
    -------
    polars.DataFrame
        Texts that begin like a formula and are no number have an apostrophe before them.
    """
    import polars as pl

    text = pl.col(pl.String)
    formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return table.with_columns(pl.when(formula).then("'" + text).otherwise(text).name.keep())


def _library_of_r(path: Path) -> Any:
    from goldseam.extras import extra

    return extra("rdata", "r", file=path)


def _new_file_mode() -> int:
    """What a new file may be read by; temporary files are for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
