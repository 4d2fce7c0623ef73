"""Which country a time zone lies in, by the table that comes with the zones."""

from functools import cache
from importlib.resources import files


def country_of_zone(time_zone: str) -> str:
    """The two letters of the country a zone lies in; "" for a zone of no country, such as UTC."""
    return _countries().get(time_zone, "")


@cache
def _countries() -> dict[str, str]:
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _place, zone, *_ in rows}
