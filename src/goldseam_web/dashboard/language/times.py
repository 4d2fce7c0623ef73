"""Days and times as people say them, in the clinic's zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def day(value: date, *, today: date) -> str:
    """ "3 Sep", with the year once it is another one."""
    short = f"{value.day} {value:%b}"
    return short if value.year == today.year else f"{short} {value.year}"


def long_day(value: date, *, today: date) -> str:
    """ "3 September", with the year once it is another one."""
    text = f"{value.day} {value:%B}"
    return text if value.year == today.year else f"{text} {value.year}"


def coming(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """ "Today 15:30", "Tomorrow 10:00", "Tue 10:00" within a week, then "Thu 26 Nov, 15:30"."""
    then, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (then.date() - today).days
    if days == 0:
        return f"Today {then:%H:%M}"
    if days == 1:
        return f"Tomorrow {then:%H:%M}"
    if 1 < days < 7:
        return f"{then:%a %H:%M}"
    return f"{then:%a} {day(then.date(), today=today)}, {then:%H:%M}"


def past(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """ "just now", "12 min ago", "3 h ago", "yesterday", "Fri" within a week, then "3 Nov"."""
    minutes = int((now - at).total_seconds() // 60)
    today, then = now.astimezone(zone).date(), at.astimezone(zone).date()
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if then == today:
        return f"{minutes // 60} h ago"
    if (today - then).days == 1:
        return "yesterday"
    return f"{then:%a}" if (today - then).days < 7 else day(then, today=today)


def moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """A point in time in a sentence: "today at 10:12", "yesterday at 18:40", "on 3 November at 09:00"."""
    return _near(at, now, zone) or f"on {_dated(at, now, zone)}"


def moment_by_itself(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """The same after a word such as "until": "today at 10:12", "3 November at 09:00"."""
    return _near(at, now, zone) or _dated(at, now, zone)


def _near(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Yesterday, today or tomorrow; empty for any other day."""
    then = at.astimezone(zone)
    days = (then.date() - now.astimezone(zone).date()).days
    word = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    return f"{word} at {then:%H:%M}" if word else ""


def _dated(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    then = at.astimezone(zone)
    return f"{long_day(then.date(), today=now.astimezone(zone).date())} at {then:%H:%M}"


def how_long(length: timedelta) -> str:
    """ "8 seconds", "3 minutes", "2 hours", "4 days", rounded down."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    if seconds == 0:
        return "less than a second"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
