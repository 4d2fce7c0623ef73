"""When the clinic is open, by weekday: whoever hears of a finding after its therapist is told in these times."""

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.opening_tables import ClosedDay, OpeningTime
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEWEST_HOURS, MOST_HOURS = 1, 168


def opening_times(clinic: Clinic) -> dict[int, tuple[time, time]]:
    """From when to when by weekday, Monday 0; empty where none are noted, and the clinic counts as always open."""
    rows = OpeningTime.objects.filter(clinic=clinic).order_by("weekday")
    return {row.weekday: (row.opens, row.closes) for row in rows}


def is_open(clinic: Clinic, at: datetime) -> bool:
    """Whether the clinic is open then, by its own clock and closed days; always where no times are noted."""
    times = opening_times(clinic)
    if not times:
        return True
    local = at.astimezone(ZoneInfo(clinic.time_zone))
    today = times.get(local.weekday())
    if today is None or ClosedDay.objects.filter(clinic=clinic, day=local.date()).exists():
        return False
    return today[0] <= local.time() < today[1]


@one_transaction
def set_opening_times(
    *, clinic: Clinic, times: Mapping[int, tuple[time, time]], hours: int, at: datetime, actor: Actor
) -> None:
    """Keep when the clinic is open and after how many hours the next one hears of what nobody opened."""
    if not FEWEST_HOURS <= hours <= MOST_HOURS:
        raise ValidationError(f"{hours} hours given; {FEWEST_HOURS} to {MOST_HOURS} are possible.")
    for weekday, (opens, closes) in times.items():
        if not opens < closes:
            raise ValidationError(
                f"{WEEKDAYS[weekday]} from {opens:%H:%M} to {closes:%H:%M} given; it opens before it closes."
            )
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    Clinic.objects.filter(pk=clinic.pk).update(escalate_after_hours=hours)
    OpeningTime.objects.filter(clinic=clinic).delete()
    OpeningTime.objects.bulk_create(
        OpeningTime(clinic=clinic, weekday=weekday, opens=opens, closes=closes)
        for weekday, (opens, closes) in times.items()
    )
    details = {"weekdays": sorted(times), "hours": hours}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.opening_times", details=details)
