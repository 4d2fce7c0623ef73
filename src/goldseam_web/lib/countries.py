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


def zones_of_country(country: str) -> list[str]:
    """The time zones that lie in a country, the one most people live in first."""
    return [zone for zone, lies_in in _countries().items() if lies_in == country]


@cache
def country_names() -> dict[str, str]:
    """The name of every country by its two letters, in the order of the names."""
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {code: name for code, name, *_ in sorted(rows, key=lambda row: row[1])}
