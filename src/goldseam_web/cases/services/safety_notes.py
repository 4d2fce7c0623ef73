"""Keeping what somebody said when they were asked about safety, alone."""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.cases.queries import may_change
from goldseam_web.cases.safety_tables import SafetyNote, SpokenTogether
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def note_safety(
    *, viewer: Viewer, member: Member, seen_on: date, spoken: SpokenTogether, at: datetime
) -> SafetyNote:
    """Keep on which day a member was seen alone, and whether all may speak of what they answer.

    The same said twice in a row is one row. The record holds that it was noted and by whom, not what.

    Raises ValidationError for whoever does not treat the case, for a case of one, for somebody who has left, and for
    a day to come.
    """
    found = Member.objects.select_related("case__clinic").filter(pk=member.pk)
    member = locked(found).get()
    if not may_change(viewer, member.case):
        raise ValidationError("Safety is asked by whoever treats the case.")
    if member.case.kind == CaseKind.INDIVIDUAL:
        raise ValidationError("Only where several are seen together is each of them asked alone.")
    if member.left_on is not None:
        raise ValidationError("They take no more part in this case.")
    if seen_on > local_day(member.case.clinic, at):
        raise ValidationError("This day is still to come.")
    last = member.safety_notes.last()
    if last is not None and (last.seen_on, last.spoken) == (seen_on, spoken):
        return last
    note = SafetyNote.objects.create(
        clinic_id=member.clinic_id,
        member=member,
        seen_on=seen_on,
        spoken=spoken,
        noted_by_id=viewer.staff_id,
        at=at,
        position=last.position + 1 if last else 1,
    )
    record_change(member, at=at, actor=viewer.actor, action="safety.note", object_kind="member")
    return note
