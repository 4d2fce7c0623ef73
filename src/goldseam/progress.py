"""A bar for what takes long: on a terminal or in a notebook, and only after two seconds."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 2.0
"""Seconds without a bar."""
_shown: list[Any] = []  # a bar within a bar is not shown: a terminal has room for one


def with_progress(steps: Sequence[T], what: str) -> Iterator[T]:
    """The steps, one after the other, with a bar on standard error once they take long.

    Parameters
    ----------
    steps : sequence
        What there is to do.
    what : str
        In a word or two, before the bar.

    Yields
    ------
    object
        The steps.
    """
    began, bar = time.monotonic(), None
    try:
        for done, step in enumerate(steps):
            if bar is None and not _shown and time.monotonic() - began > PATIENCE and _somebody_looks():
                bar = _started(what, len(steps))
                _shown.append(bar)
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done)
            yield step
    finally:
        if bar is not None:
            bar.stop()
            _shown.remove(bar)


def without_progress() -> None:
    """Show no bar in this process: it works for another one, which has its own."""
    _shown.append(None)


def _somebody_looks() -> bool:
    """Whether standard error is a terminal, or this runs in a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def _started(what: str, total: int) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.add_task(what, total=total)
    bar.start()
    return bar
