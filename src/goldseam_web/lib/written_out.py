"""Text from anybody, made harmless to the terminal it is printed on."""

import re
from typing import Any, TextIO

# Controls but tabs and line ends, and what is not seen: joins, marks of direction, the mark of byte order.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def written_out(text: str) -> str:
    """The text with what would steer a terminal, or deceive its reader, written as its code."""
    return _STEERING.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


class WrittenOut:
    """A stream that writes everything out: names, addresses and files in messages may come from anybody."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(written_out(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
