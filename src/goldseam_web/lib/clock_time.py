"""Times as every door says them."""

from datetime import datetime
from zoneinfo import ZoneInfo


def time_of_day(moment: datetime, *, zone: ZoneInfo) -> str:
    """ "15:20"."""
    return f"{moment.astimezone(zone):%H:%M}"
