"""A second step that was lost is set up anew when two people of the clinic say so, neither of them who lost it."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from goldseam_web.accounts.mails import queue_account_mail
from goldseam_web.accounts.models import AccountMailKind, Clinic, Role, SecondStepReset, Staff, User
from goldseam_web.accounts.queries import Viewer, local_day, staff_as
from goldseam_web.accounts.second_factor import forgive_wrong_codes
from goldseam_web.accounts.services import record_change
from goldseam_web.accounts.sessions import end_sessions
from goldseam_web.accounts.sign_in import record_own_act
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.lib.transactions import locked, one_transaction

# Long enough for a colleague who works tomorrow, short enough that nobody finds a forgotten one.
LASTS = timedelta(hours=24)


def may_second(clinic: Clinic, at: datetime) -> "QuerySet[Staff]":
    """Who may be the second person: whoever runs the clinic or supervises in it."""
    day = local_day(clinic, at)
    found = staff_as(Role.ADMINISTRATOR, day) | staff_as(Role.SUPERVISOR, day)
    return found.filter(clinic=clinic).select_related("user").distinct()


def _running(clinic: Clinic, at: datetime) -> "QuerySet[Staff]":
    return staff_as(Role.ADMINISTRATOR, local_day(clinic, at)).filter(clinic=clinic)


@one_transaction
def ask_for_reset(*, staff: Staff, by: Staff, at: datetime) -> list[Staff]:
    """Ask, as who runs the clinic, that somebody may set up the second step anew; those who may say yes are written to.

    Raises ValidationError for oneself, where nothing was set up, and where there is no second person.
    """
    if by.pk == staff.pk:
        raise ValidationError("Another administrator asks for yours.")
    if not Authenticator.objects.filter(user=staff.user_id).exists():
        raise ValidationError(f"{staff.full_name} has not set up a second step.")
    seconds = list(may_second(staff.clinic, at).exclude(pk__in=[staff.pk, by.pk]))
    if not seconds:
        raise ValidationError(
            "It takes a second person who runs the clinic or supervises in it, and there is none. Whoever keeps the "
            f"machine can run: goldseam-web reset-second-step {staff.user.email}"
        )
    if not open_resets(staff.clinic, at).filter(staff=staff).exists():
        SecondStepReset.objects.create(clinic=staff.clinic, staff=staff, asked_by=by, asked_at=at)
        for one in seconds:
            queue_account_mail(kind=AccountMailKind.RESET_ASKED, address=one.user.email, at=at)
        actor = Actor.staff(by.pk)
        record_about(staff, at=at, actor=actor, action="staff.second_step_reset_asked", object_kind="staff")
    return seconds


def open_resets(clinic: Clinic, at: datetime) -> "QuerySet[SecondStepReset]":
    """What was asked within a day, by somebody who still runs the clinic, and not done."""
    asked = SecondStepReset.objects.filter(
        clinic=clinic, done_at=None, asked_at__gt=at - LASTS, asked_by__in=_running(clinic, at)
    )
    return asked.select_related("staff__user", "asked_by").order_by("asked_at")


def resets_for(viewer: Viewer, clinic: Clinic, at: datetime) -> "QuerySet[SecondStepReset]":
    """Those the viewer may say yes to: asked by somebody else, for somebody else."""
    if not viewer.roles & {Role.ADMINISTRATOR, Role.SUPERVISOR}:
        return SecondStepReset.objects.none()
    return open_resets(clinic, at).exclude(asked_by=viewer.staff_id).exclude(staff=viewer.staff_id)


@one_transaction
def confirm_reset(*, reset: SecondStepReset, by: Staff, at: datetime) -> None:
    """The second person says yes: app, passkeys and recovery codes stop working and every session ends."""
    reset = locked(SecondStepReset.objects.select_related("staff__user")).get(pk=reset.pk)
    if reset.done_at is not None or reset.asked_at <= at - LASTS:
        raise ValidationError("This was done already, or asked more than a day ago.")
    if (
        by.pk in (reset.asked_by_id, reset.staff_id)
        or not may_second(reset.clinic, at).filter(pk=by.pk).exists()
    ):
        raise ValidationError("It takes a second person who runs the clinic or supervises in it.")
    if not _running(reset.clinic, at).filter(pk=reset.asked_by_id).exists():
        raise ValidationError("Whoever asked runs the clinic no more; another administrator can ask.")
    reset.done_by, reset.done_at = by, at
    reset.save(update_fields=["done_by", "done_at"])
    _take_away(reset.staff.user)
    queue_account_mail(kind=AccountMailKind.RESET_DONE, address=reset.staff.user.email, at=at)
    record_change(
        reset.staff, at=at, actor=Actor.staff(by.pk), action="staff.second_step_reset", object_kind="staff"
    )


@one_transaction
def reset_by_operator(*, user: User, at: datetime) -> None:
    """Whoever keeps the machine does it for a practice of one; it is put on record and told by mail."""
    _take_away(user)
    record_own_act(
        user=user, action="staff.second_step_reset", at=at, notice=AccountMailKind.RESET_DONE, actor=SYSTEM
    )


def _take_away(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    forgive_wrong_codes(user)
    end_sessions(user.pk)
