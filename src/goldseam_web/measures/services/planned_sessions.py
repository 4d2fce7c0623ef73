"""Appointments with what is asked about them: planned in a series, moved, cancelled, and taken back."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Phase, Staff
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Case, Encounter, Member, NotHeld, Presence
from goldseam_web.cases.services import Reach, Repeat, cancel_encounter, plan_series, restore_encounter
from goldseam_web.cases.services.repeated_appointments import on_clock, reached
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.services.home_questions import follow_home_calendar
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.measures.services.occasions import (
    ask_after_all,
    call_off,
    correct_encounter,
    newest_of_each_series,
    plan_occasions,
    set_windows,
)


@one_transaction
def plan_sessions(
    *,
    case: Case,
    therapist: Staff,
    starts_at: datetime,
    minutes: int,
    repeat: Repeat,
    at: datetime,
    actor: Actor,
    away: Collection[uuid.UUID] = (),
    beside: Staff | None = None,
    key: uuid.UUID,
) -> list[Encounter]:
    """Book a series and ask everybody who is expected about each session. The same ``key`` books once."""
    booked = plan_series(
        case=case,
        therapist=therapist,
        starts_at=starts_at,
        minutes=minutes,
        repeat=repeat,
        at=at,
        actor=actor,
        away=away,
        beside=beside,
        series=key,
    )
    for encounter in booked:
        plan_occasions(encounter=encounter, at=at, actor=actor)
    return booked


@one_transaction
def move_sessions(
    *,
    encounter: Encounter,
    reach: Reach,
    starts_at: datetime,
    minutes: int,
    away: Sequence[Member],
    at: datetime,
    actor: Actor,
) -> list[Encounter]:
    """Put right when a session is and who is there; the others that are meant move by as many days, to the same time.

    Who is away is said of this one alone.
    """
    moved = _locked(encounter, reach, at)
    zone = ZoneInfo(encounter.clinic.time_zone)
    start = starts_at.astimezone(zone)
    days = start.date() - encounter.starts_at.astimezone(zone).date()
    later = starts_at > encounter.starts_at
    # The last moves first when all move on, so that none takes the place of one that has not moved yet.
    for one in sorted(moved, key=lambda e: e.starts_at, reverse=later):
        is_this = one.pk == encounter.pk
        day = one.starts_at.astimezone(zone).date() + days
        correct_encounter(
            encounter=one,
            starts_at=starts_at if is_this else on_clock(day, start.time(), zone),
            minutes=minutes,
            away=away if is_this else _away(one),
            at=at,
            actor=actor,
        )
    return moved


@one_transaction
def cancel_sessions(
    *, encounter: Encounter, reach: Reach, because: NotHeld, at: datetime, actor: Actor
) -> list[Encounter]:
    """Say that sessions do not take place: nobody is asked about them any more, and the numbers follow.

    Raises ValidationError where somebody has answered about how it was.
    """
    cancelled = _locked(encounter, reach, at)
    ids = [one.pk for one in cancelled]
    if Response.objects.filter(occasion__encounter__in=ids, occasion__phase=Phase.POST).exists():
        raise ValidationError("This session has been answered about, so it took place.")
    for one in cancelled:
        cancel_encounter(encounter=one, because=because, at=at, actor=actor)
    list(locked(Occasion.objects.filter(case_id=encounter.case_id)).only("pk"))
    call_off(Occasion.objects.filter(encounter__in=ids))
    _follow(encounter, at)
    return cancelled


@one_transaction
def restore_session(*, encounter: Encounter, at: datetime, actor: Actor) -> Encounter:
    """A cancelled session takes place after all, or did: everybody is asked by the links they had."""
    encounter = restore_encounter(encounter=encounter, at=at, actor=actor)
    list(locked(Occasion.objects.filter(case_id=encounter.case_id)).only("pk"))
    ask_after_all(encounter, at)
    _follow(encounter, at)
    return encounter


def _follow(encounter: Encounter, at: datetime) -> None:
    """One session's window ends where the next begins, and its number counts those before."""
    set_windows(encounter, at)
    follow_home_calendar(encounter.case_id, at=at)
    queue_jobs(newest_of_each_series(encounter.case_id), at=at)


def _locked(encounter: Encounter, reach: Reach, at: datetime) -> list[Encounter]:
    """The sessions that are meant, as they are now: the case first, then all of them at once."""
    locked(Case.objects.filter(pk=encounter.case_id)).get()
    ids = [one.pk for one in reached(encounter, reach, at=at)]
    rows = list(locked(Encounter.objects.filter(pk__in=ids).select_related("clinic", "case")))
    return sorted(rows, key=lambda one: one.starts_at)


def _away(encounter: Encounter) -> list[Member]:
    rows = encounter.attendance.filter(presence=Presence.AWAY).select_related("member")
    return [row.member for row in rows]
