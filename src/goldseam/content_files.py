"""JSON files of figures: read, held against their published JSON Schema, hashed, written; with bounds."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Any, cast

from goldseam.exceptions import InputError

_LONGEST_MESSAGE = 300  # characters; the checker shows whole values in it
# Where everything is wrong, the best description is among the first faults.
_FAULTS_LOOKED_AT = 100
_MOST_DIGITS = 15


@dataclass(frozen=True)
class ContentFile:
    """One kind of such files.

    Parameters
    ----------
    package, schema : str
        Where its schema lies.
    error : type of InputError
        What is raised where a file cannot be used.
    longest : int
        Characters that a file may have.
    most_values : int
        Values that its content may hold, one within another.
    whole : callable
        Reads a number without a point; one of thousands of digits, too.
    """

    package: str
    schema: str
    error: type[InputError]
    longest: int
    most_values: int
    whole: Callable[[str], float] = float

    def read(self, path: str | Path) -> object:
        """The content of a file.

        Parameters
        ----------
        path : str or Path
            Of the file, in UTF-8.

        Returns
        -------
        object
            Not checked yet.

        Raises
        ------
        InputError
            As `error`: it cannot be read, is no JSON, or is longer than such files can be.
        """
        try:
            with Path(path).open(encoding="utf-8") as stream:
                text = stream.read(self.longest + 1)
            if len(text) > self.longest:
                raise self.error(f"longer than {self.longest:,} characters", file=path)
            return json.loads(text, parse_int=self.whole)
        except OSError as error:
            raise self.error(f"cannot be read ({error.strerror})", file=path) from None
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise self.error(f"is not JSON ({error})", file=path) from None

    def write(self, path: str | Path, content: object) -> None:
        """Write content as a file.

        Parameters
        ----------
        path : str or Path
            Overwritten when it exists.
        content : object
            Plain JSON.

        Raises
        ------
        InputError
            As `error`: the file cannot be written.
        """
        try:
            Path(path).write_text(as_text(content), encoding="utf-8")
        except OSError as error:
            raise self.error(f"cannot be written ({error.strerror})", file=path) from None

    def checked(self, content: object, file: str | Path | None) -> Mapping[str, Any]:
        """The content, once the schema holds.

        Parameters
        ----------
        content : object
            Plain JSON.
        file : str, Path or None
            Named in errors.

        Returns
        -------
        mapping

        Raises
        ------
        InputError
            As `error`, at the first place where the schema is broken; or there are too many values, or text that is
            none.
        """
        import jsonschema

        self._check_values(content, file)
        faults = jsonschema.Draft202012Validator(self._schema).iter_errors(content)
        problem = jsonschema.exceptions.best_match(islice(faults, _FAULTS_LOOKED_AT))
        if problem is not None:
            where = ".".join(str(part) for part in problem.absolute_path) or "top level"
            raise self.error(
                shorten(problem.message, _LONGEST_MESSAGE),
                file=file,
                where=where,
                allowed=f"see {self.schema}",
            )
        return cast("Mapping[str, Any]", content)

    def _check_values(self, content: object, file: str | Path | None) -> None:
        """Checking takes time in proportion to what there is to check; JSON can spell text that cannot be written."""
        waiting, seen = [content], 0
        while waiting:
            value = waiting.pop()
            if isinstance(value, str) and not _is_text(value):
                raise self.error("holds half of a character (a lone surrogate)", file=file, given=value)
            inside = _inside(value)
            seen += len(inside)
            if seen > self.most_values:
                raise self.error(f"holds more than {self.most_values:,} values", file=file)
            waiting.extend(inside)

    @cached_property
    def _schema(self) -> Mapping[str, Any]:
        text = resources.files(self.package).joinpath(self.schema).read_text(encoding="utf-8")
        schema: Mapping[str, Any] = json.loads(text)
        return schema


def whole_number(text: str) -> float:
    """A number without a point, as one where it is short enough to be kept as a float.

    Parameters
    ----------
    text : str
        Digits, of any number.

    Returns
    -------
    int or float
    """
    return int(text) if len(text) <= _MOST_DIGITS else float(text)


def as_text(content: object) -> str:
    """Content as the text of a file.

    Parameters
    ----------
    content : object
        Plain JSON.

    Returns
    -------
    str
    """
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def hash_of(content: object) -> str:
    """SHA-256 of the canonical JSON: equal where names and figures are.

    Parameters
    ----------
    content : object
        Plain JSON.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
