"""Who of a couple or family was seen alone, when everybody is to be seen alone again, and what is held until then.

Safety is asked by a person, alone, never by a link. Single time is planned for all members at once, as routine: that
somebody is seen alone then tells nobody anything. So what falls due is always due for all, and nothing here says of
whom; the page for whoever treats the case alone says what each of them answered.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from goldseam_web.cases.models import Case, CaseKind, Member
from goldseam_web.cases.safety_tables import SpokenTogether

ASKED_AGAIN_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class LowAnswer:
    """*I could speak openly with them there*, below the middle: the clinic's day of the answer, and the moment."""

    day: date
    at: datetime


@dataclass(frozen=True)
class SaidAlone:
    """What the latest note of a member says, and when it was stored."""

    seen_on: date
    spoken: SpokenTogether
    at: datetime


@dataclass(frozen=True)
class SingleTime:
    """What was asked of the members who take part, in their order; ``None`` of those never asked."""

    members: tuple[Member, ...]
    notes: Mapping[uuid.UUID, SaidAlone]
    low: Mapping[uuid.UUID, LowAnswer]

    @property
    def holds_releases(self) -> bool:
        """Whether what clients release is kept: until each was seen alone, and said that all may speak of it."""
        return any(
            (note := self.notes.get(member.pk)) is None or note.spoken != SpokenTogether.YES
            for member in self.members
        )

    @property
    def holds_joint_room(self) -> bool:
        """Whether nothing may be offered for the joint room: releases are held, or somebody could not speak openly."""
        return self.holds_releases or self.low_since

    @property
    def low_since(self) -> bool:
        """Whether anybody could not speak openly, and has not been seen alone since."""
        return any(
            (low := self.low.get(member.pk)) is not None and _is_after(low, self.notes.get(member.pk))
            for member in self.members
        )

    @property
    def due_on(self) -> date | None:
        """The day from which all of them are to be seen alone again; None where that is now, whatever the day."""
        seen = [note.seen_on for member in self.members if (note := self.notes.get(member.pk))]
        joined = max((member.joined_on for member in self.members), default=None)
        if len(seen) < len(self.members) or self.low_since or (joined and min(seen) < joined):
            return None
        return min(seen) + ASKED_AGAIN_AFTER if seen else None

    def is_due(self, today: date) -> bool:
        return self.due_on is None or self.due_on <= today


def _is_after(low: LowAnswer, note: SaidAlone | None) -> bool:
    """On the day somebody was seen alone, what was answered before that was noted is taken as spoken of."""
    return note is None or low.day > note.seen_on or low.at > note.at


def sees_several(case: Case) -> bool:
    return case.kind != CaseKind.INDIVIDUAL
