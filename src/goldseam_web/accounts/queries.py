"""Who is looking: the viewer that every read is given."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from goldseam_web.accounts.models import (
    Charter,
    Clinic,
    CrisisLine,
    Leave,
    LineKind,
    Role,
    Staff,
    StaffRole,
    Supervision,
    User,
)
from goldseam_web.audit.services import Actor
from goldseam_web.lib.prepared import Prepared


@dataclass(frozen=True)
class Viewer:
    """A member of staff with the roles they hold on the day of the request."""

    staff_id: uuid.UUID
    clinic_id: uuid.UUID
    full_name: str
    display_name: str
    initials: str
    time_zone: ZoneInfo
    roles: frozenset[str]
    supervised: frozenset[uuid.UUID]
    today: date
    at: datetime
    # The therapist whose page somebody else reads: it tells what that one is told.
    told_to: uuid.UUID | None = None
    # Whether the clinic's charter of use, as it is now, has not been agreed to by them yet.
    owes_charter: bool = False
    # Whether they lead the clinic, which a supervisor does.
    is_lead: bool = False
    # From which day on they work here no more, where that is known, and who takes over their cases then.
    leaves_on: date | None = None
    cases_go_to: str = ""

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.staff_id)

    @property
    def is_therapist(self) -> bool:
        return Role.THERAPIST in self.roles


def local_day(clinic: Clinic, at: datetime) -> date:
    """The date of a moment where the clinic is: dated links hold by its calendar, not by that of Greenwich."""
    return at.astimezone(ZoneInfo(clinic.time_zone)).date()


def violence_procedure_of(viewer: Viewer) -> str:
    """What the viewer's clinic has its staff do where somebody may be in danger at home; empty if nothing was given."""
    return Clinic.objects.values_list("violence_procedure", flat=True).get(pk=viewer.clinic_id)


def on_day(day: date) -> Q:
    """Rows whose dated validity covers the day."""
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def staff_as(role: Role, day: date) -> "QuerySet[Staff]":
    """Who works at a clinic and holds the role that day."""
    held = StaffRole.objects.filter(on_day(day), role=role)
    return Staff.objects.filter(active=True, pk__in=held.values("staff"))


def supervisions_on(day: date) -> "QuerySet[Supervision]":
    """The dated links whose supervisor works here and is one that day."""
    return Supervision.objects.filter(on_day(day), supervisor__in=staff_as(Role.SUPERVISOR, day))


def supervised_through(supervisor: Staff, day: date) -> "QuerySet[Staff]":
    """Whom this member of staff supervises that day: by dated link, or as the clinic's lead whoever has nobody else.

    Nobody supervises themselves. Empty for who does not work here as a supervisor that day.
    """
    linked = Supervision.objects.filter(on_day(day), supervisor=supervisor)
    others = supervisions_on(day).exclude(supervisor=supervisor).values("therapist")
    led = Q(clinic__lead=supervisor) & ~Q(pk__in=others)
    found = Staff.objects.filter(Q(pk__in=linked.values("therapist")) | led).exclude(pk=supervisor.pk)
    return found.filter(Exists(staff_as(Role.SUPERVISOR, day).filter(pk=supervisor.pk)))


def viewer_of(user: User, *, at: datetime) -> Viewer | None:
    """The viewer behind a sign-in, or None for someone who does not work at a clinic (any more)."""
    rows = _WITH_ROLES.rows(user=user.pk)
    if not rows:
        return None
    staff = rows[0]
    zone = ZoneInfo(staff.clinic.time_zone)
    today = at.astimezone(zone).date()
    roles = frozenset(
        row.role
        for row in rows
        if row.role and row.role_from <= today and (row.role_until is None or row.role_until >= today)
    )
    supervised = (
        supervised_through(staff, today).values_list("pk", flat=True) if Role.SUPERVISOR in roles else ()
    )
    return Viewer(
        staff_id=staff.id,
        clinic_id=staff.clinic_id,
        full_name=staff.full_name,
        display_name=staff.display_name,
        initials=staff.initials,
        time_zone=zone,
        roles=roles,
        supervised=frozenset(supervised),
        today=today,
        at=at,
        owes_charter=bool(staff.owes_charter),
        is_lead=Role.SUPERVISOR in roles and staff.clinic.lead_id == staff.pk,
        leaves_on=staff.leaves_on,
        cases_go_to=staff.cases_go_to or "",
    )


