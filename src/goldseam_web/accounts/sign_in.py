"""Putting on record who signed in, failed to, and changed how they sign in."""

from datetime import datetime
from typing import Any

from goldseam_web.accounts.mails import queue_account_mail
from goldseam_web.accounts.models import AccountMailKind, Staff, User
from goldseam_web.audit.services import ANONYMOUS, SYSTEM, Actor, record
from goldseam_web.lib.transactions import one_transaction


@one_transaction
def record_own_act(
    *,
    user: User,
    action: str,
    at: datetime,
    notice: AccountMailKind | None = None,
    actor: Actor | None = None,
) -> None:
    """Record what a person (or ``actor``) did with their sign-in, and write to them about it where that is due."""
    if notice is not None:
        queue_account_mail(kind=notice, address=user.email, at=at)
    staff = Staff.objects.filter(user=user).first()
    record(
        clinic_id=staff.clinic_id if staff else None,
        at=at,
        actor=actor or (Actor.staff(staff.id) if staff else ANONYMOUS),
        action=action,
        object_kind="user",
        object_id=user.pk,
    )


def record_failed_sign_in(*, email: str, at: datetime) -> None:
    """Record a wrong password for a sign-in that exists. An address we do not know is nobody's record."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return
    staff = Staff.objects.filter(user=user).first()
    record(
        clinic_id=staff.clinic_id if staff else None,
        at=at,
        actor=ANONYMOUS,
        action="staff.sign_in_failed",
        object_kind="user",
        object_id=user.pk,
    )


def record_sign_out_by_operator(*, user: User | None, ended: int, at: datetime) -> None:
    """Record that an operator ended the sessions of one person, or of everybody."""
    staff = Staff.objects.filter(user=user).first() if user else None
    record(
        clinic_id=staff.clinic_id if staff else None,
        at=at,
        actor=SYSTEM,
        action="staff.sessions_ended",
        object_kind="user",
        object_id=user.pk if user else "",
        details={"ended": ended},
    )


def may_enter(user: Any) -> bool:
    """Say whether the sign-in belongs to someone who works here now."""
    return bool(user.is_active) and Staff.objects.filter(user=user, active=True).exists()
