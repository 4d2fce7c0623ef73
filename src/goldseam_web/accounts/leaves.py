"""Who is away, from when to when, who stands in for them, and what clients' forms do meanwhile."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.closed_days import first_working_day
from goldseam_web.accounts.models import Clinic, FormsMeanwhile, Leave, Role, Staff
from goldseam_web.accounts.queries import Viewer, local_day, on_day, staff_as, supervised_through
from goldseam_web.accounts.services import record_change, record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction

LONGEST_AHEAD = timedelta(days=2 * 366)


def leaves_on(day: date) -> "QuerySet[Leave]":
    """The leaves that run that day and that nobody has come back from."""
    return Leave.objects.filter(on_day(day), back_at=None)


def may_send_away(viewer: Viewer, staff: Staff) -> bool:
    """Therapists themselves, whoever supervises or leads them that day, and whoever runs the clinic."""
    mine = viewer.staff_id == staff.pk and viewer.is_therapist
    above = staff.pk in viewer.supervised or viewer.is_lead or Role.ADMINISTRATOR in viewer.roles
    return staff.clinic_id == viewer.clinic_id and (mine or above)


def leaves_ahead(viewer: Viewer, staff: Sequence[Staff]) -> list[Leave]:
    """Leaves of these colleagues that run or are to come, by first day."""
    ahead = Q(ends_on=None) | Q(ends_on__gte=viewer.today)
    found = Leave.objects.filter(
        ahead, clinic_id=viewer.clinic_id, staff__in=staff, back_at=None, departs=False
    )
    return list(found.select_related("staff", "cover"))


def leave_of(viewer: Viewer, staff: Sequence[Staff], leave_id: uuid.UUID) -> Leave | None:
    """A leave of one of these colleagues, over or not."""
    found = Leave.objects.filter(clinic_id=viewer.clinic_id, staff__in=staff, pk=leave_id, departs=False)
    return found.select_related("staff").first()


def first_working_day_of(staff: Collection[Staff], *, after: date) -> date | None:
    """The first working day after a day on which one of these colleagues is here; None where no end is known."""
    clinic = next(iter(staff)).clinic
    ahead = Leave.objects.filter(Q(ends_on=None) | Q(ends_on__gt=after), staff__in=staff, back_at=None)
    leaves = list(ahead)
    day = first_working_day(clinic, after=after)
    while True:
        running = [
            one for one in leaves if one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)
        ]
        if len({one.staff_id for one in running}) < len(staff):
            return day
        ends = [one.ends_on for one in running if one.ends_on is not None]
        if not ends:
            return None
        day = first_working_day(clinic, after=min(ends))


def who_is_away_today(viewer: Viewer) -> list[tuple[Leave, Staff | None]]:
    """The leaves of the viewer's clinic that run today, by name, with who stands in.

    That is the cover's cover where the cover is away, too; None where nobody is here who would.
    """
    found = leaves_on(viewer.today).filter(clinic_id=viewer.clinic_id).order_by("staff__full_name")
    leaves = list(found.select_related("staff", "cover"))
    running = {leave.staff_id: leave for leave in leaves}
    working = set(staff_as(Role.THERAPIST, viewer.today).filter(clinic_id=viewer.clinic_id))
    return [(one, _stands_in(one, running, working)) for one in leaves if one.staff.active]


def _stands_in(leave: Leave, running: Mapping[uuid.UUID, Leave], working: Collection[Staff]) -> Staff | None:
    cover, passed = leave.cover, {leave.staff_id}
    while cover is not None and cover.pk in running and cover.pk not in passed:
        passed.add(cover.pk)
        cover = running[cover.pk].cover
    is_here = cover is not None and cover in working and cover.pk not in running
    return cover if is_here else None


def therapists_without_cover(clinic: Clinic, day: date) -> "QuerySet[Staff]":
    """Whoever treats here and has named nobody who does so, too."""
    working = staff_as(Role.THERAPIST, day).filter(clinic=clinic)
    return working.exclude(cover__in=working.values("pk")).order_by("full_name")


@one_transaction
def name_cover(*, staff: Staff, cover: Staff | None, at: datetime, actor: Actor) -> None:
    """Say who stands in for somebody whenever they are away; None for nobody."""
    staff = locked(Staff.objects.select_related("clinic")).get(pk=staff.pk)
    if cover is not None:
        _check_cover(staff, cover, at, actor)
    staff.cover = cover
    staff.save(update_fields=["cover"])
    details = {"cover": str(cover.pk) if cover else None}
    record_change(staff, at=at, actor=actor, action="staff.cover", object_kind="staff", details=details)


@one_transaction
def set_forms_when_away(*, clinic: Clinic, forms: FormsMeanwhile, at: datetime, actor: Actor) -> None:
    """Choose what clients' untouched forms do while their therapist is away, from the next leave on."""
    Clinic.objects.filter(pk=clinic.pk).update(forms_when_away=forms)
    details = {"forms": str(forms)}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.forms_when_away", details=details)


