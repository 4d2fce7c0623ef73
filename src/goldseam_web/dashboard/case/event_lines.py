"""What happened beside the scores: the list under the chart, and the marks on it."""

from collections.abc import Sequence
from string import ascii_lowercase

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.cases.event_tables import EventNote
from goldseam_web.cases.services.event_notes import event_notes
from goldseam_web.dashboard.case.page import EventLine
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import EventMark
from goldseam_web.dashboard.language import event_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit


def read_events(visit: StaffVisit, rows: CaseRows) -> list[EventNote]:
    """What this reader may read, oldest first."""
    return list(event_notes(visit.viewer, rows.record.case, treats=rows.mine))


def event_lines(visit: StaffVisit, notes: Sequence[EventNote]) -> tuple[EventLine, ...]:
    """Each with the letter under which it stands on the chart."""
    return tuple(
        EventLine(
            key=str(note.pk),
            letter=_letter(k),
            day=long_day(note.day, today=visit.viewer.today),
            text=note.text,
            who=_who(visit, note),
            is_own=note.author_id == visit.viewer.staff_id,
        )
        for k, note in enumerate(notes)
    )


def _who(visit: StaffVisit, note: EventNote) -> str:
    if note.author_id != visit.viewer.staff_id:
        return say.SHARED_BY.format(name=note.author.full_name)
    return say.SHARED_BY_YOU if note.shared else say.ONLY_YOU


def event_marks(record: CaseRecord, notes: Sequence[EventNote]) -> tuple[EventMark, ...]:
    """Where each stands among the sessions that took place."""
    days = [encounter.local_date for encounter in record.held]
    return tuple(
        EventMark(
            letter=_letter(k),
            after=sum(day <= note.day for day in days),
            on_the_day=note.day in days,
        )
        for k, note in enumerate(notes)
    )


def _letter(place: int) -> str:
    """a to z, then aa to zz."""
    return ascii_lowercase[place % 26] * (place // 26 + 1)
