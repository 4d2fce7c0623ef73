"""Notes of what happened beside the scores: written by whoever treats the case, and taken back by their author."""

import uuid
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import record_about
from goldseam_web.cases.event_tables import EventNote
from goldseam_web.cases.models import Case
from goldseam_web.cases.names import kept_name
from goldseam_web.cases.queries import may_change
from goldseam_web.lib.transactions import locked, one_transaction

LONGEST_EVENT = 120


def event_notes(viewer: Viewer, case: Case, *, treats: bool) -> "QuerySet[EventNote]":
    """What this viewer may read of a case they may open: their own notes; shared ones too if they treat it today."""
    readable = Q(author=viewer.staff_id)
    if treats:
        readable |= Q(shared=True)
    notes = EventNote.objects.filter(readable, clinic_id=viewer.clinic_id, case=case.pk, taken_back_at=None)
    return notes.select_related("author")


@one_transaction
def write_event(
    *, viewer: Viewer, case: Case, day: date, text: str, shared: bool, at: datetime, key: uuid.UUID
) -> EventNote:
    """Keep what happened on a day. The same ``key`` writes the same once (a double click).

    Other words under that key, as from the form gone back to, are another note.

    Raises ValidationError for no words or too many, a day that is still to come, and somebody who does not treat the
    case.
    """
    case = Case.objects.select_related("clinic").get(pk=case.pk)
    if not may_change(viewer, case):
        raise ValidationError("Notes are written by whoever treats the case.")
    words = kept_name(" ".join(text.split()))
    if not words:
        raise ValidationError("Nothing is written; say in a few words what happened.")
    if len(words) > LONGEST_EVENT:
        raise ValidationError(f"{len(words)} characters given; {LONGEST_EVENT} at most.")
    if day > local_day(case.clinic, at):
        raise ValidationError("This day is still to come.")
    note, is_new = EventNote.objects.get_or_create(
        pk=uuid.uuid5(key, f"{day} {shared} {words}"),
        defaults={
            "clinic_id": case.clinic_id,
            "case": case,
            "author_id": viewer.staff_id,
            "day": day,
            "text": words,
            "shared": shared,
            "written_at": at,
        },
    )
    if is_new:
        _on_record(note, viewer, at, "event.write")
    return note


@one_transaction
def take_back_event(*, viewer: Viewer, note: EventNote, at: datetime) -> None:
    """Its author takes a note back: nobody reads it any more, and its words are gone."""
    note = locked(EventNote.objects.filter(pk=note.pk)).get()
    if note.author_id != viewer.staff_id:
        raise ValidationError("A note is taken back by whoever wrote it.")
    if note.taken_back_at is None:
        note.taken_back_at, note.text = at, ""
        note.save(update_fields=["taken_back_at", "text"])
        _on_record(note, viewer, at, "event.take_back")


def _on_record(note: EventNote, viewer: Viewer, at: datetime, action: str) -> None:
    """Of a private note nobody else's open page hears, so that not even its being there is told."""
    tells = record_change if note.shared else record_about
    tells(note, at=at, actor=viewer.actor, action=action, object_kind="event_note")
