"""Ends what `start` began when `start` itself was killed outright: run beside it by `processes.process_guard`.

It reads from a pipe which process groups run (+ and its id, a line each) and which ended (-). The pipe closes with
whoever holds its other end, however that ended, on Linux and on macOS alike; what is left then is ended.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

# Time enough for a worker to finish the item in hand, and for the web server to end its own processes.
SECONDS_TO_END = 10.0
LOOK_EVERY_SECONDS = 0.1


def end_groups(groups: Iterable[int]) -> None:
    """Ask every group to stop and end by force what does not in time."""
    left = [group for group in groups if _told(group, signal.SIGTERM)]
    until = time.monotonic() + SECONDS_TO_END
    while left and time.monotonic() < until:
        time.sleep(LOOK_EVERY_SECONDS)
        left = [group for group in left if _told(group, 0)]
    for group in left:
        _told(group, signal.SIGKILL)


def _told(group: int, number: int) -> bool:
    """Whether there is such a group; it was sent the signal then."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


def watch(lines: Iterable[str]) -> set[int]:
    """Give the groups that still run when nobody writes any more."""
    running: set[int] = set()
    for line in lines:
        group = int(line[1:])
        (running.add if line.startswith("+") else running.discard)(group)
    return running


if __name__ == "__main__":
    end_groups(watch(sys.stdin))
