"""The page of numbers for urgent help."""

from collections.abc import Iterable
from dataclasses import dataclass

from goldseam_web.accounts.models import CrisisLine


@dataclass(frozen=True)
class HelpLine:
    name: str
    number: str
    dialled: str
    hours: str


@dataclass(frozen=True)
class HelpPage:
    lines: tuple[HelpLine, ...]
    back_url: str


def help_page(lines: Iterable[CrisisLine], back_url: str) -> HelpPage:
    return HelpPage(
        tuple(HelpLine(line.name, line.number, dialled(line.number), line.hours) for line in lines), back_url
    )


def dialled(number: str) -> str:
    return "".join(character for character in number if character in "+0123456789")
