"""Setting up clinics and the people who work there."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db.models import F

from goldseam_web.accounts.models import (
    Clinic,
    ClinicPulse,
    Role,
    Staff,
    StaffRole,
    Supervision,
    User,
)
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.audit.models import CLINIC_LED
from goldseam_web.audit.services import SYSTEM, Actor, RowOfClinic, record, record_about
from goldseam_web.lib.case_changes import pages_of_case_changed
from goldseam_web.lib.transactions import at_the_end, one_transaction


def checked_zone(name: str) -> ZoneInfo:
    """Return the named time zone, or refuse with what was given and what is allowed."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = f"Time zone {name!r} is not known; give a name such as Europe/Berlin or America/Chicago."
        raise ValidationError(message) from error


@one_transaction
def open_clinic(
    *, name: str, time_zone: str, at: datetime, is_demo: bool = False, actor: Actor = SYSTEM
) -> Clinic:
    """Create a clinic with its change counter."""
    checked_zone(time_zone)
    clinic = Clinic.objects.create(name=name, time_zone=time_zone, is_demo=is_demo, created_at=at)
    ClinicPulse.objects.create(clinic=clinic)
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.open")
    return clinic


@one_transaction
def add_staff(
    *,
    clinic: Clinic,
    email: str,
    password: str | None,
    full_name: str,
    display_name: str,
    roles: Iterable[Role],
    at: datetime,
    actor: Actor = SYSTEM,
) -> Staff:
    """Create a sign-in and its place at the clinic. The address must be free in the whole install."""
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError(f"{email} already has a sign-in here; give another address.")
    user = User.objects.create_user(email=email, password=password)
    staff = Staff.objects.create(
        clinic=clinic, user=user, full_name=full_name, called=display_name, alone_since=at
    )
    day = at.astimezone(ZoneInfo(clinic.time_zone)).date()
    StaffRole.objects.bulk_create(
        StaffRole(clinic=clinic, staff=staff, role=role, starts_on=day) for role in roles
    )
    record_about(staff, at=at, actor=actor, action="staff.add", object_kind="staff")
    return staff


@one_transaction
def add_supervision(
    *, supervisor: Staff, therapist: Staff, starts_on: date, at: datetime, actor: Actor = SYSTEM
) -> Supervision:
    """Open a therapist's cases to a supervisor of the same clinic from a day on; a link that runs then is that link."""
    if supervisor.clinic_id != therapist.clinic_id:
        raise ValidationError("Supervisor and therapist work at different clinics; both must be of one.")
    running = Supervision.objects.filter(on_day(starts_on), supervisor=supervisor, therapist=therapist)
    if (link := running.first()) is not None:
        return link
    link = Supervision.objects.create(
        clinic_id=therapist.clinic_id, supervisor=supervisor, therapist=therapist, starts_on=starts_on
    )
    record_about(
        therapist,
        at=at,
        actor=actor,
        action="supervision.add",
        object_kind="staff",
        details={"supervisor": str(supervisor.id)},
    )
    return link


@one_transaction
def name_lead(*, lead: Staff, at: datetime, actor: Actor = SYSTEM) -> None:
    """Name the clinic's lead, who stands in as supervisor of every therapist whom nobody supervises."""
    if not staff_as(Role.SUPERVISOR, local_day(lead.clinic, at)).filter(pk=lead.pk).exists():
        raise ValidationError(f"{lead} does not work here as a supervisor today; a clinic's lead is one.")
    if actor.id == lead.pk:
        raise ValidationError("Nobody makes themselves the lead: another administrator does.")
    Clinic.objects.filter(pk=lead.clinic_id).update(lead=lead)
    record_change(lead, at=at, actor=actor, action=CLINIC_LED, object_kind="staff")


@one_transaction
def set_last_alone(*, staff: Staff, last: datetime | None, at: datetime, actor: Actor) -> None:
    """Note when somebody was last alone with their screens: now, before a session, or (None) that somebody may see."""
    staff.alone_since = last
    staff.save(update_fields=["alone_since"])
    action = "room.left" if last == at else "room.entered"
    record_about(staff, at=at, actor=actor, action=action, object_kind="staff")


@one_transaction
def share_own_ratings(*, staff: Staff, shared: bool, at: datetime, actor: Actor) -> None:
    """Let whoever supervises somebody read how their ratings lie beside their clients', or take that back."""
    before = Staff.objects.filter(pk=staff.pk, ratings_shared_at__isnull=shared)
    if not before.update(ratings_shared_at=at if shared else None):
        return  # so it is already: a second tap changes no date
    action = "own_ratings.shared" if shared else "own_ratings.taken_back"
    record_about(staff, at=at, actor=actor, action=action, object_kind="staff")


def record_change_of_clinic(
    clinic: Clinic, *, at: datetime, actor: Actor, action: str, details: Mapping[str, Any] | None = None
) -> None:
    """Put on record what was done to the clinic itself."""
    record(
        clinic_id=clinic.id,
        at=at,
        actor=actor,
        action=action,
        object_kind="clinic",
        object_id=clinic.id,
        details=details,
    )


def record_change(
    row: RowOfClinic,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Put on record what was done to a row, and tell open pages. Call inside the transaction that does it.

    Of a case hear the pages of those who treat it, of anything else all pages of the clinic.
    """
    record_about(row, at=at, actor=actor, action=action, object_kind=object_kind, details=details)
    if not pages_of_case_changed(row):
        bump_change_counter(row.clinic_id)


def bump_change_counter(clinic_id: uuid.UUID) -> None:
    """Tell all open pages of a clinic that something changed, at the end of the transaction that changes it."""
    pulse = ClinicPulse.objects.filter(pk=clinic_id)
    at_the_end(clinic_id, partial(pulse.update, counter=F("counter") + 1))
