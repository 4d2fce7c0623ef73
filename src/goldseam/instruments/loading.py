"""Reading measures: one YAML file, checked against the schema and against itself, into a `Measure`."""

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from goldseam.exceptions import MeasureError, ParameterError
from goldseam.instruments.building import build
from goldseam.instruments.checks import check_meaning
from goldseam.instruments.measure import Measure
from goldseam.instruments.schema import check_schema
from goldseam.instruments.yaml_reader import read_yaml

# A measure is 9 levels deep; a YAML alias that holds itself would be endless.
_DEEPEST = 20
_DATA = resources.files("goldseam.instruments") / "data"


def load_measure(key: str | Path) -> Measure:
    """Give a shipped measure by its key, or read one from a file.

    Parameters
    ----------
    key : str or Path
        The key of a shipped measure, such as ``"goldseam-alliance"``; or the ``Path`` of a YAML file.

    Returns
    -------
    Measure
        Checked. A shipped one is read once and then the same object; a file is read every time.

    Raises
    ------
    ParameterError
        If no shipped measure has that key.
    MeasureError
        If the file cannot be read, breaks the schema or contradicts itself.
    """
    if isinstance(key, Path):
        return measure_from_document(_read(key), file=key)
    shipped = {measure.key: measure for measure in list_measures()}
    if key not in shipped:
        raise ParameterError(
            "unknown measure", given=key, allowed=f"{', '.join(shipped)}, or the Path of a file"
        )
    return shipped[key]


@cache
def list_measures() -> tuple[Measure, ...]:
    """Give every measure that is shipped, in the order of their keys.

    Returns
    -------
    tuple of Measure
        Read and checked once.
    """
    files = [entry for entry in _DATA.iterdir() if entry.name.endswith(".yaml")]
    measures = [
        measure_from_document(read_yaml(entry.read_text(encoding="utf-8"), file=entry.name), file=entry.name)
        for entry in files
    ]
    return tuple(sorted(measures, key=lambda measure: measure.key))


def measure_from_document(document: object, *, file: str | Path | None = None) -> Measure:
    """Check a document and build the measure it defines.

    Parameters
    ----------
    document : object
        What a YAML or JSON reader gave.
    file : str or Path, optional
        Where it came from, for messages.

    Returns
    -------
    Measure
        Its canonical JSON depends on the content alone, not on the order of keys or the kind of file.

    Raises
    ------
    MeasureError
        If the document breaks the schema or contradicts itself.
    """
    plain = _canonical(document, file)
    check_schema(plain, file=file)
    check_meaning(plain, file=file)
    canonical_json = json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return build(plain, canonical_json)


def _read(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MeasureError("not a text file", file=path, allowed="YAML in UTF-8") from error
    except OSError as error:
        raise MeasureError(f"cannot be read ({error.strerror})", file=path, allowed="a YAML file") from error
    return read_yaml(text, file=path)


def _canonical(value: object, file: str | Path | None, depth: int = 0) -> Any:
    """Give plain JSON values, whole numbers without a point: 5.0 and 5 must give the same hash."""
    if depth > _DEEPEST:
        raise MeasureError("nested too deeply", file=file, allowed=f"{_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {_name(key, file): _canonical(entry, file, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(entry, file, depth + 1) for entry in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise MeasureError("no number", file=file, given=value, allowed="finite numbers")
        return int(value) if value.is_integer() else value
    return value


def _name(key: object, file: str | Path | None) -> str:
    if not isinstance(key, str):
        raise MeasureError("a name that is no text", file=file, given=key, allowed="text; put it in quotes")
    return key
