"""The form of a document: plain JSON values that obey the published schema; one line for the first that does not."""

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.exceptions import MeasureError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Document = Mapping[str, Any]

# A measure is 9 levels deep; a document that holds itself would be endless.
_DEEPEST = 20
_LARGEST = 2**53  # beyond it a number in JSON is not the same everywhere


def measure_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a measure as a new dictionary."""
    text = (resources.files("goldseam.instruments") / "measure.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_schema(document: object, *, file: str | Path | None) -> None:
    """Raise `MeasureError` for the first place, in the order of paths, that breaks the schema."""
    errors = sorted(_validator().iter_errors(document), key=lambda error: [str(part) for part in error.path])
    if errors:
        first = errors[0]
        raise MeasureError(
            _problem(first),
            file=file,
            where=readable_path(document, list(first.absolute_path)) or "top level",
            given=list(first.instance) if isinstance(first.instance, dict) else first.instance,
            allowed=_allowed(first),
        )


def readable_path(document: object, path: list[str | int]) -> str:
    """Join a path with points, naming list entries by their own key where they have one, else from 1."""
    words: list[str] = []
    here: Any = document
    for part in path:
        here = here[part]
        own_key = here.get("key") if isinstance(part, int) and isinstance(here, dict) else None
        if isinstance(own_key, str):
            words.append(own_key)
        else:
            words.append(str(part + 1 if isinstance(part, int) else part))
    return ".".join(words)


def canonical(value: object, file: str | Path | None, depth: int = 0) -> Any:
    """The same as plain JSON values, whole numbers without a point: 5.0 and 5 must give the same hash."""
    if depth > _DEEPEST:
        raise MeasureError("nested too deeply", file=file, allowed=f"{_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {_name(key, file): canonical(entry, file, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(entry, file, depth + 1) for entry in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise MeasureError("no number", file=file, given=value, allowed="finite numbers")
        value = int(value) if value.is_integer() else value
    if isinstance(value, int | float) and abs(value) > _LARGEST:
        # the value is not shown: its digits may be endless
        raise MeasureError("no number a table can hold", file=file, allowed="finite numbers up to 2**53")
    return value


def _name(key: object, file: str | Path | None) -> str:
    if not isinstance(key, str):
        raise MeasureError("a name that is no text", file=file, given=key, allowed="text; put it in quotes")
    return key


@cache
def _validator() -> "Draft202012Validator":
    # Imported here because it takes longer than all the rest of `import goldseam.instruments`.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(measure_schema())


def _problem(error: "ValidationError") -> str:
    problems = {
        "additionalProperties": "unknown entry " + ", ".join(_unknown_entries(error)),
        "required": "missing entry " + ", ".join(_missing_entries(error)),
        "type": "wrong kind of value",
        "enum": "not one of the allowed words",
        "pattern": "not written as required",
        "uniqueItems": "something is listed twice",
    }
    return problems.get(str(error.validator), f"breaks the rule {error.validator!r}")


def _allowed(error: "ValidationError") -> str:
    rule: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "enum":
            return ", ".join("null" if word is None else str(word) for word in rule)
        case "type":
            return rule if isinstance(rule, str) else " or ".join(rule)
        case "additionalProperties":
            return ", ".join(schema["properties"])
        case "required":
            return ", ".join(rule)
        case "pattern":
            return f"text matching {rule}"
        case _:
            return f"{error.validator} {rule}"


def _unknown_entries(error: "ValidationError") -> list[str]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    return (
        [str(key) for key in error.instance if key not in known] if isinstance(error.instance, dict) else []
    )


def _missing_entries(error: "ValidationError") -> list[str]:
    if not isinstance(error.instance, dict) or not isinstance(error.validator_value, list):
        return []
    return [str(key) for key in error.validator_value if key not in error.instance]
