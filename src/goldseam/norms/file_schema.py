"""Checking the content of a norms file against its published JSON Schema, ``norms.schema.json``."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from goldseam.exceptions import NormsError


def checked_content(content: object, file: str | Path | None) -> Mapping[str, Any]:
    """The content, once the schema holds; `NormsError` at the first place where it does not."""
    import jsonschema

    schema = _schema()
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(content))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "top level"
        raise NormsError(problem.message, file=file, where=where, allowed="see norms.schema.json")
    return cast("Mapping[str, Any]", content)


@cache
def _schema() -> Mapping[str, Any]:
    text = resources.files("goldseam.norms").joinpath("norms.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema
