"""The clinic itself, its staff and their sign-ins."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from goldseam_web.accounts.client_contact import set_client_contact
from goldseam_web.accounts.colleagues import set_duties
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.leaves import name_cover
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.opening_times import set_opening_times
from goldseam_web.accounts.services import add_staff, add_supervision, name_lead, open_clinic
from goldseam_web.accounts.violence_procedure import set_violence_procedure
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consents import text_in_force, wording_of
from goldseam_web.cases.services import set_consent_text
from goldseam_web.concerns.services import name_persons
from goldseam_web.demo.queries import colleagues
from goldseam_web.demo.seed.people import (
    ADMINISTRATOR,
    CONTACT,
    COVERS,
    ESCALATED_AFTER_HOURS,
    IN_TRAINING,
    LINES,
    OPEN_HOURS,
    PROCEDURE,
    STAFF,
    SUPERVISOR,
)
from goldseam_web.demo.tour import StaffSignIn
from goldseam_web.measures.services import install_measures

NAME = "Larkfield"
# Four of these make a password that can be read out across a table; wrong tries are counted as everywhere.
WORDS = (
    *("amber", "anchor", "apron", "autumn", "basket", "beacon", "birch", "bottle", "bramble", "butter"),
    *("candle", "canyon", "cedar", "chestnut", "clover", "copper", "cotton", "cradle", "dapple", "ember"),
    *("fallow", "feather", "fiddle", "garden", "ginger", "hazel", "heron", "island", "jasmine", "kettle"),
    *("ladder", "lantern", "linen", "maple", "meadow", "mosaic", "nutmeg", "orchard", "paddle", "pebble"),
    *("pepper", "pigeon", "plumage", "pocket", "quarry", "ribbon", "saddle", "saffron", "shingle", "spindle"),
    *("summer", "tangle", "thimble", "timber", "tunnel", "velvet", "violet", "walnut", "willow", "window"),
)


@dataclass(frozen=True)
class ClinicStaff:
    """The staff by full name, and how each signs in."""

    clinic: Clinic
    staff: dict[str, Staff]
    sign_ins: tuple[StaffSignIn, ...]


def open_larkfield(*, at: datetime) -> ClinicStaff:
    """Open the clinic as it was months ago, with everybody who works there."""
    clinic = open_clinic(name=NAME, time_zone=machine_zone(), at=at, is_demo=True)
    today = at.date()
    install_measures(clinic=clinic, at=at)
    set_crisis_lines(clinic=clinic, lines=LINES, checked_on=today, at=at)
    set_client_contact(clinic=clinic, contact=CONTACT, at=at, actor=SYSTEM)
    set_violence_procedure(clinic=clinic, text=PROCEDURE, at=at, actor=SYSTEM)
    set_consent_text(clinic=clinic, wording=wording_of(text_in_force(clinic)), at=at, actor=SYSTEM)
    staff: dict[str, Staff] = {}
    passwords: dict[str, str] = {}
    for full_name, roles in STAFF.items():
        password = "-".join(secrets.choice(WORDS) for _ in range(4))
        staff[full_name] = _hire(clinic, full_name, roles, password, at)
        passwords[full_name] = password
    name_persons(clinic=clinic, staff=[staff[ADMINISTRATOR]], at=at, actor=SYSTEM)
    for therapist, cover in COVERS.items():
        add_supervision(supervisor=staff[SUPERVISOR], therapist=staff[therapist], starts_on=today, at=at)
        name_cover(staff=staff[therapist], cover=staff[cover], at=at, actor=SYSTEM)
    set_duties(
        staff=staff[IN_TRAINING],
        roles=(Role.THERAPIST, Role.IN_TRAINING),
        supervisors=[staff[SUPERVISOR]],
        at=at,
        actor=SYSTEM,
    )
    name_lead(lead=staff[SUPERVISOR], at=at)
    set_opening_times(clinic=clinic, times=OPEN_HOURS, hours=ESCALATED_AFTER_HOURS, at=at, actor=SYSTEM)
    return ClinicStaff(clinic, staff, tuple(_sign_ins(staff, passwords, at)))


def _sign_ins(
    staff: Mapping[str, Staff], passwords: Mapping[str, str], at: datetime
) -> Iterator[StaffSignIn]:
    does = {colleague.id: colleague.does for colleague in colleagues(at=at)}
    for full_name, one in staff.items():
        yield StaffSignIn(f"{full_name}, {does[one.id]}", one.user.email, passwords[full_name])


def _hire(clinic: Clinic, full_name: str, roles: tuple[Role, ...], password: str, at: datetime) -> Staff:
    first_name = full_name.split(maxsplit=1)[0]
    return add_staff(
        clinic=clinic,
        email=f"{first_name.lower()}@{NAME.lower()}.example",
        password=password,
        full_name=full_name,
        display_name=first_name,
        roles=roles,
        at=at,
    )


def machine_zone() -> str:
    """Name the time zone of this machine, so that "today at 15:20" is what its visitor's clock says; else UTC."""
    place = Path("/etc/localtime").resolve().as_posix()
    _folder, found, name = place.partition("/zoneinfo/")
    return name if found else "UTC"
