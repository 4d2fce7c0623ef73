"""Checking the content of a norms file against its published JSON Schema, ``norms.schema.json``."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Any, cast

from goldseam.exceptions import NormsError

LONGEST_TEXT = 5_000_000  # characters
_LONGEST_MESSAGE = 300  # characters; the checker shows whole values in it
_MOST_ENTRIES = 2_000
_MOST_VALUES = 100_000
# Where everything is wrong, the best description is among the first faults.
_FAULTS_LOOKED_AT = 100


def read_content(path: str | Path) -> object:
    """The JSON content of a file; `NormsError` where it cannot be read, is no JSON or larger than norms can be."""
    try:
        with Path(path).open(encoding="utf-8") as stream:
            text = stream.read(LONGEST_TEXT + 1)
        if len(text) > LONGEST_TEXT:
            raise NormsError(f"longer than {LONGEST_TEXT:,} characters", file=path)
        return json.loads(text, parse_int=float)
    except OSError as error:
        raise NormsError(f"cannot be read ({error.strerror})", file=path) from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NormsError(f"is not JSON ({error})", file=path) from None


def write_content(path: str | Path, content: object) -> None:
    """Write JSON content as a file; `NormsError` where that fails."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise NormsError(f"cannot be written ({error.strerror})", file=path) from None


def checked_content(content: object, file: str | Path | None) -> Mapping[str, Any]:
    """The content, once the schema holds; `NormsError` at the first place where it does not."""
    import jsonschema

    _check_size(content, file)
    faults = jsonschema.Draft202012Validator(_schema()).iter_errors(content)
    problem = jsonschema.exceptions.best_match(islice(faults, _FAULTS_LOOKED_AT))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "top level"
        raise NormsError(
            shorten(problem.message, _LONGEST_MESSAGE),
            file=file,
            where=where,
            allowed="see norms.schema.json",
        )
    return cast("Mapping[str, Any]", content)


def _check_size(content: object, file: str | Path | None) -> None:
    """Checking takes time in proportion to what there is to check."""
    scales = content.get("scales") if isinstance(content, Mapping) else None
    if isinstance(scales, list) and len(scales) > _MOST_ENTRIES:
        raise NormsError(
            f"{len(scales)} entries", file=file, where="scales", allowed=f"up to {_MOST_ENTRIES:,}"
        )
    waiting, seen = [content], 0
    while waiting:
        inside = _inside(waiting.pop())
        seen += len(inside)
        if seen > _MOST_VALUES:
            raise NormsError(f"holds more than {_MOST_VALUES:,} values", file=file)
        waiting.extend(inside)


def _inside(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


@cache
def _schema() -> Mapping[str, Any]:
    text = resources.files("goldseam.norms").joinpath("norms.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema
