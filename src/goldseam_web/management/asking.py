"""What a command asks for when no option gave it."""

import getpass
import os
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandError, CommandParser

from goldseam_web.accounts.models import Role, User

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
