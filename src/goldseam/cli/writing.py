"""Output files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from goldseam.exceptions import ParameterError
from goldseam.norms import Norms

if TYPE_CHECKING:
    import polars as pl

TABLE_ENDINGS = (".csv", ".parquet")


def check_outputs(
    outputs: Sequence[Path], *, inputs: Sequence[Path], endings: Sequence[str] = TABLE_ENDINGS
) -> None:
    """Refuse what could not be written, before any work is done.

    Parameters
    ----------
    outputs, inputs : sequence of Path
    endings : sequence of str
        What an output may be called.

    Raises
    ------
    ParameterError
        An output has another ending, its folder does not exist, it is a folder, it is also an input, or two
        outputs are the same file.
    """
    taken = [path.resolve() for path in inputs]
    for path in outputs:
        if path.suffix.lower() not in endings:
            allowed = " or ".join(endings)
            raise ParameterError(
                "unknown kind of output file", where=str(path), given=path.suffix, allowed=allowed
            )
        if not path.parent.is_dir():
            raise ParameterError(
                "no such folder", where=str(path), given=str(path.parent), allowed="a folder"
            )
        if path.is_dir():
            raise ParameterError("is a folder", where=str(path), allowed="the path of a file")
        if path.resolve() in taken:
            raise ParameterError("this file is named twice", where=str(path), allowed="a file of its own")
        taken.append(path.resolve())


def write_all(contents: Mapping[Path, "pl.DataFrame | Norms | str"]) -> None:
    """Write every file beside its place first, then move all of them there.

    Parameters
    ----------
    contents : mapping of Path to polars.DataFrame, Norms or str
        Tables become CSV or Parquet by the path's ending, norms JSON; text stays as it is.

    Raises
    ------
    ParameterError
        A file cannot be written; none of them is left behind.
    """
    with ExitStack() as leftovers:
        drafts = {path: _draft(path, content, leftovers) for path, content in contents.items()}
        for path, draft in drafts.items():
            try:
                draft.replace(path)
            except OSError as error:
                raise ParameterError(f"cannot be written ({error.strerror})", where=str(path)) from None


def _draft(path: Path, content: "pl.DataFrame | Norms | str", leftovers: ExitStack) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        draft = Path(name)
        leftovers.callback(draft.unlink, missing_ok=True)
        draft.chmod(_usual_mode())
        _write(draft, content)
    except OSError as error:
        raise ParameterError(f"cannot be written ({error.strerror})", where=str(path)) from None
    return draft


def _write(path: Path, content: "pl.DataFrame | Norms | str") -> None:
    if isinstance(content, Norms):
        content.write(path)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif path.suffix.lower() == ".parquet":
        # nobody searches these files by value; column statistics would cost a quarter of the writing
        content.write_parquet(path, statistics=False)
    else:
        content.write_csv(path)


def _usual_mode() -> int:
    """What a new file may be read by; temporary files are for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
