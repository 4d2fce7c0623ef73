"""What all of a couple or family come for, and where that pulls apart: written by whoever treats them."""

import uuid
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.cases.event_tables import GoalNote, GoalNoteKind
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.names import kept_name
from goldseam_web.cases.queries import may_change
from goldseam_web.cases.shared_goal import SharedGoal, shared_goal
from goldseam_web.lib.transactions import locked, one_transaction

LONGEST_GOAL = 240
FEWEST_MEMBERS = 2


def goal_notes(viewer: Viewer, case: Case, *, treats: bool) -> "QuerySet[GoalNote]":
    """What this viewer may read of a case they may open: all of them if they treat it today, else their own."""
    notes = GoalNote.objects.filter(clinic_id=viewer.clinic_id, case=case.pk, taken_back_at=None)
    readable = Q() if treats else Q(author=viewer.staff_id)
    return notes.filter(readable).select_related("author")


@one_transaction
def note_goal(
    *, viewer: Viewer, case: Case, kind: GoalNoteKind, day: date, at: datetime, key: uuid.UUID, text: str = ""
) -> GoalNote:
    """Keep one line about what they come for. The same ``key`` writes the same once (a double click).

    Raises ValidationError for somebody who does not treat the case, a case of one, a day still to come, no words or
    too many, and an answer to what is not there or came later.
    """
    case = locked(Case.objects.filter(pk=case.pk).select_related("clinic")).get()
    if not may_change(viewer, case):
        raise ValidationError("Notes are written by whoever treats the case.")
    if case.ended_on is not None:
        raise ValidationError("The case has ended; nothing is noted on it any more.")
    if Member.objects.filter(case=case, left_on=None).count() < FEWEST_MEMBERS:
        raise ValidationError("Goals are shared by two or more; one person takes part in this case.")
    if day > local_day(case.clinic, at):
        raise ValidationError("This day is still to come.")
    words = _words(kind, text)
    note_id = uuid.uuid5(key, f"{kind} {day} {words}")
    known = GoalNote.objects.filter(pk=note_id).first()
    if known is not None:
        return known
    standing = shared_goal(list(goal_notes(viewer, case, treats=True)))
    note = GoalNote(
        pk=note_id,
        clinic_id=case.clinic_id,
        case=case,
        author_id=viewer.staff_id,
        kind=kind,
        about=_about(kind, standing, day),
        day=day,
        text=words,
        written_at=at,
    )
    note.save(force_insert=True)
    record_change(note, at=at, actor=viewer.actor, action=f"goal.{kind}", object_kind="goal_note")
    return note


def _words(kind: GoalNoteKind, text: str) -> str:
    if kind != GoalNoteKind.AGREED:
        return ""
    words = kept_name(" ".join(text.split()))
    if not words:
        raise ValidationError("Nothing is written; put the goal in the words all of them agreed on.")
    if len(words) > LONGEST_GOAL:
        raise ValidationError(f"{len(words)} characters given; {LONGEST_GOAL} at most.")
    return words


def _about(kind: GoalNoteKind, standing: SharedGoal, day: date) -> GoalNote | None:
    """The earlier line that this one answers."""
    if kind == GoalNoteKind.AGREED:
        return None
    if kind == GoalNoteKind.APART:
        if standing.mark is not None:
            raise ValidationError("They are marked as hard to reconcile already.")
        return None
    first = standing.current if kind == GoalNoteKind.STILL else standing.mark
    if first is None:
        raise ValidationError("There is nothing yet that this would answer.")
    if day < first.note.day:
        raise ValidationError("This day lies before what it answers.")
    return first.note


@one_transaction
def take_back_goal_note(*, viewer: Viewer, note: GoalNote, at: datetime) -> None:
    """Its author takes a line back: nobody reads it any more, and its words are gone."""
    note = locked(GoalNote.objects.filter(pk=note.pk)).get()
    if note.author_id != viewer.staff_id:
        raise ValidationError("A note is taken back by whoever wrote it.")
    if note.taken_back_at is None:
        note.taken_back_at, note.text = at, ""
        note.save(update_fields=["taken_back_at", "text"])
        record_change(note, at=at, actor=viewer.actor, action="goal.take_back", object_kind="goal_note")
