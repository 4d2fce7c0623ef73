"""Files that are their owner's alone."""

import contextlib
from pathlib import Path

OTHERS = 0o077  # what group and others of the machine may do
OTHERS_WRITE = 0o022


def close_to_others(*paths: Path) -> None:
    """Take from others what they may do with files that exist; `check` says where that fails."""
    for path in paths:
        if is_open_to_others(path):
            with contextlib.suppress(OSError):
                path.chmod(path.stat().st_mode & 0o7700)


def is_open_to_others(path: Path) -> bool:
    """Whether others may read, write or enter it; what is not there is open to nobody."""
    with contextlib.suppress(OSError):
        return bool(path.stat().st_mode & OTHERS)
    return False


def others_may_write(folder: Path) -> bool:
    """Whether others may put a file of theirs in the place of one in it, whatever the rights of that one."""
    return bool(folder.stat().st_mode & OTHERS_WRITE)
