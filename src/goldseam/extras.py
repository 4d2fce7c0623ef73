"""Libraries that are not installed with Goldseam itself, asked for where they are needed."""

from importlib import import_module
from pathlib import Path
from typing import Any

from goldseam.exceptions import MissingExtraError


def extra(library: str, name: str, *, file: str | Path | None = None) -> Any:
    """A library that comes with an extra.

    Parameters
    ----------
    library : str
        Its import name.
    name : str
        The extra it comes with.
    file : str or Path, optional
        The file that needs it, named in the error.

    Returns
    -------
    module

    Raises
    ------
    MissingExtraError
        It is not installed; the message holds the line that installs it.
    """
    try:
        return import_module(library)
    except ImportError:
        allowed = f'pip install "goldseam[{name}]"'
        raise MissingExtraError(
            f"needs {library}, which is not installed", file=file, allowed=allowed
        ) from None
