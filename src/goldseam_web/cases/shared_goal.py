"""How the goal of a couple or family stands: the words that lead, those before, and whether goals are marked apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from goldseam_web.cases.event_tables import GoalNote, GoalNoteKind


@dataclass(frozen=True)
class AgreedGoal:
    """Words that were agreed on, and when they were asked again and still stood, oldest first."""

    note: GoalNote
    still: tuple[GoalNote, ...]

    @property
    def last_at(self) -> datetime:
        """When it was last written down that they stand."""
        return max(each.written_at for each in (self.note, *self.still))


@dataclass(frozen=True)
class MarkedApart:
    """Goals that whoever treats marked as hard to reconcile, and what ended that."""

    note: GoalNote
    ended: GoalNote | None


@dataclass(frozen=True)
class SharedGoal:
    """Both with the newest first."""

    agreed: tuple[AgreedGoal, ...]
    marks: tuple[MarkedApart, ...]

    @property
    def current(self) -> AgreedGoal | None:
        return next(iter(self.agreed), None)

    @property
    def mark(self) -> MarkedApart | None:
        """The mark that runs."""
        return next((mark for mark in self.marks if mark.ended is None), None)

    def is_asked_again(self, mended: Iterable[datetime]) -> bool:
        """Whether a strain was mended since it was last written down that the words stand."""
        current = self.current
        return current is not None and any(at > current.last_at for at in mended)


def shared_goal(notes: Sequence[GoalNote]) -> SharedGoal:
    """From the notes of a case that were not taken back; of one day, what was written last leads."""
    ordered = sorted(notes, key=lambda note: (note.day, note.written_at), reverse=True)

    def of(kind: GoalNoteKind, about: GoalNote | None = None) -> list[GoalNote]:
        return [n for n in ordered if n.kind == kind and (about is None or n.about_id == about.pk)]

    return SharedGoal(
        agreed=tuple(
            AgreedGoal(note, tuple(reversed(of(GoalNoteKind.STILL, note))))
            for note in of(GoalNoteKind.AGREED)
        ),
        marks=tuple(
            MarkedApart(note, next(iter(of(GoalNoteKind.NO_LONGER, note)), None))
            for note in of(GoalNoteKind.APART)
        ),
    )
