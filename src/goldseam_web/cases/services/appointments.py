"""Keeping a case's appointments. Each function is one use case in one transaction."""

import uuid
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import on_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import (
    LONGEST_ENCOUNTER,
    Attendance,
    Case,
    Encounter,
    EncounterState,
    NotHeld,
    Presence,
    RecordState,
)
from goldseam_web.lib.clock_time import time_of_day
from goldseam_web.lib.transactions import locked, one_transaction

FURTHEST_DAY = timedelta(days=2 * 365)  # what lies further off than this is a slip of the pen


@one_transaction
def plan_encounter(
    *,
    case: Case,
    therapist: Staff,
    starts_at: datetime,
    minutes: int,
    at: datetime,
    actor: Actor,
    away: Collection[uuid.UUID] = (),
    beside: Staff | None = None,
    encounter_id: uuid.UUID | None = None,
    series: uuid.UUID | None = None,
) -> Encounter:
    """Book an appointment of an open case; members in ``away`` are not expected. ``beside`` holds it, too.

    ``encounter_id`` is the id it is to have: booked again under the same id, it is the appointment as it stands.
    Those of one ``series`` can be changed together.
    """
    starts_at, ends_at = _checked_times(starts_at, minutes, at)
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        raise ValidationError("This case has ended; reopen it before planning a session.")
    if therapist.clinic_id != case.clinic_id:
        raise ValidationError("The therapist works at another clinic; choose one of this clinic.")
    clinic = case.clinic
    # Of two who book at once, the second waits here and finds what the first has booked.
    locked(Case.objects.filter(pk=case.pk)).get()
    if encounter_id and (booked := case.encounters.filter(pk=encounter_id).first()):
        return booked
    _check_free(case, starts_at, ends_at)
    local_date = starts_at.astimezone(ZoneInfo(clinic.time_zone)).date()
    if beside is not None:
        _check_beside(case, therapist, beside, local_date)
    encounter = Encounter.objects.create(
        pk=encounter_id or uuid.uuid4(),
        series=series,
        clinic=clinic,
        case=case,
        therapist=therapist,
        beside=beside,
        starts_at=starts_at,
        ends_at=ends_at,
        local_date=local_date,
    )
    Attendance.objects.bulk_create(
        Attendance(
            clinic=clinic,
            encounter=encounter,
            member=member,
            presence=Presence.AWAY if member.id in away else Presence.EXPECTED,
        )
        for member in case.members.filter(left_on=None)
    )
    record_change(encounter, at=at, actor=actor, action="encounter.plan", object_kind="encounter")
    return encounter


def _check_beside(case: Case, therapist: Staff, beside: Staff, day: date) -> None:
    """Refuse a second therapist who does not treat the case that day, or is the first."""
    treats = case.therapists.filter(on_day(day), therapist=beside)
    if beside.pk == therapist.pk or not treats.exists():
        raise ValidationError(f"{beside.full_name} does not treat this case beside you that day.")


def _checked_times(starts_at: datetime, minutes: int, at: datetime) -> tuple[datetime, datetime]:
    """The instants of start and end; refused if the length or the year cannot be meant."""
    length = timedelta(minutes=minutes)
    if not timedelta(minutes=5) <= length <= LONGEST_ENCOUNTER:
        raise ValidationError(f"{minutes} minutes given; a session lasts 5 to 480 minutes.")
    check_day(starts_at.date(), today=at.date())
    start = starts_at.astimezone(UTC)
    return start, start + length


def check_day(day: date, *, today: date) -> None:
    """Refuse a day of a session that can only be a slip of the pen."""
    if abs(day - today) > FURTHEST_DAY:
        raise ValidationError(
            f"{day.day} {day:%B} {day.year} given; a session lies at most two years before or after today."
        )


