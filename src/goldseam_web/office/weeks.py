"""How the clinic uses what clients answer: figures of the whole clinic, never of a person, and who stands in today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from goldseam_web.accounts.leaves import who_is_away_today
from goldseam_web.accounts.models import Leave, Role, Staff
from goldseam_web.alerts.feedback_use import (
    FEWEST_CASES,
    FeedbackUse,
    other_therapists_asked_about,
    times_to_first_look,
    use_by_week,
)
from goldseam_web.concerns.queries import CONCERN
from goldseam_web.measures.outreach_links import kept_reasons
from goldseam_web.measures.outreach_tables import OutreachReason
from goldseam_web.office.views import OfficeVisit, office_page
from goldseam_web.outbox.queries import MessageCounts, messages_of_clinic

WEEKS_SHOWN = 8
WEEKS_OF_LATENCY = 4
# Quartiles of fewer values say where single ones lie.
FEWEST_LOOKS = 10
MINUTES_IN_HOUR, MINUTES_IN_DAY = 60, 24 * 60


@dataclass(frozen=True)
class Week:
    """One week by its Monday; without figures where they would be about a few cases."""

    monday: str
    use: FeedbackUse | None


@dataclass(frozen=True)
class Latency:
    """From the end of a session to the first look at what was found in an answer about it: quartiles in words.

    Without a number (None) where it would be of one therapist.
    """

    looks: int | None
    first: str = ""
    median: str = ""
    third: str = ""


@dataclass(frozen=True)
class WeeksPage:
    weeks: tuple[Week, ...]
    hidden: str
    latency: Latency
    messages: MessageCounts
    away: tuple[tuple[Leave, Staff | None], ...]
    reasons: tuple[tuple[str, int], ...]
    judging: bool
    fewest_cases: int = FEWEST_CASES
    fewest_looks: int = FEWEST_LOOKS


ONE_THERAPIST = (
    "One therapist alone was asked about, you and whom you supervise aside, so that figures of the clinic would be "
    "figures of a person."
)


@require_safe
@office_page(role=Role.ADMINISTRATOR)
def weeks(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Asked, answered, looked at, talked about by week; how long until somebody looks; messages; who stands in."""
    since = _first_monday(visit)
    others = other_therapists_asked_about(visit.viewer, since=since, at=visit.at)
    hidden = ONE_THERAPIST if len(others) == 1 else ""
    page = WeeksPage(
        weeks=() if hidden else _weeks(visit, since),
        hidden=hidden,
        latency=Latency(0) if hidden or settings.GOLDSEAM_RECORD_ONLY else _latency(visit),
        messages=_messages(visit),
        away=tuple(who_is_away_today(visit.viewer)),
        reasons=_reasons(visit),
        judging=not settings.GOLDSEAM_RECORD_ONLY,
    )
    return render(request, "office/weeks.html", {"visit": visit, "page": page})


def _messages(visit: OfficeVisit) -> MessageCounts:
    """Without those about wishes to be called: whoever runs the clinic may have a part in the case."""
    since = visit.at - timedelta(weeks=1)
    return messages_of_clinic(visit.clinic, since=since, at=visit.at, but=[CONCERN])


def _reasons(visit: OfficeVisit) -> tuple[tuple[str, int], ...]:
    """Why clients without a next appointment answered as they did; of fewer than five reasons none is told."""
    counted = kept_reasons(visit.viewer)
    if counted.total() < FEWEST_CASES:
        return ()
    return tuple((reason.label, counted[reason]) for reason in OutreachReason if counted[reason])


def _first_monday(visit: OfficeVisit) -> datetime:
    """Midnight of the Monday on which the earliest week shown began, on the clinic's clock."""
    local = visit.at.astimezone(visit.viewer.time_zone)
    monday = local.date() - timedelta(days=local.weekday(), weeks=WEEKS_SHOWN - 1)
    return datetime.combine(monday, datetime.min.time(), tzinfo=visit.viewer.time_zone)


def _weeks(visit: OfficeVisit, since: datetime) -> tuple[Week, ...]:
    """The newest first; a week in which nobody was asked is a week of its own."""
    found = use_by_week(visit.viewer, since=since, at=visit.at)
    mondays = [since.date() + timedelta(weeks=number) for number in range(WEEKS_SHOWN)]
    return tuple(
        Week(date_format(day, "j M"), use if use.may_be_shown or not use.asked else None)
        for day in reversed(mondays)
        for use in [found.get(day, FeedbackUse())]
    )


def _latency(visit: OfficeVisit) -> Latency:
    since = visit.at - timedelta(weeks=WEEKS_OF_LATENCY)
    looks = times_to_first_look(visit.viewer, since=since, at=visit.at)
    if looks is None:
        return Latency(None)
    if len(looks) < FEWEST_LOOKS:
        return Latency(len(looks))
    return Latency(len(looks), *map(_how_long, _quartiles(looks)))


def _quartiles(looks: Sequence[timedelta]) -> list[float]:
    """In minutes, between the smallest and the largest (R's type 7)."""
    return quantiles([look / timedelta(minutes=1) for look in looks], n=4, method="inclusive")


def _how_long(minutes: float) -> str:
    """ "25 min", "3 h 25 min", "2 d 4 h"."""
    whole = round(minutes)
    if whole < MINUTES_IN_HOUR:
        return f"{whole} min"
    if whole < MINUTES_IN_DAY:
        return f"{whole // MINUTES_IN_HOUR} h {whole % MINUTES_IN_HOUR} min"
    return f"{whole // MINUTES_IN_DAY} d {whole % MINUTES_IN_DAY // MINUTES_IN_HOUR} h"
