"""Weeks of a case that pass on a clock of the test's own, over a server in this process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from goldseam_web.accounts.models import Staff
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.measures.services.occasions import end_encounter
from tests.web import people
from tests.web.histories import work_off

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
FIRST = datetime(2026, 2, 4, 17, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Chicago


@dataclass
class Weeks:
    """A case, who treats it, and the clock, which stands a few minutes after the latest session."""

    case: Case
    ines: Staff
    now: datetime = FIRST
    held: list[Encounter] = field(default_factory=list)

    def member(self, called: str) -> Member:
        return people.member(self.case, called)

    def plan_next(self) -> Encounter:
        """Plan the next session a day ahead; the clock stands two hours before it."""
        starts = FIRST + len(self.held) * WEEK - 50 * MINUTE
        planned = people.plan(self.case, self.ines, starts, at=starts - DAY)
        self.now = starts - 2 * HOUR
        return planned

    def next_session(self, planned: Encounter | None = None) -> None:
        planned = planned or self.plan_next()
        self.now = planned.ends_at
        self.held.append(end_encounter(encounter=planned, at=self.now, actor=Actor.staff(self.ines.pk)))
        self.now += 5 * MINUTE

    def answers(self, who: Member, given: Mapping[str, Any]) -> None:
        """Of the latest session: what is given, and an 8 or a no to everything else."""
        people.answer(people.asked(self.held[-1], who), self.now, 8, dict(given))

    def judged(self) -> None:
        self.now += 5 * MINUTE
        work_off(self.now)

    def link(self, who: Member) -> str:
        """The path of their form about the latest session."""
        return people.link(people.asked(self.held[-1], who))
