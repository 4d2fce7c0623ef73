"""HTML that a template writes once for each of its shapes, and that is only filled in afterwards.

A template asked for each of hundreds of rows takes most of the time of a page. Django keeps no part of one; its cache
tag keeps whole texts, with the names in them.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from django.utils.safestring import SafeString, mark_safe

# Nobody types these: they are no characters but places of a font's own (Unicode, private use area).
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}(\\w+){_CLOSE}")

Shape = TypeVar("Shape")


def _escaped(text: str) -> str:
    """As Django does it, which looks for promises of texts first; there are none here."""
    return text if isinstance(text, SafeString) else html.escape(text)


class FilledHtml(Generic[Shape]):
    """What ``write`` gives for a shape and for texts by name, once for each shape.

    A shape is all that decides about anything but the texts themselves; which of these are empty is a part of it.
    There are few shapes, and no text of a person is in one.
    """

    def __init__(self, write: Callable[[Shape, Mapping[str, str]], str]) -> None:
        self._write = write
        self._written: dict[tuple[Shape, frozenset[str]], list[str]] = {}

    def html(self, shape: Shape, texts: Mapping[str, str]) -> SafeString:
        """The same as ``write`` would give, with each text escaped unless it is HTML already."""
        given = frozenset([name for name, text in texts.items() if text])
        parts = self._written.get((shape, given))
        if parts is None:
            places = {name: SafeString(f"{_OPEN}{name}{_CLOSE}") if name in given else "" for name in texts}
            # Split by places: text, name, text, name, ..., text.
            parts = self._written[shape, given] = _PLACE.split(self._write(shape, places))
        filled = parts.copy()
        filled[1::2] = [_escaped(texts[name]) for name in parts[1::2]]
        return mark_safe("".join(filled))  # noqa: S308 - written by a template, and escaped here