def _with_roles(user: uuid.UUID) -> "QuerySet[Any]":
    """One row for each role, held now or ever, and one for who never held any: every page asks, so in one query."""
    return (
        Staff.objects.select_related("clinic")
        .filter(user=user, active=True)
        .annotate(role=F("roles__role"), role_from=F("roles__starts_on"), role_until=F("roles__ends_on"))
        .annotate(owes_charter=_owes_charter())
        .annotate(leaves_on=_departure("starts_on"), cases_go_to=_departure("cover__full_name"))
    )


_WITH_ROLES: Prepared[Any] = Prepared(_with_roles, user=uuid.UUID)


def _departure(column: str) -> Subquery:
    """Of the departure of a row of staff: when they work here no more, or who takes over."""
    noted = Leave.objects.filter(staff=OuterRef("pk"), departs=True, back_at=None)
    return Subquery(noted.values(column)[:1])


def _owes_charter() -> Exists:
    """Whether the clinic's newest charter is not among those that a row of staff has agreed to."""
    later = Charter.objects.filter(clinic=OuterRef("clinic"), number__gt=OuterRef("number"))
    newest = Charter.objects.filter(~Exists(later), clinic=OuterRef("clinic"))
    return Exists(newest.exclude(acceptances__staff=OuterRef("pk")))


def crisis_lines(clinic: Clinic) -> "QuerySet[CrisisLine]":
    """The clinic's numbers for urgent help: for everybody, without a viewer."""
    return CrisisLine.objects.filter(clinic=clinic)


def kinds_without_a_line(clinic: Clinic) -> list[LineKind]:
    """For whom the clinic has no number for urgent help, in the order they are asked for."""
    there = set(crisis_lines(clinic).values_list("kind", flat=True))
    return [kind for kind in LineKind if kind not in there]


def crisis_line(viewer: Viewer, line_id: uuid.UUID) -> CrisisLine | None:
    """One number of the viewer's clinic; None where there is no such number."""
    return CrisisLine.objects.filter(clinic_id=viewer.clinic_id, pk=line_id).first()


def staff_of_clinic(viewer: Viewer) -> "QuerySet[Staff]":
    """Everybody of the viewer's clinic by name, with the roles and supervisions of today."""
    held = StaffRole.objects.filter(on_day(viewer.today)).order_by("role")
    linked = Supervision.objects.filter(on_day(viewer.today)).select_related("supervisor")
    return (
        Staff.objects.filter(clinic_id=viewer.clinic_id)
        .select_related("user", "clinic")
        .annotate(leaves_on=_departure("starts_on"), cases_go_to=_departure("cover__full_name"))
        .prefetch_related(
            Prefetch("roles", held, to_attr="held_today"),
            Prefetch("supervised_by", linked, to_attr="linked_today"),
        )
        .order_by("-active", "full_name")
    )


def member_of_staff(viewer: Viewer, staff_id: uuid.UUID) -> Staff | None:
    return staff_of_clinic(viewer).filter(pk=staff_id).first()


def colleague_of(viewer: Viewer, staff_id: uuid.UUID) -> Staff | None:
    """Somebody of the viewer's clinic, without anything about them."""
    return Staff.objects.filter(clinic_id=viewer.clinic_id, pk=staff_id).first()


def supervisors_of(viewer: Viewer) -> list[str]:
    """Who supervises the viewer today, by name: those linked to them, else the lead of the clinic."""
    linked = supervisions_on(viewer.today).filter(therapist=viewer.staff_id)
    by_link = Q(pk__in=linked.values("supervisor"))
    lead = Q(pk__in=Clinic.objects.filter(pk=viewer.clinic_id).values("lead"))
    found = Staff.objects.filter(by_link | (lead & ~Q(Exists(linked)))).exclude(pk=viewer.staff_id)
    working = found.filter(pk__in=staff_as(Role.SUPERVISOR, viewer.today))
    return list(working.order_by("full_name").values_list("full_name", flat=True))


def staff_behind(viewer: Viewer) -> Staff:
    """The row of the member of staff who looks, with their clinic."""
    return Staff.objects.select_related("clinic").get(pk=viewer.staff_id)


def clinics_called(name: str | None) -> "QuerySet[Clinic]":
    """The clinic of that name, or all of the install; asked by an operator, without a viewer."""
    return Clinic.objects.filter(name=name) if name else Clinic.objects.all()


def staff_with_address(clinic: Clinic, email: str) -> Staff | None:
    """Who works at the clinic and signs in with that address; asked by an operator, without a viewer."""
    found = Staff.objects.filter(clinic=clinic, active=True, user__email__iexact=email)
    return found.select_related("clinic", "user").first()


def holds_real_clinic() -> bool:
    """Whether the install holds a clinic that is not fictional."""
    return Clinic.objects.filter(is_demo=False).exists()
