"""Who takes part: pausing, leaving. What stops is read from these facts; no link outlives its right."""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import (
    Attendance,
    EncounterState,
    Idea,
    Member,
    Presence,
    RestReason,
    SentBy,
)
from goldseam_web.cases.services.joint_endings import drop_release_of, end_joint_view
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def set_paused(
    *,
    member: Member,
    paused: bool,
    at: datetime,
    actor: Actor,
    because: RestReason = RestReason.NONE,
    look_again_on: date | None = None,
) -> Member:
    """Ask a member nothing for a while, or go on asking. The reason is the case's own and on no record of acts.

    Raises ValidationError if the day to look again is not ahead, or it is noted that they have died.
    """
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    _check_not_died(member)
    today = local_day(member.clinic, at)
    if look_again_on is not None and look_again_on <= today:
        raise ValidationError(f"{look_again_on} given as the day to look again; a day after {today}.")
    before = (member.paused_on is not None, member.rests_because, member.look_again_on)
    after = (paused, because, look_again_on) if paused else (False, RestReason.NONE, None)
    if before != after:
        if before[0] != paused:
            member.paused_on = today if paused else None
        member.rests_because, member.look_again_on = after[1:]
        member.save(update_fields=["paused_on", "rests_because", "look_again_on"])
        if paused:
            drop_release_of(member.pk)
        action = "member.pause" if paused else "member.resume"
        record_change(member, at=at, actor=actor, action=action, object_kind="member")
    return member


@one_transaction
def set_left(
    *, member: Member, left: bool, at: datetime, actor: Actor, because: RestReason = RestReason.NONE
) -> Member:
    """Note that a member takes no more part from today, or comes back; sessions ahead expect them accordingly.

    Raises ValidationError where it is noted that they have died, unless that is taken back.
    """
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    if because != RestReason.DIED:
        _check_not_died(member)
    if (member.left_on is not None) != left:
        member.left_on = max(member.joined_on, local_day(member.clinic, at)) if left else None
        member.rests_because = because if left else RestReason.NONE
        member.save(update_fields=["left_on", "rests_because"])
        ahead = Attendance.objects.filter(
            member=member, encounter__state=EncounterState.PLANNED, encounter__starts_at__gt=at
        )
        ids = [row.pk for row in locked(ahead)]
        Attendance.objects.filter(pk__in=ids).update(presence=Presence.AWAY if left else Presence.EXPECTED)
        end_joint_view(member.case_id)
        drop_release_of(member.pk)
        action = "member.leave" if left else "member.return"
        record_change(member, at=at, actor=actor, action=action, object_kind="member")
    return member


@one_transaction
def set_idea(
    *, member: Member, idea: Idea, at: datetime, actor: Actor, sent_by: SentBy = SentBy.NOBODY
) -> Member:
    """Note whose idea it was that this member came. Who sent them stands on the client's own first page."""
    if sent_by and idea != Idea.SOMEONE_ELSE:
        raise ValidationError("Whoever was sent by somebody came by somebody else’s idea.")
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    if (member.idea, member.sent_by) != (idea, sent_by):
        member.idea, member.sent_by = idea, sent_by
        member.save(update_fields=["idea", "sent_by"])
        record_change(member, at=at, actor=actor, action="member.idea", object_kind="member")
    return member


def has_died(member: Member) -> bool:
    """Whether that is noted in any case of the person, this one or another."""
    return Member.objects.filter(person=member.person_id, rests_because=RestReason.DIED).exists()


def _check_not_died(member: Member) -> None:
    """Another tab, or another case, may have noted it since."""
    if has_died(member):
        raise ValidationError("It is noted that this person has died; take that back first.")
