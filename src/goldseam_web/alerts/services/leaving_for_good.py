"""Somebody leaves for good: noted with a day, and carried out on it.

From that day on their roles have ended, so that no page counts them as a reader, whether or not a worker runs. The
worker, on that day, ends their sessions, gives their cases to whoever takes over, and tells of everything open.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.colleagues import keep_an_administrator
from goldseam_web.accounts.departures import departure_of, end_roles
from goldseam_web.accounts.leaves import LONGEST_AHEAD
from goldseam_web.accounts.models import Clinic, FormsMeanwhile, Leave, Role, Staff
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.accounts.services import record_change
from goldseam_web.accounts.sessions import end_sessions
from goldseam_web.alerts.services.absences import open_findings
from goldseam_web.alerts.services.alert_messages import queue_messages
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, CaseTherapist, RecordState
from goldseam_web.cases.services.treating import end_covers_by
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.services.handovers import check_second_person, hand_over_all, open_cases_of


@one_transaction
def note_departure(*, staff: Staff, day: date, taker: Staff | None, at: datetime, actor: Actor) -> Leave:
    """Note that somebody works here no more from a day on, and who takes over their cases then; today, it is done.

    Refused where it would leave the clinic without anybody who runs it, or open cases without anybody who takes them.
    """
    staff = locked(Staff.objects.select_related("clinic", "user")).get(pk=staff.pk)
    today = local_day(staff.clinic, at)
    _check_day(staff, day, today)
    keep_an_administrator(staff, at)
    _check_taker(staff, taker, at, actor)
    # With nobody who takes over, what nobody has begun does what the clinic chose for whoever is away.
    forms = FormsMeanwhile.READER if taker else staff.clinic.forms_when_away
    departure = Leave.objects.create(
        clinic=staff.clinic,
        staff=staff,
        cover=taker,
        forms=forms,
        starts_on=day,
        noted_at=at,
        departs=True,
    )
    end_roles(staff, day)
    details = {"staff": str(staff.pk), "to": str(taker.pk) if taker else None, "day": day.isoformat()}
    record_change(
        departure, at=at, actor=actor, action="departure.note", object_kind="leave", details=details
    )
    if day <= today:
        carry_out(departure=departure, at=at, actor=actor)
    return departure


@one_transaction
def carry_out(*, departure: Leave, at: datetime, actor: Actor) -> None:
    """End their sessions, give their cases away, and tell whoever has to hear now of what is open; once."""
    departure = locked(Leave.objects.select_related("clinic", "staff__user", "cover")).get(pk=departure.pk)
    if departure.handed_on_at is not None or departure.back_at is not None:
        return
    staff, today = departure.staff, local_day(departure.clinic, at)
    links = CaseTherapist.objects.filter(on_day(today), therapist=staff)
    watched = Case.objects.filter(watched_on(today), pk__in=links.values("case"))
    cases = list(locked(watched.exclude(state=RecordState.ERASED)))
    taker = departure.cover
    if taker is not None and staff_as(Role.THERAPIST, today).filter(pk=taker.pk).exists():
        # Who takes over was checked as it was noted.
        hand_over_all(giver=staff, taker=taker, at=at, actor=SYSTEM, giver_is_gone=True)
    end_covers_by(staff=staff, at=at)
    end_roles(staff, departure.starts_on)
    Staff.objects.filter(pk=staff.pk).update(active=False)
    end_sessions(staff.user_id)
    departure.handed_on_at = at
    departure.save(update_fields=["handed_on_at"])
    for signal in open_findings(cases):
        queue_messages(signal=signal, at=at)
    record_change(staff, at=at, actor=actor, action="staff.depart", object_kind="staff")


def keep_departed(*, at: datetime) -> int:
    """Carry out the departures whose day has come; say how many."""
    done = 0
    for clinic in Clinic.objects.all():
        due = Leave.objects.filter(
            clinic=clinic,
            departs=True,
            back_at=None,
            handed_on_at=None,
            starts_on__lte=local_day(clinic, at),
        )
        for departure in due:
            carry_out(departure=departure, at=at, actor=SYSTEM)
            done += 1
    return done


def _check_day(staff: Staff, day: date, today: date) -> None:
    known = departure_of(staff)
    if known is not None:
        raise ValidationError(f"{staff.full_name} leaves on {known.starts_on} already; take that back first.")
    if not staff.active:
        raise ValidationError(f"{staff.full_name} does not work here today.")
    if day < today:
        raise ValidationError(f"{day} has passed; today is the first day that can be given.")
    if day - today > LONGEST_AHEAD:
        raise ValidationError(f"{day} given; two years ahead at most.")


def _check_taker(staff: Staff, taker: Staff | None, at: datetime, actor: Actor) -> None:
    if taker is None:
        if open_cases_of(staff, at).exists():
            raise ValidationError(
                f"{staff.full_name} treats open cases; choose who takes them over, or hand them over first."
            )
        return
    today = local_day(staff.clinic, at)
    treats = staff_as(Role.THERAPIST, today).filter(clinic=staff.clinic).exclude(pk=staff.pk)
    if not treats.filter(pk=taker.pk).exists():
        raise ValidationError(
            f"{taker.full_name} does not work here as a therapist beside {staff.full_name}."
        )
    leaves_too = departure_of(taker)
    if leaves_too is not None:
        raise ValidationError(
            f"{taker.full_name} leaves on {leaves_too.starts_on}; choose somebody who stays."
        )
    if actor.id == taker.pk:
        check_second_person(taker, at)
