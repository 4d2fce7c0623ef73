"""Loading measures: those shipped with the package by their key, and any other from its YAML file."""

from functools import cache
from importlib import resources
from pathlib import Path

from goldseam.exceptions import MeasureError, ParameterError
from goldseam.instruments.measure import Measure, measure_from_document
from goldseam.instruments.yaml_reader import LONGEST_TEXT, read_yaml

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


def _read(path: Path) -> object:
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(LONGEST_TEXT + 1)
    except UnicodeDecodeError as error:
        raise MeasureError("not a text file", file=path, allowed="YAML in UTF-8") from error
    except OSError as error:
        raise MeasureError(f"cannot be read ({error.strerror})", file=path, allowed="a YAML file") from error
    return read_yaml(text, file=path)
