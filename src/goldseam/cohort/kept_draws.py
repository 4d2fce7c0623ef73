"""Finished draws in a file that may be torn off anywhere, found again by what they were computed from."""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from math import prod
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.software_versions import software

HEAD, CHECK = struct.Struct("<qI"), struct.Struct("<I")
"""Number of the draw and how many dimensions its array has; shape and array follow, then the check sum of it all."""
FORMAT = "goldseam-draws-1"


@dataclass(frozen=True, slots=True)
class KeptDraws:
    """The draws of one computation.

    Attributes
    ----------
    path : Path
        Records one after the other, each with a check sum.
    """

    path: Path

    @classmethod
    def of(cls, folder: Path, what: str, digest: str) -> "KeptDraws":
        """Those in a folder, which is made if there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder / f"{what.replace(' ', '-').replace(',', '')}-{digest[:20]}.draws")

    def read(self) -> dict[int, Floats]:
        """The draws by number; what is torn off or damaged at the end is cut away."""
        if not self.path.exists():
            return {}
        content = self.path.read_bytes()
        found, sound = {}, 0
        for number, values, end in _records(content):
            found[number], sound = values, end
        if sound < len(content):
            with self.path.open("r+b") as file:
                file.truncate(sound)
        return found

    def append(self, numbers: Sequence[int], draws: Sequence[Floats]) -> None:
        """Add finished draws."""
        with self.path.open("ab") as file:
            for number, values in zip(numbers, draws, strict=True):
                array = np.ascontiguousarray(values, dtype="<f8")
                shape = struct.pack(f"<{array.ndim}q", *array.shape)
                record = HEAD.pack(number, array.ndim) + shape + array.tobytes()
                file.write(record + CHECK.pack(crc32(record)))


def _records(content: bytes) -> Iterator[tuple[int, Floats, int]]:
    """Number, array, and where the record ends."""
    at = 0
    while at + HEAD.size <= len(content):
        number, dimensions = HEAD.unpack_from(content, at)
        values = at + HEAD.size + 8 * dimensions
        if values > len(content):
            return
        shape = struct.unpack_from(f"<{dimensions}q", content, at + HEAD.size)
        end = values + 8 * prod(shape)
        if not values <= end <= len(content) - CHECK.size:
            return
        if CHECK.unpack_from(content, end)[0] != crc32(content[at:end]):
            return
        array = np.frombuffer(content[values:end], dtype="<f8").reshape(shape)
        at = end + CHECK.size
        yield number, array.astype(np.float64), at


def content_digest(content: Any) -> str:
    """SHA-256 of everything a computation rests on: data, settings, and the versions of what computes.

    Parameters
    ----------
    content : object
        A dataclass of dataclasses, arrays, frames, numbers, texts and collections of these.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        It holds something else, of which it is not known when it is the same.
    """
    digest = hashlib.sha256()
    for part in _parts([FORMAT, software(), content]):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _parts(content: Any) -> Iterator[bytes]:
    import polars as pl

    if isinstance(content, Enum) or content is None or isinstance(content, bool | int | float | str):
        yield repr(content).encode()
    elif isinstance(content, np.ndarray | np.generic):
        array = np.ascontiguousarray(content)
        yield f"{array.dtype.str} {array.shape}".encode()
        yield array.tobytes()
    elif isinstance(content, pl.DataFrame):
        yield repr(content.schema).encode()
        yield content.write_csv().encode()
    elif isinstance(content, dict):
        yield b"dict"
        for key, value in content.items():
            yield from _parts(key)
            yield from _parts(value)
        yield b"end"
    elif isinstance(content, list | tuple | range):
        yield b"list"
        for each in content:
            yield from _parts(each)
        yield b"end"
    elif is_dataclass(content) and not isinstance(content, type):
        yield f"{type(content).__module__}.{type(content).__qualname__}".encode()
        for each in fields(content):
            yield each.name.encode()
            yield from _parts(getattr(content, each.name))
        yield b"end"
    else:
        raise TypeError(f"it is not known when two {type(content).__name__} are the same")