def _check_free(
    case: Case, starts_at: datetime, ends_at: datetime, *, besides: Encounter | None = None
) -> None:
    """Refuse a time at which the case has another session."""
    taken = case.encounters.exclude(state=EncounterState.CANCELLED).filter(
        starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    other = taken.exclude(pk__in=[besides.pk] if besides else []).first()
    if other is not None:
        zone = ZoneInfo(case.clinic.time_zone)
        start, end = time_of_day(other.starts_at, zone=zone), time_of_day(other.ends_at, zone=zone)
        raise ValidationError(
            f"There is already a session of this case at that time, from {start} to {end}; choose another time."
        )


@one_transaction
def hold_encounter(
    *,
    encounter: Encounter,
    at: datetime,
    actor: Actor,
    ended_at: datetime | None = None,
    away: Collection[uuid.UUID] = (),
) -> Encounter:
    """Say that an appointment took place and who was there. Holding it again only corrects attendance.

    ``ended_at`` moves the end when the session stopped early or ran over.
    """
    encounter = _locked(encounter)
    if encounter.state == EncounterState.CANCELLED:
        raise ValidationError("This session was cancelled; plan a new one.")
    if ended_at is not None and ended_at > encounter.starts_at:
        encounter.ends_at = ended_at
    encounter.attendance.filter(member_id__in=away).update(presence=Presence.AWAY)
    encounter.attendance.exclude(member_id__in=away).update(presence=Presence.ATTENDED)
    _hold(encounter, at, actor)
    return encounter


@one_transaction
def hold_if_planned(*, encounter: Encounter, at: datetime) -> bool:
    """Say of an appointment that is only planned that it took place; who was noted as away stays so."""
    encounter = _locked(encounter)
    if encounter.state != EncounterState.PLANNED:
        return False
    encounter.attendance.exclude(presence=Presence.AWAY).update(presence=Presence.ATTENDED)
    _hold(encounter, at, SYSTEM)
    return True


def _locked(encounter: Encounter) -> Encounter:
    """The appointment as it is now. Who was there stands in rows of its own, which it stands for."""
    return locked(Encounter.objects.select_related("clinic")).get(pk=encounter.pk)


def _hold(encounter: Encounter, at: datetime, actor: Actor) -> None:
    encounter.state = EncounterState.HELD
    encounter.save(update_fields=["state", "ends_at"])
    details = {"away": _as_it_stands(encounter)["away"]}
    record_change(
        encounter, at=at, actor=actor, action="encounter.hold", object_kind="encounter", details=details
    )


@one_transaction
def change_encounter(
    *,
    encounter: Encounter,
    starts_at: datetime,
    minutes: int,
    away: Collection[uuid.UUID],
    at: datetime,
    actor: Actor,
) -> Encounter:
    """Put right when an appointment is and who is there; what stood there before stays in the audit.

    One that lies ahead is planned, one that is over took place.
    """
    starts_at, ends_at = _checked_times(starts_at, minutes, at)
    locked(Case.objects.filter(pk=encounter.case_id)).get()
    encounter = _locked(encounter)
    if encounter.state == EncounterState.CANCELLED:
        raise ValidationError("This session was cancelled; plan a new one.")
    _check_free(encounter.case, starts_at, ends_at, besides=encounter)
    before = _as_it_stands(encounter)
    encounter.starts_at, encounter.ends_at = starts_at, ends_at
    encounter.local_date = starts_at.astimezone(ZoneInfo(encounter.clinic.time_zone)).date()
    encounter.state = _state_at(encounter, at)
    encounter.save(update_fields=["starts_at", "ends_at", "local_date", "state"])
    here = Presence.ATTENDED if encounter.state == EncounterState.HELD else Presence.EXPECTED
    encounter.attendance.filter(member_id__in=away).update(presence=Presence.AWAY)
    encounter.attendance.exclude(member_id__in=away).update(presence=here)
    changed = {"before": before, "after": _as_it_stands(encounter)}
    record_change(
        encounter,
        at=at,
        actor=actor,
        action="encounter.correct",
        object_kind="encounter",
        details=changed,
    )
    return encounter


@one_transaction
def cancel_encounter(*, encounter: Encounter, because: NotHeld, at: datetime, actor: Actor) -> Encounter:
    """Note that an appointment does not, or did not, take place, and why. It is no session then."""
    encounter = _locked(encounter)
    if encounter.state == EncounterState.CANCELLED:
        raise ValidationError("This session was cancelled already.")
    if because == NotHeld.NOBODY_CAME and encounter.starts_at > at:
        raise ValidationError("This session lies ahead, so nobody can have missed it; say who cancelled it.")
    before = _as_it_stands(encounter)
    encounter.state, encounter.cancelled_reason = EncounterState.CANCELLED, because
    encounter.save(update_fields=["state", "cancelled_reason"])
    changed = {"before": before, "because": str(because)}
    record_change(
        encounter, at=at, actor=actor, action="encounter.cancel", object_kind="encounter", details=changed
    )
    return encounter


@one_transaction
def restore_encounter(*, encounter: Encounter, at: datetime, actor: Actor) -> Encounter:
    """Take a cancellation back: the appointment takes place after all, or did."""
    case = locked(Case.objects.filter(pk=encounter.case_id)).get()
    encounter = _locked(encounter)
    if encounter.state != EncounterState.CANCELLED:
        return encounter
    if case.ended_on is not None:
        raise ValidationError("This case has ended; reopen it before planning a session.")
    _check_free(case, encounter.starts_at, encounter.ends_at, besides=encounter)
    encounter.state = EncounterState.HELD if encounter.ends_at <= at else EncounterState.PLANNED
    encounter.cancelled_reason = ""
    encounter.save(update_fields=["state", "cancelled_reason"])
    here = Presence.ATTENDED if encounter.state == EncounterState.HELD else Presence.EXPECTED
    encounter.attendance.exclude(presence=Presence.AWAY).update(presence=here)
    record_change(encounter, at=at, actor=actor, action="encounter.restore", object_kind="encounter")
    return encounter


def _state_at(encounter: Encounter, at: datetime) -> str:
    if encounter.starts_at > at:
        return EncounterState.PLANNED
    return EncounterState.HELD if encounter.ends_at <= at else encounter.state


def _as_it_stands(encounter: Encounter) -> dict[str, object]:
    away = encounter.attendance.filter(presence=Presence.AWAY).order_by("member__position")
    return {
        "state": encounter.state,
        "starts_at": encounter.starts_at.isoformat(),
        "ends_at": encounter.ends_at.isoformat(),
        "away": [str(member) for member in away.values_list("member_id", flat=True)],
    }
