"""Doing what a made-up clinic did, in the order in which it happened, through the services that people use."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Action = Callable[[datetime], None]


@dataclass
class EventQueue:
    """Actions with their times. An action may put further ones in, later than itself."""

    _due: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _written: int = 0

    def add(self, at: datetime, action: Action) -> None:
        """Put an action in; of two at the same time the first put in comes first."""
        self._written += 1
        heapq.heappush(self._due, (at, self._written, action))

    def run_until(self, end: datetime) -> None:
        """Do everything that is due up to the end, in order of time; what is later stays undone."""
        while self._due and self._due[0][0] <= end:
            at, _, action = heapq.heappop(self._due)
            action(at)
