"""Where the chain had got to, sealing by sealing, in a file that only grows and lies outside the database.

A line holds the number of sealed entries, the time, the last seal, the beginning of the sum of the line before and a
keyed sum over all that. With it the end of the chain, or all of it, can not be cut off unseen by somebody who can write
to the database alone.
"""

import fcntl
import hmac
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from goldseam_web.audit.chain import keyed

SEALED, RESTORED = "sealed", "restored"
_LONGEST_LINE = 400
_OF_THE_LINE_BEFORE = 16
_NO_LINE_BEFORE = "-"


@dataclass(frozen=True)
class Head:
    """The chain at one moment. ``restored`` says that a back-up was put in place, which ended with this entry."""

    count: int
    at: str
    seal: str
    kind: str

    def __str__(self) -> str:
        return f"{self.count} {self.at} {self.seal} {self.kind}"


@dataclass(frozen=True)
class Heads:
    """The heads that still hold, in the order of the file; those of restores; lines that are not ours."""

    standing: tuple[Head, ...]
    restores: tuple[Head, ...]
    forged_lines: tuple[int, ...]

    @property
    def last(self) -> Head | None:
        return self.standing[-1] if self.standing else None


def add_head(*, count: int, seal: str, at: datetime, kind: str = SEALED) -> None:
    """Write one line and wait until it is on the disk."""
    head = Head(count, at.astimezone(UTC).isoformat(timespec="seconds"), seal, kind)
    with _opened(_path()) as descriptor:
        said = f"{head} {_last_sum(descriptor)}"
        os.write(descriptor, f"{said} {keyed(settings.GOLDSEAM_AUDIT_KEYS[0], 'head', said)}\n".encode())
        os.fsync(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, to be read and lengthened, by one process at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _last_sum(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _LONGEST_LINE, max(size - _LONGEST_LINE, 0)).decode("ascii", "replace")
    return tail.split()[-1][:_OF_THE_LINE_BEFORE] if tail.split() else _NO_LINE_BEFORE


def read_heads() -> Heads:
    """Read the whole file; none yet is an empty one."""
    path = _path()
    return _read(path.read_text("ascii", "replace").splitlines() if path.exists() else [])


def _read(lines: Iterable[str]) -> Heads:
    standing: list[Head] = []
    restores: list[Head] = []
    forged: list[int] = []
    before = None
    for number, line in enumerate(lines, start=1):
        said, _, given = line.rpartition(" ")
        words = said.split(" ")
        # The lines before the first one may have been moved elsewhere.
        if not _is_ours(said, given) or before not in (None, words[-1]):
            forged.append(number)
        else:
            head = Head(int(words[0]), *words[1:4])
            if head.kind == RESTORED:
                restores.append(head)
                standing = [kept for kept in standing if kept.count < head.count]
            standing.append(head)
        before = given[:_OF_THE_LINE_BEFORE]
    return Heads(tuple(standing), tuple(restores), tuple(forged))


def _is_ours(said: str, given: str) -> bool:
    return any(
        hmac.compare_digest(keyed(key, "head", said).encode(), given.encode())
        for key in settings.GOLDSEAM_AUDIT_KEYS
    )


def heads_can_be_written() -> bool:
    """Whether the next line could be added."""
    path = _path()
    return os.access(path, os.W_OK) if path.exists() else os.access(path.parent, os.W_OK | os.X_OK)


def _path() -> Path:
    return Path(settings.GOLDSEAM_AUDIT_HEADS)