@one_transaction
def note_leave(
    *,
    staff: Staff,
    first: date,
    last: date | None,
    cover: Staff | None,
    forms: FormsMeanwhile,
    at: datetime,
    actor: Actor,
) -> Leave:
    """Note that somebody is away from a day to a day, or (None) until they are back."""
    staff = locked(Staff.objects.select_related("clinic")).get(pk=staff.pk)
    _check_days(staff, first, last, local_day(staff.clinic, at))
    if cover is not None:
        _check_cover(staff, cover, at, actor)
        # Without a last day only the first counts: a holiday in spring stops nobody who is ill today.
        if _overlapping(cover, first, last or first).exists():
            raise ValidationError(f"{cover.full_name} is away then too; choose somebody who is here.")
    leave = Leave.objects.create(
        clinic=staff.clinic,
        staff=staff,
        cover=cover,
        forms=forms,
        starts_on=first,
        ends_on=last,
        noted_at=at,
    )
    details = {"staff": str(staff.pk), "cover": str(cover.pk) if cover else None}
    record_change(leave, at=at, actor=actor, action="leave.note", object_kind="leave", details=details)
    return leave


@one_transaction
def end_leave(*, leave: Leave, at: datetime, actor: Actor) -> Leave:
    """Note that somebody is back, or that a leave that has not begun is off; a second time changes nothing."""
    leave = locked(Leave.objects.select_related("clinic", "staff", "cover")).get(pk=leave.pk)
    if leave.back_at is None:
        leave.back_at = at
        leave.save(update_fields=["back_at"])
        details = {"staff": str(leave.staff_id)}
        record_change(leave, at=at, actor=actor, action="leave.end", object_kind="leave", details=details)
    return leave


def _check_days(staff: Staff, first: date, last: date | None, today: date) -> None:
    if first < today:
        raise ValidationError(f"{first} has passed; today is the first day that can be given.")
    if last is not None and last < first:
        raise ValidationError(f"From {first} to {last} given; the first day comes first.")
    if (last or first) - today > LONGEST_AHEAD:
        day = "last" if last else "first"
        raise ValidationError(f"{last or first} given as the {day} day; two years ahead at most.")
    if _overlapping(staff, first, last).filter(departs=False).exists():
        raise ValidationError(f"{staff.full_name} is away in that time already.")


def _overlapping(staff: Staff, first: date, last: date | None) -> "QuerySet[Leave]":
    found = Leave.objects.filter(Q(ends_on=None) | Q(ends_on__gte=first), staff=staff, back_at=None)
    return found if last is None else found.filter(starts_on__lte=last)


def _check_cover(staff: Staff, cover: Staff, at: datetime, actor: Actor) -> None:
    """A cover opens the cases, so that nobody makes themselves one who could not open them before."""
    day = local_day(staff.clinic, at)
    if cover.pk == staff.pk:
        raise ValidationError("Somebody else stands in; choose one of the colleagues.")
    if not staff_as(Role.THERAPIST, day).filter(clinic=staff.clinic, pk=cover.pk).exists():
        raise ValidationError(f"{cover.full_name} does not work here as a therapist today.")
    named_already = staff.cover_id == cover.pk
    supervises = supervised_through(cover, day).filter(pk=staff.pk).exists()
    if actor.id == cover.pk and not (named_already or supervises):
        raise ValidationError(
            f"Nobody makes themselves the cover: {staff.full_name} names you, or somebody else who may."
        )
