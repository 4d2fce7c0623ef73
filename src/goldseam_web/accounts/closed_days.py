"""Days on which a clinic is closed: a series of appointments leaves them out."""

from datetime import date, datetime, timedelta

import numpy as np
from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.opening_tables import ClosedDay
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import one_transaction


def closed_days(clinic: Clinic, *, since: date) -> dict[date, str]:
    """The days from ``since`` on with what each is called, in order."""
    rows = ClosedDay.objects.filter(clinic=clinic, day__gte=since).order_by("day")
    return {row.day: row.name for row in rows}


def first_working_day(clinic: Clinic, *, after: date) -> date:
    """The first Monday to Friday after a day on which the clinic is not closed."""
    tomorrow = after + timedelta(days=1)
    closed = [np.datetime64(day) for day in closed_days(clinic, since=tomorrow)]
    found = np.busday_offset(np.datetime64(tomorrow), 0, roll="forward", holidays=closed)
    return date.fromisoformat(str(found))


@one_transaction
def close_days(
    *, clinic: Clinic, first: date, last: date, name: str, at: datetime, actor: Actor
) -> list[ClosedDay]:
    """Close the clinic from the first day to the last; a day that is closed already takes the new name.

    What is planned on such a day stays planned until somebody cancels or moves it.
    """
    if not first <= last:
        raise ValidationError(f"From {first} to {last} given; the first day comes first.")
    if (last - first).days >= 366:
        raise ValidationError(f"From {first} to {last} given; a year at most.")
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    ClosedDay.objects.filter(clinic=clinic, day__in=days).delete()
    closed = ClosedDay.objects.bulk_create(ClosedDay(clinic=clinic, day=day, name=name) for day in days)
    details = {"first": first.isoformat(), "last": last.isoformat()}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.close_days", details=details)
    return closed


@one_transaction
def open_day(*, clinic: Clinic, day: date, at: datetime, actor: Actor) -> None:
    """Take a closed day back."""
    ClosedDay.objects.filter(clinic=clinic, day=day).delete()
    details = {"day": day.isoformat()}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.open_day", details=details)
