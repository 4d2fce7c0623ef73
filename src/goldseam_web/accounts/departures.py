"""Somebody leaves for good on a day: what is known of it beforehand, and how it is taken back."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q

from goldseam_web.accounts.models import Leave, Staff, StaffRole
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction


def departure_of(staff: Staff) -> Leave | None:
    """The day on which somebody leaves or left, with who takes over; None where nothing is noted."""
    return Leave.objects.filter(staff=staff, departs=True, back_at=None).select_related("cover").first()


def last_day_of(staff: Staff) -> date | None:
    """The last day on which somebody works here; None where none is known."""
    departure = departure_of(staff)
    return departure.starts_on - timedelta(days=1) if departure else None


def end_roles(staff: Staff, day: date) -> None:
    """Let what somebody does here end before a day, so that from then on nobody counts them, and they open nothing."""
    StaffRole.objects.filter(staff=staff, starts_on__gte=day).delete()
    running = StaffRole.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), staff=staff)
    running.update(ends_on=day - timedelta(days=1))


@one_transaction
def take_departure_back(*, departure: Leave, at: datetime, actor: Actor) -> None:
    """Somebody stays after all, with everything they did here. Before the day alone: then it has been carried out."""
    departure = locked(Leave.objects.select_related("clinic", "staff")).get(pk=departure.pk)
    if departure.back_at is not None:
        return
    if departure.handed_on_at is not None or departure.starts_on <= local_day(departure.clinic, at):
        raise ValidationError(
            f"{departure.staff.full_name} has left. Let them sign in again and say what they do here."
        )
    departure.back_at = at
    departure.save(update_fields=["back_at"])
    last = departure.starts_on - timedelta(days=1)
    StaffRole.objects.filter(staff=departure.staff, ends_on=last).update(ends_on=None)
    details = {"staff": str(departure.staff_id)}
    record_change(
        departure, at=at, actor=actor, action="departure.taken_back", object_kind="leave", details=details
    )
