"""The clinic itself, its staff and their sign-ins."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from goldseam_web.accounts.client_contact import set_client_contact
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.leaves import name_cover
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.services import add_staff, add_supervision, open_clinic
from goldseam_web.audit.services import SYSTEM
from goldseam_web.concerns.services import name_persons
from goldseam_web.demo.seed.people import ADMINISTRATOR, CONTACT, COVERS, LINES, STAFF, SUPERVISOR
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
    staff: dict[str, Staff] = {}
    sign_ins: list[StaffSignIn] = []
    for full_name, roles in STAFF.items():
        password = "-".join(secrets.choice(WORDS) for _ in range(4))
        staff[full_name] = _hire(clinic, full_name, roles, password, at)
        who = f"{full_name}, {' and '.join(roles)}"
        sign_ins.append(StaffSignIn(who, staff[full_name].user.email, password))
    name_persons(clinic=clinic, staff=[staff[ADMINISTRATOR]], at=at, actor=SYSTEM)
    for therapist, cover in COVERS.items():
        add_supervision(supervisor=staff[SUPERVISOR], therapist=staff[therapist], starts_on=today, at=at)
        name_cover(staff=staff[therapist], cover=staff[cover], at=at, actor=SYSTEM)
    return ClinicStaff(clinic, staff, tuple(sign_ins))


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
