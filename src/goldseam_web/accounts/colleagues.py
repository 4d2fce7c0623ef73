"""Who works at a clinic: invited, with what they do there and who supervises them, suspended and back."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse

from goldseam_web.accounts.departures import last_day_of
from goldseam_web.accounts.mails import queue_account_mail
from goldseam_web.accounts.models import AccountMailKind, Clinic, Leave, Role, Staff, StaffRole, Supervision
from goldseam_web.accounts.queries import local_day, on_day, staff_as, supervised_through
from goldseam_web.accounts.services import add_staff, add_supervision, record_change
from goldseam_web.accounts.sessions import end_sessions
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def invite_colleague(
    *,
    clinic: Clinic,
    email: str,
    full_name: str,
    called: str,
    roles: Collection[Role],
    supervisors: Collection[Staff] = (),
    by_mail: bool,
    at: datetime,
    actor: Actor,
) -> Staff:
    """Add a colleague who chooses a password of their own, through a mail or a link that is handed over."""
    if not roles:
        raise ValidationError("Choose what this person does here.")
    check_training_is_supervised(roles, supervisors)
    staff = add_staff(
        clinic=clinic,
        email=email,
        password=None,
        full_name=full_name,
        display_name=called,
        roles=roles,
        at=at,
        actor=actor,
    )
    for supervisor in supervisors:
        add_supervision(
            supervisor=supervisor, therapist=staff, starts_on=local_day(clinic, at), at=at, actor=actor
        )
    if by_mail:
        queue_account_mail(kind=AccountMailKind.INVITATION, address=email, at=at)
    return staff


def may_be_invited_again(staff: Staff) -> bool:
    """Whether somebody has not chosen a password yet: a link opens nothing that is theirs already."""
    return staff.active and not staff.user.has_usable_password()


@one_transaction
def invitation_link(*, staff: Staff, at: datetime, actor: Actor) -> str:
    """A link through which an invited colleague chooses a password: once, within three days."""
    if not may_be_invited_again(staff):
        raise ValidationError(f"{staff.full_name} has chosen a password; a new one is asked for at sign-in.")
    record_about(staff, at=at, actor=actor, action="staff.invitation_shown", object_kind="staff")
    key = {"uidb36": user_pk_to_url_str(staff.user), "key": default_token_generator.make_token(staff.user)}
    return f"{settings.GOLDSEAM_BASE_URL}{reverse('account_reset_password_from_key', kwargs=key)}"


@one_transaction
def set_duties(
    *, staff: Staff, roles: Collection[Role], supervisors: Collection[Staff], at: datetime, actor: Actor
) -> None:
    """Say what somebody does here from today on and who supervises them; what they did before stays on record.

    A clinic keeps somebody who runs it. Nobody adds to their own roles, nor makes themselves the supervisor of somebody
    whose cases they could not open before: another administrator does.
    """
    staff = locked(Staff.objects.select_related("clinic")).get(pk=staff.pk)
    day = local_day(staff.clinic, at)
    check_training_is_supervised(roles, supervisors)
    if Role.ADMINISTRATOR not in roles:
        keep_an_administrator(staff, at)
    held = StaffRole.objects.filter(on_day(day), staff=staff)
    if actor.id == staff.pk and set(roles) - set(held.values_list("role", flat=True)):
        _own_roles(staff, at, actor)
    if any(one.pk == actor.id and not _supervises(one, staff, day) for one in supervisors):
        raise ValidationError(
            f"Nobody makes themselves a supervisor: another administrator says that you supervise {staff.full_name}."
        )
    _end_dated(held.exclude(role__in=roles), day)
    last = last_day_of(staff)
    for role in set(roles) - set(held.values_list("role", flat=True)):
        StaffRole.objects.create(clinic=staff.clinic, staff=staff, role=role, starts_on=day, ends_on=last)
    linked = Supervision.objects.filter(on_day(day), therapist=staff)
    _end_dated(linked.exclude(supervisor__in=supervisors), day)
    for supervisor in supervisors:
        add_supervision(supervisor=supervisor, therapist=staff, starts_on=day, at=at, actor=actor)
    details = {"roles": sorted(roles), "supervisors": sorted(str(one.pk) for one in supervisors)}
    record_change(staff, at=at, actor=actor, action="staff.duties", object_kind="staff", details=details)


def check_training_is_supervised(roles: Collection[Role], supervisors: Collection[Staff]) -> None:
    """Who is in training treats, and somebody by name hears of every finding with them."""
    if Role.IN_TRAINING not in roles:
        return
    if Role.THERAPIST not in roles:
        raise ValidationError("In training is said of a therapist: choose therapist as well.")
    if not supervisors:
        raise ValidationError("Whoever is in training has a supervisor: choose one.")


def _own_roles(staff: Staff, at: datetime, actor: Actor) -> None:
    """Refuse what needs a second person. In a practice of one there is none: it is put on record and told by mail."""
    others = Staff.objects.filter(clinic=staff.clinic, active=True).exclude(pk=staff.pk)
    if others.exists():
        running = staff_as(Role.ADMINISTRATOR, local_day(staff.clinic, at)).filter(pk__in=others.values("pk"))
        names = " or ".join(running.order_by("full_name").values_list("full_name", flat=True))
        who = f"{names} can" if names else "name another administrator, who can"
        raise ValidationError(f"Nobody gives themselves a role: {who}.")
    record_about(staff, at=at, actor=actor, action="staff.own_roles", object_kind="staff")
    queue_account_mail(kind=AccountMailKind.OWN_ROLES, address=staff.user.email, at=at)


def _supervises(supervisor: Staff, therapist: Staff, day: date) -> bool:
    return supervised_through(supervisor, day).filter(pk=therapist.pk).exists()


def _end_dated(rows: "QuerySet[StaffRole] | QuerySet[Supervision]", day: date) -> None:
    """End what holds today with yesterday; what began today never was."""
    rows.filter(starts_on=day).delete()
    rows.update(ends_on=day - timedelta(days=1))


def keep_an_administrator(staff: Staff, at: datetime) -> None:
    """Refuse to leave a clinic without anybody who runs it, today or once somebody has left whose day is known.

    Two who do this to each other at one moment wait for each other at the row of the clinic.
    """
    locked(Clinic.objects.filter(pk=staff.clinic_id)).get()
    running = staff_as(Role.ADMINISTRATOR, local_day(staff.clinic, at)).filter(clinic=staff.clinic)
    stay = StaffRole.objects.filter(role=Role.ADMINISTRATOR, ends_on=None).values("staff")
    if running.filter(pk=staff.pk).exists() and not running.filter(pk__in=stay).exclude(pk=staff.pk).exists():
        raise ValidationError(
            f"{staff.full_name} is the last administrator of {staff.clinic}; name another one first."
        )


@one_transaction
def set_working(*, staff: Staff, works: bool, at: datetime, actor: Actor) -> None:
    """Suspend somebody, or take it back: their sessions end at once, and what they had to hear goes to who is left."""
    staff = locked(Staff.objects.select_related("clinic", "user")).get(pk=staff.pk)
    if staff.active == works:
        return
    if not works:
        keep_an_administrator(staff, at)
        end_sessions(staff.user_id)
    staff.active = works
    staff.save(update_fields=["active"])
    if works:
        # Whoever had left works here again.
        Leave.objects.filter(staff=staff, departs=True, handed_on_at__isnull=False, back_at=None).update(
            back_at=at
        )
    action = "staff.return" if works else "staff.suspend"
    record_change(staff, at=at, actor=actor, action=action, object_kind="staff")


@one_transaction
def end_sessions_of(*, staff: Staff, at: datetime, actor: Actor) -> int:
    """Sign somebody out on every device."""
    ended = end_sessions(staff.user_id)
    details = {"ended": ended}
    record_about(staff, at=at, actor=actor, action="staff.sign_out", object_kind="staff", details=details)
    return ended
