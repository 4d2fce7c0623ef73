"""Times and counts in words, in the clinic's zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from goldseam_web.lib.clock_time import time_of_day

_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
SECONDS_PER_QUESTION = 10


def day_name(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """ "today", "tomorrow", "Thursday" within six days, else "22 November"."""
    local = moment.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if days in _NEAR:
        return _NEAR[days]
    return date_format(local, "l" if abs(days) < 7 else "j F")


def on_which_day(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """The same inside a sentence: "today", "on Thursday", "on 22 November"."""
    name = day_name(moment, now=now, zone=zone)
    return name if name in _NEAR.values() else f"on {name}"


def written_day(day: date) -> str:
    """ "22 November 2026"."""
    return date_format(day, "j F Y")


def time_and_zone(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """ "15:20", and "15:20 CST" where clocks change between now and then, or show that time twice."""
    local = moment.astimezone(zone)
    changed = local.utcoffset() != now.astimezone(zone).utcoffset()
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    time = time_of_day(moment, zone=zone)
    return f"{time} {zone_letters(local)}" if changed or twice else time


def zone_letters(local: datetime) -> str:
    """ "CST", or "UTC+05" where a zone has no letters."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in ("+", "-") else name


def count_of_questions(count: int) -> str:
    """ "Nine questions", "12 questions"."""
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} question" if count == 1 else f"{number} questions"


def about_how_long(count: int) -> str:
    """A rough time at an unhurried pace: "about a minute", "about two minutes"."""
    minutes = max(1, round(timedelta(seconds=count * SECONDS_PER_QUESTION) / timedelta(minutes=1)))
    return "about a minute" if minutes == 1 else f"about {_WORDS[minutes].lower()} minutes"
