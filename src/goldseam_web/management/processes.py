"""Running several programs side by side: one stop for all, a fallen one started again."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

STOP_SECONDS = 15
LOOK_EVERY_SECONDS = 0.25
# A program that falls this often within the period will not be cured by starting it again.
FALLS_ALLOWED = 3
FALLS_WITHIN_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
CHANGED = 2


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """Ask Linux to end this process with its parent: a killed server must leave nothing that holds its port.

    Elsewhere the request is not known and not made.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)


@dataclass
class Program:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    falls: list[float] = field(default_factory=list)

    def start(self) -> None:
        # A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the others in order.
        self.process = subprocess.Popen(  # noqa: S603  the commands are our own
            self.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  safe: this process has one thread
        )

    def fallen(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end_what_is_left(self) -> None:
        """End what the program had started itself: it would go on serving the old code at the same port."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def falls_too_often(self, now: float) -> bool:
        """Count a fall and say whether there were too many lately."""
        self.falls = [then for then in [*self.falls, now] if now - then < FALLS_WITHIN_SECONDS]
        return len(self.falls) > FALLS_ALLOWED


class StopRequest:
    """Set by SIGINT or SIGTERM; a second SIGINT still interrupts at once."""

    def __init__(self) -> None:
        self.made = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._make)
        signal.signal(signal.SIGINT, self._make)

    def _make(self, number: int, _frame: FrameType | None) -> None:
        if self.made and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.made = True


def run_together(
    programs: Sequence[Program],
    *,
    tell: Callable[[str], object],
    started: Callable[[], object] = lambda: None,
    changed: Callable[[], bool] = lambda: False,
) -> int:
    """Run the programs until asked to stop (0), one falls too often (1) or what they run by has changed (CHANGED)."""
    stop = StopRequest()
    stop.listen()
    try:
        for program in programs:
            program.start()
        started()
        return _watch(programs, stop, tell, changed)
    finally:
        _stop_all(programs)


def _watch(
    programs: Sequence[Program],
    stop: StopRequest,
    tell: Callable[[str], object],
    changed: Callable[[], bool],
) -> int:
    while not stop.made:
        if changed():
            return CHANGED
        for program in programs:
            if program.fallen() and not _revive(program, tell):
                return 1
        time.sleep(LOOK_EVERY_SECONDS)
    return 0


def _revive(program: Program, tell: Callable[[str], object]) -> bool:
    code = program.process.returncode if program.process else None
    if program.falls_too_often(time.monotonic()):
        tell(
            f"{program.name} ended {FALLS_ALLOWED + 1} times within a minute (last code {code}); stopping all."
        )
        return False
    tell(f"{program.name} ended by itself (code {code}); starting it again.")
    program.end_what_is_left()
    program.start()
    return True


def _stop_all(programs: Sequence[Program]) -> None:
    """Ask all to stop, wait, and end by force what does not: in all at most STOP_SECONDS."""
    running = [program.process for program in programs if program.process and program.process.poll() is None]
    for process in running:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, until - time.monotonic()))
    for program in programs:
        program.end_what_is_left()
        if program.process:
            program.process.wait()
