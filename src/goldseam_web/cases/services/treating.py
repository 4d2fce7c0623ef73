"""Who treats a case, from when to when: a cover or a co-therapist beside, and the hand-over to somebody else."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.models import Leave, Role, Staff
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import (
    Case,
    CaseTherapist,
    Encounter,
    EncounterState,
    RecordState,
    TherapistPart,
)
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def add_therapist(
    *,
    case: Case,
    therapist: Staff,
    part: TherapistPart,
    first: date,
    last: date | None,
    at: datetime,
    actor: Actor,
) -> CaseTherapist:
    """Let a colleague treat the case too: a co-therapist from a day on, a cover from a day to a day."""
    _check_treats_here(case, therapist, at)
    if last is not None and last < first:
        raise ValidationError(f"From {first} to {last} given; the first day comes first.")
    if part == TherapistPart.COVER and last is None:
        raise ValidationError("Give the last day of the cover.")
    case = locked(Case.objects.select_related("clinic")).get(pk=case.pk)
    running = case.therapists.filter(therapist=therapist).filter(Q(ends_on=None) | Q(ends_on__gte=first))
    if last is not None:
        running = running.filter(starts_on__lte=last)
    if running.exists():
        raise ValidationError(f"{therapist.full_name} treats this case already in that time.")
    link = CaseTherapist.objects.create(
        clinic_id=case.clinic_id, case=case, therapist=therapist, part=part, starts_on=first, ends_on=last
    )
    details = {"therapist": str(therapist.pk), "part": str(part)}
    record_change(
        case, at=at, actor=actor, action="case.therapist_added", object_kind="case", details=details
    )
    return link


@one_transaction
def end_therapist(*, case: Case, link: CaseTherapist, at: datetime, actor: Actor) -> None:
    """Somebody beside treats the case no more after today; whoever treats it alone hands it over instead."""
    case = locked(Case.objects.select_related("clinic")).get(pk=case.pk)
    today = local_day(case.clinic, at)
    if link.part == TherapistPart.MAIN:
        raise ValidationError("Hand the case over, so that somebody treats it.")
    if link.starts_on > today:
        link.delete()
    else:
        link.ends_on = today
        link.save(update_fields=["ends_on"])
    details = {"therapist": str(link.therapist_id)}
    record_change(
        case, at=at, actor=actor, action="case.therapist_ended", object_kind="case", details=details
    )


@one_transaction
def hand_over(
    *, case: Case, giver: Staff, taker: Staff, at: datetime, actor: Actor, giver_is_gone: bool = False
) -> list[Encounter]:
    """Make another therapist the one who treats the case, from today; gives the sessions from tomorrow on, theirs now.

    Today both treat it: what comes this evening is still heard by who was asked about. Who works here no more treats it
    no more today, and hands over what has not begun, too.
    """
    _check_treats_here(case, taker, at)
    if taker.pk == giver.pk:
        raise ValidationError(f"{taker.full_name} treats this case already.")
    case = locked(Case.objects.select_related("clinic")).get(pk=case.pk)
    today = local_day(case.clinic, at)
    links = case.therapists.filter(on_day(today), therapist=giver)
    given = links.exclude(part=TherapistPart.COVER)
    if not given.exists():
        how = (
            "covers this case, and gives nothing over" if links.exists() else "does not treat this case today"
        )
        raise ValidationError(f"{giver.full_name} {how}.")
    given.update(ends_on=today - timedelta(days=1) if giver_is_gone else today)
    # Who treats it beside already, or is going to from a later day, goes on as the one who treats it.
    beside = case.therapists.filter(therapist=taker, ends_on=None)
    beside.filter(starts_on__gt=today).update(starts_on=today)
    if not beside.update(part=TherapistPart.MAIN):
        CaseTherapist.objects.create(clinic_id=case.clinic_id, case=case, therapist=taker, starts_on=today)
    holds = Q(therapist=giver) | Q(beside=giver)
    ahead = case.encounters.filter(holds, state=EncounterState.PLANNED)
    ahead = ahead.filter(starts_at__gt=at) if giver_is_gone else ahead.filter(local_date__gt=today)
    encounters = list(locked(ahead.select_related("clinic", "case")))
    given_on = Encounter.objects.filter(pk__in=[one.pk for one in encounters])
    # Who held it beside holds it alone where the other's part is theirs now.
    given_on.filter(Q(therapist=taker, beside=giver) | Q(therapist=giver, beside=taker)).update(
        therapist=taker, beside=None
    )
    given_on.filter(therapist=giver).update(therapist=taker)
    given_on.filter(beside=giver).update(beside=taker)
    details = {"from": str(giver.pk), "to": str(taker.pk), "sessions": len(encounters)}
    record_change(case, at=at, actor=actor, action="case.hand_over", object_kind="case", details=details)
    return encounters


@one_transaction
def cover_cases(*, leave: Leave, at: datetime, actor: Actor) -> list[Case]:
    """Let the cover of a leave that runs treat what whoever is away treats or covers; gives the cases new to them.

    Once more, it takes in what has come since and lets go what is theirs no more.
    """
    if leave.cover is None:
        return []
    today = local_day(leave.clinic, at)
    theirs = _treated_on(leave.staff, today)
    _end_covers(leave.covers.exclude(case__in=theirs.values("case")), today)
    have = CaseTherapist.objects.filter(on_day(today) | Q(ends_on=None), therapist=leave.cover)
    missing = Case.objects.filter(pk__in=theirs.values("case")).exclude(pk__in=have.values("case"))
    cases = list(locked(missing.filter(watched_on(today)).exclude(state=RecordState.ERASED)))
    CaseTherapist.objects.bulk_create(
        CaseTherapist(
            clinic_id=case.clinic_id,
            case=case,
            therapist=leave.cover,
            part=TherapistPart.COVER,
            starts_on=today,
            ends_on=leave.ends_on,
            leave=leave,
        )
        for case in cases
    )
    details = {"therapist": str(leave.cover.pk), "part": str(TherapistPart.COVER)}
    for case in cases:
        record_change(
            case, at=at, actor=actor, action="case.therapist_added", object_kind="case", details=details
        )
    return cases


@one_transaction
def end_covers_of(*, leave: Leave, at: datetime) -> None:
    """End with today what somebody covers for a leave that is over."""
    _end_covers(leave.covers.all(), local_day(leave.clinic, at))


@one_transaction
def end_covers_by(*, staff: Staff, at: datetime) -> None:
    """End what somebody covers who works here no more."""
    today = local_day(staff.clinic, at)
    _end_covers(CaseTherapist.objects.filter(therapist=staff, part=TherapistPart.COVER), today)


def _treated_on(staff: Staff, day: date) -> "QuerySet[CaseTherapist]":
    return CaseTherapist.objects.filter(on_day(day), therapist=staff)


def _end_covers(links: "QuerySet[CaseTherapist]", today: date) -> None:
    links.filter(Q(ends_on=None) | Q(ends_on__gt=today)).update(ends_on=today)


def _check_treats_here(case: Case, therapist: Staff, at: datetime) -> None:
    working = staff_as(Role.THERAPIST, local_day(case.clinic, at)).filter(clinic_id=case.clinic_id)
    if not working.filter(pk=therapist.pk).exists():
        raise ValidationError(f"{therapist.full_name} does not work here as a therapist today.")
