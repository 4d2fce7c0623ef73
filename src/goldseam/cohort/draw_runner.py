"""Draws that go on where they were interrupted, on as many processors as are given, with the same digits."""

import os
import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.kept_draws import KeptDraws, content_digest
from goldseam.exceptions import ParameterError
from goldseam.progress import with_progress, without_progress

WORTH = 6.0
CHUNKS_A_WORKER = 12
"""Of the draws: few enough to cost nothing, many enough that no worker waits for another, and that little is lost."""


class Draw(Protocol):
    """What one draw computes: a dataclass of all it needs, so that it can be sent to a process and recognised again."""

    def __call__(self, number: int) -> Floats:
        """The draw of that number, the same whichever others are computed."""


@dataclass(frozen=True, eq=False)
class DrawRunner:
    """Runs draws.

    Attributes
    ----------
    jobs : int
        Processes; 1 computes here.
    folder : Path or None
        Where finished draws are kept.
    worth : float
        Seconds that the draws have to take before processes are started for them.
    """

    jobs: int = 1
    folder: Path | None = None
    worth: float = WORTH

    @cached_property
    def pool(self) -> Executor:
        """Its processes, started when they are asked for."""
        # anew: a copy of a process that has computed with polars may hang
        return ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"), initializer=without_progress)

    def run(self, draw: Draw, numbers: Sequence[int], what: str) -> list[Floats]:
        """Every draw of these numbers.

        Parameters
        ----------
        draw : Draw
            What is computed.
        numbers : sequence of int
            From 0 on.
        what : str
            In a word or two, before the bar.

        Returns
        -------
        list of ndarray of float
            In the order of the numbers.
        """
        kept = None if self.folder is None else KeptDraws.of(self.folder, what, content_digest(draw))
        found = {} if kept is None else kept.read()
        missing = [number for number in numbers if number not in found]
        for some, results in self._computed(draw, missing, what):
            found |= dict(zip(some, results, strict=True))
            if kept is not None:
                kept.append(some, results)
        return [found[number] for number in numbers]

    def close(self) -> None:
        """End its processes."""
        if "pool" in self.__dict__:
            self.pool.shutdown(cancel_futures=True)

    def _computed(
        self, draw: Draw, numbers: Sequence[int], what: str
    ) -> Iterator[tuple[Sequence[int], list[Floats]]]:
        began = time.perf_counter()
        if self.jobs > 1 and numbers:
            yield numbers[:1], [draw(numbers[0])]
            numbers = numbers[1:]
            if (time.perf_counter() - began) * len(numbers) >= self.worth:
                yield from self._shared_out(draw, numbers, what)
                return
        for number in with_progress(numbers, what):
            yield [number], [draw(number)]

    def _shared_out(
        self, draw: Draw, numbers: Sequence[int], what: str
    ) -> Iterator[tuple[Sequence[int], list[Floats]]]:
        size = max(1, len(numbers) // (CHUNKS_A_WORKER * self.jobs))
        chunks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        sent = pickle.dumps(draw)
        waiting = [self.pool.submit(_in_process, sent, chunk) for chunk in chunks]
        for place in with_progress(range(len(chunks)), what):
            yield chunks[place], waiting[place].result()


HERE = DrawRunner()
"""In this process, and nothing is kept."""


@contextmanager
def draw_runner(jobs: int, folder: str | Path | None, worth: float = WORTH) -> Iterator[DrawRunner]:
    """A runner, whose processes end with the block.

    Parameters
    ----------
    jobs : int
        Processes; 1 computes here.
    folder : str or Path, optional
        Where finished draws are kept; made if there is none.
    worth : float
        Seconds that draws have to take before processes are started for them.

    Yields
    ------
    DrawRunner

    Raises
    ------
    ParameterError
        `jobs` is below 1.
    """
    if jobs < 1:
        raise ParameterError("outside its range", where="jobs", given=jobs, allowed="1 or more")
    runner = DrawRunner(jobs, None if folder is None else Path(folder), worth)
    try:
        yield runner
    finally:
        runner.close()


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def _unpacked(sent: bytes) -> Draw:
    """The last draw that was sent: chunks of one share it."""
    draw: Draw = pickle.loads(sent)  # noqa: S301 - made by the process that started this one
    return draw


def _in_process(sent: bytes, numbers: Sequence[int]) -> list[Floats]:
    draw = _unpacked(sent)
    return [np.asarray(draw(number), dtype=np.float64) for number in numbers]
