"""Say how many of our files two everyday jobs enter, and how often they move from one to another.

A *file visited* is one of ours in which a function is called during the job; what runs because a module is imported
does not count. A *move* is a call from one of our files into another.

    python scripts/files_visited.py            # both jobs
    python scripts/files_visited.py detect     # `goldseam detect FILE --out FILE`
    python scripts/files_visited.py answer     # one answer posted by a client's phone
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"


@dataclass
class Visits:
    """What was entered while a job ran: calls by file, and moves between files."""

    calls: Counter[str] = field(default_factory=Counter)
    moves: int = 0
    _stack: list[str] = field(default_factory=list)
    _importing: int = 0

    def profile(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Follow calls and returns; given to `sys.setprofile`."""
        if event not in ("call", "return"):
            return
        code = frame.f_code
        if code.co_name == "<module>":
            self._importing += 1 if event == "call" else -1
            return
        if self._importing or not code.co_filename.startswith(f"{SOURCE}{os.sep}"):
            return
        self._enter(code.co_filename) if event == "call" else self._leave()

    def _enter(self, path: str) -> None:
        self.calls[path] += 1
        self.moves += bool(self._stack) and self._stack[-1] != path
        self._stack.append(path)

    def _leave(self) -> None:
        if self._stack:
            self._stack.pop()


def visits_of(job: Callable[[], object]) -> Visits:
    """Run a job and follow it."""
    visits = Visits()
    sys.setprofile(visits.profile)
    try:
        job()
    finally:
        sys.setprofile(None)
    return visits


def detect_job(folder: Path) -> Callable[[], object]:
    """Detection on a short table of one client, as the command line does it."""
    from goldseam.cli import main

    ratings = (5.1, 5.4, 5.2, 5.5, 3.9, 4.4, 5.3, 5.5, 5.4, 5.6)
    rows = [f"case-1,client,alliance,{k},{value},1,7" for k, value in enumerate(ratings, start=1)]
    table = folder / "ratings.csv"
    table.write_text(
        "\n".join(["case,rater,scale,session,value,minimum,maximum", *rows]) + "\n", encoding="utf-8"
    )

    def job() -> None:
        sys.argv = ["goldseam", "detect", str(table), "--out", str(folder / "events.csv")]
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise

    return job


def answer_job() -> Callable[[], object]:
    """One answer to the first question, posted by a phone to an install of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.test.utils import setup_databases, setup_test_environment

    django.setup()
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)

    from django.test import Client
    from django.utils import timezone

    from tests.web import people

    now = timezone.now()
    ines = people.ines_okafor(people.larkfield(now), now)
    case = people.individual(ines, now)
    occasion = people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Ruth"))
    page, phone = f"{people.link(occasion)}1/", Client()
    phone.get(page)

    def job() -> None:
        answered = phone.post(page, {"answer": "7"})
        if answered.status_code != 302:
            raise RuntimeError(
                f"The answer got status {answered.status_code}; a kept answer leads on with 302."
            )

    return job


def report(name: str, visits: Visits) -> None:
    """Print the files of a job by how often they were entered, and the two figures."""
    print(f"{name}: {len(visits.calls)} files visited, {visits.moves} moves")
    for path, calls in visits.calls.most_common():
        print(f"  {calls:6}  {Path(path).relative_to(SOURCE)}")


def main(arguments: Sequence[str]) -> None:
    wanted = arguments or ("detect", "answer")
    sys.path[:0] = [str(ROOT), str(SOURCE)]
    with tempfile.TemporaryDirectory() as folder:
        if "detect" in wanted:
            report("detect --out", visits_of(detect_job(Path(folder))))
        if "answer" in wanted:
            report("one posted answer", visits_of(answer_job()))


if __name__ == "__main__":
    main(sys.argv[1:])
