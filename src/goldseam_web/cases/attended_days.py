"""On which days somebody came: read from who was there alone, so that nothing anybody answered is in it."""

from datetime import date

from goldseam_web.cases.models import Attendance, EncounterState, Member, Presence


def days_attended(member: Member, *, first: date | None = None, last: date | None = None) -> list[date]:
    """The days of sessions that took place and that this member was at, oldest first, each once.

    Of a member of a case that was read for a viewer. ``first`` and ``last`` leave out what lies before or after.
    """
    there = Attendance.objects.filter(member=member, encounter__state=EncounterState.HELD)
    days = there.exclude(presence=Presence.AWAY).values_list("encounter__local_date", flat=True)
    return [
        day for day in sorted(set(days)) if (first is None or day >= first) and (last is None or day <= last)
    ]
