"""Doing what a made-up clinic did, in the order in which it happened, through the services that people use."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Act = Callable[[datetime], None]


@dataclass
class Diary:
    """Acts with their times. An act may put further ones in, later than itself."""

    _due: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _written: int = 0

    def note(self, at: datetime, act: Act) -> None:
        """Put an act in; of two at the same time the first put in comes first."""
        self._written += 1
        heapq.heappush(self._due, (at, self._written, act))

    def live_until(self, end: datetime) -> None:
        """Do everything that is due up to the end, in order of time; what is later stays undone."""
        while self._due and self._due[0][0] <= end:
            at, _, act = heapq.heappop(self._due)
            act(at)
