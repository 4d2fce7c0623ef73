"""YAML without its traps: a key given twice, values that are no plain data, and few bytes that stand for very many."""

from pathlib import Path
from typing import Any

import yaml

from goldseam.exceptions import MeasureError

LONGEST_TEXT = 500_000  # characters; the longest measure that is shipped has 8,000
_MOST_VALUES = 20_000
_DEEPEST = 20
_LONGEST_NUMBER = 40  # characters
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
# What PyYAML lets through when the text of a value does not fit its tag.
_MISFIT = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


class _Reader(yaml.SafeLoader):
    """Refuses what has no end, and a key given twice, which readers otherwise answer by dropping the first value."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._values = self._depth = 0
        self._values_of: dict[str, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Count the values as they are after every alias has been written out."""
        event, before = self.peek_event(), self._values  # type: ignore[no-untyped-call]
        alias = isinstance(event, yaml.AliasEvent)
        self._values += self._values_of.get(event.anchor, 1) if alias else 1
        if self._values > _MOST_VALUES:
            raise _fault(f"more than {_MOST_VALUES:,} values", event.start_mark)
        if self._depth > _DEEPEST:
            raise _fault(f"nested more than {_DEEPEST} deep", event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if event.anchor and not alias:
            self._values_of[event.anchor] = self._values - before
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _fault(f"the key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  as the library's
        if node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
            raise _misfit(node)
        try:
            return super().construct_object(node, deep)
        except _MISFIT as error:
            raise _misfit(node) from error


def _fault(problem: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _misfit(node: yaml.Node) -> yaml.MarkedYAMLError:
    kind = node.tag.rpartition(":")[2]
    article = "an" if kind[:1] in "aeiou" else "a"
    return _fault(f"not {article} {kind}: {str(node.value)[:_LONGEST_NUMBER]!r}", node.start_mark)


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
        If it is no YAML, a key is given twice, or it is longer, deeper or has more values than a
        measure can need.
    """
    if len(text) > LONGEST_TEXT:
        raise MeasureError(f"longer than {LONGEST_TEXT:,} characters", file=file)
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else None
        raise MeasureError(f"no valid YAML: {error.problem}", file=file, where=where) from error
    except yaml.YAMLError as error:
        raise MeasureError("no valid YAML", file=file, allowed="YAML without control characters") from error
