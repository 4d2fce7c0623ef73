"""Who takes part: pausing, leaving. What stops is read from these facts; no link outlives its right."""

from datetime import datetime

from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Attendance, EncounterState, Member, Presence
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def set_paused(*, member: Member, paused: bool, at: datetime, actor: Actor) -> Member:
    """Ask a member nothing for a while, or go on asking."""
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    if (member.paused_on is not None) != paused:
        member.paused_on = local_day(member.clinic, at) if paused else None
        member.save(update_fields=["paused_on"])
        action = "member.pause" if paused else "member.resume"
        record_change(member, at=at, actor=actor, action=action, object_kind="member")
    return member


@one_transaction
def set_left(*, member: Member, left: bool, at: datetime, actor: Actor) -> Member:
    """Note that a member takes no more part from today, or comes back; sessions ahead expect them accordingly."""
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    if (member.left_on is not None) != left:
        member.left_on = max(member.joined_on, local_day(member.clinic, at)) if left else None
        member.save(update_fields=["left_on"])
        ahead = Attendance.objects.filter(
            member=member, encounter__state=EncounterState.PLANNED, encounter__starts_at__gt=at
        )
        ids = [row.pk for row in locked(ahead)]
        Attendance.objects.filter(pk__in=ids).update(presence=Presence.AWAY if left else Presence.EXPECTED)
        action = "member.leave" if left else "member.return"
        record_change(member, at=at, actor=actor, action=action, object_kind="member")
    return member
