"""Running several programs side by side: one stop for all, a fallen one started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

from goldseam_web.management import guard as guard_file

STOP_SECONDS = 15
LOOK_EVERY_SECONDS = 0.25
# A program that falls this often within the period will not be cured by starting it again.
FALLS_ALLOWED = 3
FALLS_WITHIN_SECONDS = 60.0
CHANGED = 2
# With -P no module comes from the folder it is started in, where a json.py would take the place of Python's.
PYTHON = (sys.executable, "-P")


@contextmanager
def process_guard() -> Iterator[int]:
    """Have a process beside us that ends what we started if we are killed outright; give the pipe that it reads."""
    reads, writes = os.pipe()
    guard = subprocess.Popen(  # noqa: S603  our own file
        [sys.executable, "-I", guard_file.__file__],
        stdin=reads,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(reads)
    try:
        yield writes
    finally:
        os.close(writes)
        guard.wait()


@dataclass
class Program:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    falls: list[float] = field(default_factory=list)

    def start(self, guard: int) -> None:
        # A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the others in order. It names itself
        # to the guard before it becomes the program: killed in between, we could not.
        self.process = subprocess.Popen(  # noqa: S603  the commands are our own
            self.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=lambda: _write(guard, "+", os.getpid()),  # noqa: PLW1509  safe: this process has one thread
        )

    def fallen(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end_what_is_left(self, guard: int) -> None:
        """End what the program had started itself: it would go on serving the old code at the same port."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            _write(guard, "-", self.process.pid)

    def falls_too_often(self, now: float) -> bool:
        """Count a fall and say whether there were too many lately."""
        self.falls = [then for then in [*self.falls, now] if now - then < FALLS_WITHIN_SECONDS]
        return len(self.falls) > FALLS_ALLOWED


def _write(guard: int, sign: str, group: int) -> None:
    with suppress(BrokenPipeError):  # a guard that was ended itself is no reason to stop
        os.write(guard, f"{sign}{group}\n".encode())


class StopRequest:
    """Set by SIGINT or SIGTERM; a second SIGINT still interrupts at once."""

    def __init__(self) -> None:
        self.made = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._make)
        signal.signal(signal.SIGINT, self._make)

    def listen_no_more(self) -> None:
        """Leave the signals to the system: from now on one ends this process by itself."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

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
    with process_guard() as guard:
        try:
            for program in programs:
                program.start(guard)
            started()
            code = _watch(programs, guard, stop, tell, changed)
        finally:
            _stop_all(programs, guard)
    stop.listen_no_more()
    return 0 if stop.made else code


def _watch(
    programs: Sequence[Program],
    guard: int,
    stop: StopRequest,
    tell: Callable[[str], object],
    changed: Callable[[], bool],
) -> int:
    while not stop.made:
        if changed():
            return CHANGED
        for program in programs:
            if program.fallen() and not _revive(program, guard, tell):
                return 1
        time.sleep(LOOK_EVERY_SECONDS)
    return 0


def _revive(program: Program, guard: int, tell: Callable[[str], object]) -> bool:
    code = program.process.returncode if program.process else None
    if program.falls_too_often(time.monotonic()):
        tell(
            f"{program.name} ended {FALLS_ALLOWED + 1} times within a minute (last code {code}); stopping all."
        )
        return False
    tell(f"{program.name} ended by itself (code {code}); starting it again.")
    program.end_what_is_left(guard)
    program.start(guard)
    return True


def _stop_all(programs: Sequence[Program], guard: int) -> None:
    """Ask all to stop, wait, and end by force what does not: in all at most STOP_SECONDS."""
    running = [program.process for program in programs if program.process and program.process.poll() is None]
    for process in running:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, until - time.monotonic()))
    for program in programs:
        program.end_what_is_left(guard)
