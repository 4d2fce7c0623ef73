"""Cases of one name, told apart by a second line: what the clinic chose to note of people, and the day they began."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import SecondLine
from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.models import Case, Member, RestReason
from goldseam_web.cases.names import PersonNames, alike
from goldseam_web.cases.queries import MEMBERS, case_title, display_name, members_of, names_of

FIRST_YEAR, LONGEST_NUMBER = 1900, 20
LINES = {SecondLine.BIRTH_YEAR: "born {known}", SecondLine.OWN_NUMBER: "no. {known}"}


def second_lines(cases: Sequence[Case]) -> dict[uuid.UUID, str]:
    """What stands under the name of each case: what was noted of its people; and where another of these cases is
    called the same, the day on which it began. Cases with neither are left out."""
    titles = {case.pk: alike(case_title(case)) for case in cases}
    often = Counter(titles.values())
    lines = {case.pk: full_line(case) if often[titles[case.pk]] > 1 else noted_line(case) for case in cases}
    return {key: line for key, line in lines.items() if line}


def noted_line(case: Case) -> str:
    """What was noted to tell the people of a case apart from others of their names; "" if nothing was."""
    lines, members = [], members_of(case)
    for kind, text in LINES.items():
        known = [(member, noted) for member in members if (noted := _known(member, kind))]
        # Known of some of them only: of whom.
        told = [n if len(known) == len(members) else f"{n} ({display_name(m)})" for m, n in known]
        if told:
            lines.append(text.format(known=" & ".join(told)))
    return " · ".join(lines)


def full_line(case: Case) -> str:
    """What was noted, and the day on which the case began."""
    began = f"since {case.opened_on.day} {case.opened_on:%B %Y}"
    return " · ".join(filter(None, [noted_line(case), began]))


@dataclass(frozen=True)
class KnownPerson:
    """Somebody whom the viewer knows from cases of their own, and from which."""

    person_id: uuid.UUID
    told: str


def people_called(viewer: Viewer, called: str, family_name: str) -> list[KnownPerson]:
    """Whom of the viewer's own cases, ended ones too, these names may mean; none where the person has died."""
    found: dict[uuid.UUID, list[str]] = {}
    died: set[uuid.UUID] = set()
    for case in own_cases(viewer).prefetch_related(MEMBERS).order_by("opened_on"):
        for member in members_of(case):
            names = names_of(member)
            if names and _alike(names) == (alike(called), alike(family_name)):
                found.setdefault(member.person_id, []).append(f"{case_title(case)} ({full_line(case)})")
                died |= {member.person_id} if member.rests_because == RestReason.DIED else set()
    return [KnownPerson(key, " · ".join(told)) for key, told in found.items() if key not in died]


def _alike(names: PersonNames) -> tuple[str, str]:
    return alike(names.display_name), alike(names.family_name)


def _known(member: Member, kind: SecondLine) -> str:
    names = names_of(member)
    return names.told_apart_by.get(kind, "") if names else ""


def checked_line(kind: SecondLine, given: str, *, today: date) -> str:
    """What is to be kept of it. Raises ValidationError for what is no year of birth, or too long a number."""
    given = given.strip()
    is_year = given.isascii() and given.isdecimal() and FIRST_YEAR <= int(given) <= today.year
    if kind == SecondLine.BIRTH_YEAR and given and not is_year:
        raise ValidationError(
            f"{given} given as the year of birth; a year from {FIRST_YEAR} to {today.year}."
        )
    if len(given) > LONGEST_NUMBER:
        raise ValidationError(f"{len(given)} characters given; {LONGEST_NUMBER} at most.")
    return given


def with_line(told: Mapping[str, str], kind: SecondLine, line: str) -> dict[str, str]:
    """What is kept of a person, with this line of that kind; an empty one is taken out."""
    return {key: value for key, value in {**told, str(kind): line}.items() if value}
