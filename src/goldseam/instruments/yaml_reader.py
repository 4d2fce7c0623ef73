"""YAML without its two traps: a key given twice, and a value that is no plain data."""

from pathlib import Path
from typing import Any

import yaml

from goldseam.exceptions import MeasureError


class _Reader(yaml.SafeLoader):
    """Refuses a key given twice, which YAML readers otherwise answer by dropping the first value."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return node


def read_yaml(text: str, *, file: str | Path | None) -> object:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.
    file : str or Path or None
        Where it came from, for messages.

    Returns
    -------
    object
        Dictionaries, lists, texts, numbers, truth values and None.

    Raises
    ------
    MeasureError
        If it is no YAML, or a key is given twice.
    """
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else None
        raise MeasureError(f"no valid YAML: {error.problem}", file=file, where=where) from error
    except yaml.YAMLError as error:
        raise MeasureError("no valid YAML", file=file, allowed="YAML without control characters") from error
