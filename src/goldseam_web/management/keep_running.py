"""What `start` becomes once all is prepared: the process that keeps web server and worker running.

It loads nothing of the application, which would lie in memory unused for as long as the clinic works. What is to be run
comes through a pipe, for it holds the key of the set-up, which no list of processes may show.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn, TextIO

from goldseam_web.lib.kept_settings import CERTIFICATE, read_kept
from goldseam_web.lib.written_out import written_out
from goldseam_web.management.processes import CHANGED, PYTHON, Program, run_together


@dataclass(frozen=True)
class ProgramToRun:
    name: str
    command: Sequence[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class RunningPlan:
    """What to run, what to say once it answers at ``port``, and what takes our place when settings change (``again``).

    ``opens``: an address for the browser. ``kept``: the settings of the data folder that all this was made by.
    """

    programs: Sequence[ProgramToRun]
    data: str
    kept: dict[str, str]
    port: int
    secure: bool
    says: Sequence[str]
    again: Sequence[str]
    opens: str = ""


def become_keeper(plan: RunningPlan) -> NoReturn:
    """Run this file in place of the running program, with the same id."""
    reads, writes = os.pipe()
    os.write(writes, json.dumps(asdict(plan)).encode())  # far less than a pipe holds
    os.close(writes)
    os.set_inheritable(reads, True)  # noqa: FBT003 - the library's signature
    sys.stdout.flush()
    os.execv(sys.executable, [*PYTHON, "-m", "goldseam_web.management.keep_running", str(reads)])  # noqa: S606  our own file, no shell


def keep_running(plan: RunningPlan) -> int:
    """Run it until asked to stop, or until it cannot be kept running; gives the code to end with."""
    programs = [Program(each.name, each.command, each.environment) for each in plan.programs]
    code = run_together(
        programs,
        tell=lambda text: _say(text, sys.stderr),
        started=lambda: _say_open(plan),
        changed=lambda: read_kept(Path(plan.data)) != plan.kept,
    )
    if code == CHANGED:
        start_anew(plan.again, Path(plan.data), plan.port)
    if code:
        _say("Goldseam stopped because a part of it could not be kept running; see above.", sys.stderr)
        return code
    _say("Goldseam has stopped.")
    return 0


def command_again(host: str | None, web_processes: int, threads: int) -> list[str]:
    """The same command once more, but for its port."""
    more = ["--no-browser", "--web-processes", str(web_processes), "--threads", str(threads)]
    where = ["--host", host] if host else []
    return [*PYTHON, "-m", "goldseam_web", "start", *more, *where]


def start_anew(again: Sequence[str], data: Path, port: int | None) -> NoReturn:
    """Take up changed settings in the same process. Where a certificate is served, the address decides on the port."""
    _say("The settings were changed; starting anew.")
    same_port = ["--port", str(port)] if port and not read_kept(data).get(CERTIFICATE) else []
    os.execv(again[0], [*again, *same_port])  # noqa: S606  our own command, no shell


def _say_open(plan: RunningPlan) -> None:
    from goldseam_web.management.waiting_for_server import open_browser, wait_until_answering

    wait_until_answering(plan.port, secure=plan.secure)
    for line in plan.says:
        _say(line)
    if plan.opens:
        open_browser(plan.opens)


def _say(text: str, stream: TextIO | None = None) -> None:
    print(written_out(text), file=stream or sys.stdout, flush=True)


def _handed_over(number: int) -> RunningPlan:
    with os.fdopen(number, encoding="utf-8") as stream:
        given = json.load(stream)
    return RunningPlan(**{**given, "programs": [ProgramToRun(**each) for each in given["programs"]]})


if __name__ == "__main__":
    sys.exit(keep_running(_handed_over(int(sys.argv[1]))))
