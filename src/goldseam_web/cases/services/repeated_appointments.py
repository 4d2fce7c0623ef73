"""Appointments booked in one go: the same weekday and time of the clinic's clock, every week or every few."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Staff
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.cases.services.appointments import plan_encounter
from goldseam_web.lib.transactions import one_transaction

MOST_WEEKS_BETWEEN = 8
MOST_TIMES = 60
MOST_CLOSED_IN_A_ROW = 52


class Reach(StrEnum):
    """Which appointments of a series a change is meant for."""

    ONE = "one"
    FOLLOWING = "following"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Repeat:
    """How often appointments come back: every so many weeks, so many times, never on a day in ``closed``.

    A closed day does not count as one of the times: the series ends that much later.
    """

    every_weeks: int
    times: int
    closed: Collection[date] = ()

    def days(self, first: date) -> list[date]:
        """The days of the series, from ``first`` on."""
        if not 1 <= self.every_weeks <= MOST_WEEKS_BETWEEN:
            raise ValidationError(
                f"Every {self.every_weeks} weeks given; a series comes back every 1 to {MOST_WEEKS_BETWEEN} weeks."
            )
        if not 1 <= self.times <= MOST_TIMES:
            raise ValidationError(f"{self.times} times given; a series has 1 to {MOST_TIMES} sessions.")
        open_days = (day for day in self._weeks(first) if day not in self.closed)
        return list(islice(open_days, self.times))

    def left_out(self, first: date) -> list[date]:
        """The closed days on which the series would have come, up to its last day."""
        last = self.days(first)[-1]
        return [day for day in self._weeks(first) if day < last and day in self.closed]

    def _weeks(self, first: date) -> Iterator[date]:
        most = self.times + MOST_CLOSED_IN_A_ROW
        return (first + timedelta(weeks=self.every_weeks * k) for k in islice(count(), most))


@one_transaction
def plan_series(
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
    series: uuid.UUID,
) -> list[Encounter]:
    """Book all appointments of a series, or none and say of each day why not. Booked again, they are as they stand.

    The clock of the clinic shows the same time each day, also when it was put forward or back in between.
    """
    zone = ZoneInfo(case.clinic.time_zone)
    first = starts_at.astimezone(zone)
    booked, refused = [], []
    for day in repeat.days(first.date()):
        try:
            encounter = plan_encounter(
                case=case,
                therapist=therapist,
                starts_at=on_clock(day, first.time(), zone),
                minutes=minutes,
                at=at,
                actor=actor,
                away=away,
                beside=beside,
                encounter_id=uuid.uuid5(series, day.isoformat()),
                series=series,
            )
        except ValidationError as error:
            refused += [f"{day.day} {day:%B} {day.year}: {message}" for message in error.messages]
        else:
            booked.append(encounter)
    if refused:
        raise ValidationError(refused)
    return booked


def on_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the clinic's clock shows this time; refused for the hour that is left out in spring."""
    moment = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).time() != clock:
        raise ValidationError(
            f"The clocks are put forward over {clock:%H:%M} that night; choose another time."
        )
    return moment


def others_reached(encounter: Encounter, *, at: datetime) -> bool:
    """Whether a change of this appointment may be meant for others of its series."""
    return any(len(reached(encounter, reach, at=at)) > 1 for reach in (Reach.FOLLOWING, Reach.AHEAD))


def reached(encounter: Encounter, reach: Reach, *, at: datetime) -> list[Encounter]:
    """The appointments a change is meant for, by their start: this one first named, and others still planned."""
    if reach == Reach.ONE or encounter.series is None:
        return [encounter]
    since = encounter.starts_at if reach == Reach.FOLLOWING else at
    others = Encounter.objects.filter(
        case_id=encounter.case_id,
        series=encounter.series,
        state=EncounterState.PLANNED,
        starts_at__gt=since,
    ).exclude(pk=encounter.pk)
    return sorted([encounter, *others.select_related("clinic")], key=lambda one: one.starts_at)
