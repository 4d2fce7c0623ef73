"""What a command asks for when no option gave it."""

import getpass
import os
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandError, CommandParser

from goldseam_web.accounts.models import Clinic, Role, User
from goldseam_web.accounts.queries import clinics_called

PASSWORD_VARIABLE = "GOLDSEAM_SETUP_PASSWORD"  # noqa: S105  the name of a variable


def add_person(parser: CommandParser, *, usual_roles: str) -> None:
    """The options that say who somebody is; what none gives is asked for."""
    parser.add_argument("--name", help="full name of the member of staff")
    parser.add_argument("--called", help="how clients call them; the first name when left empty")
    parser.add_argument("--email", help="address to sign in with")
    parser.add_argument(
        "--role",
        action="append",
        choices=Role.values,
        help=f"may be repeated (default: {usual_roles})",
    )


def clinic_meant(name: str | None) -> Clinic:
    """The clinic of that name, or the only one; CommandError where that is none, or several."""
    found = list(clinics_called(name))
    if not found:
        raise CommandError(
            f"No clinic is called {name!r}." if name else "There is no clinic; goldseam-web start makes one."
        )
    if len(found) > 1:
        raise CommandError(f"There are {len(found)} clinics; name one with --clinic.")
    return found[0]


def answer(given: str | None, question: str, *, default: str = "") -> str:
    """Take the option, else ask; without a terminal only what has a default may be missing."""
    if given is None and sys.stdin.isatty():
        given = input(question)
    said = (given or "").strip() or default
    if not said:
        raise CommandError(
            f"{question.split(':', maxsplit=1)[0].strip()} is missing; give it as an option (see --help)."
        )
    return said


def password_of(email: str) -> str:
    password = os.environ.get(PASSWORD_VARIABLE) or _asked_password()
    validate_password(password, User(email=email))
    return password


def _asked_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (a sentence of 15 characters or more): ")
    if getpass.getpass("The same again: ") != password:
        raise CommandError("The two passwords differ; nothing was made.")
    return password
