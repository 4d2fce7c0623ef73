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
