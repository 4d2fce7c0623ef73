"""Make the first clinic and its first member of staff."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from goldseam_web.accounts.models import Role, Staff, User
from goldseam_web.accounts.queries import clinic_exists
from goldseam_web.accounts.services import add_staff, open_clinic
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.services import install_measures

PASSWORD_VARIABLE = "GOLDSEAM_SETUP_PASSWORD"  # noqa: S105  the name of a variable


class Command(BaseCommand):
    help = (
        "Make a clinic and its first member of staff. Asks for what no option gives. The password is read without "
        f"echo, from a pipe, or from {PASSWORD_VARIABLE}; it is never an option, because others can see those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="name of the clinic")
        parser.add_argument("--time-zone", help="such as Europe/Berlin; UTC when left empty")
        parser.add_argument("--name", help="full name of the member of staff")
        parser.add_argument("--called", help="how clients call them; the first name when left empty")
        parser.add_argument("--email", help="address to sign in with")
        parser.add_argument(
            "--role",
            action="append",
            choices=Role.values,
            help="may be repeated (default: administrator, therapist)",
        )

    def handle(self, **options: Any) -> None:
        try:
            staff = self._make(options)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            f"{staff.clinic.name} is open. Sign in as {staff.user.email}; "
            "the first sign-in asks for an authenticator app."
        )

    def _make(self, options: dict[str, Any]) -> Staff:
        clinic_name = _answer(options["clinic"], "Clinic: ")
        if clinic_exists(clinic_name):
            raise CommandError(f"A clinic called {clinic_name!r} exists already.")
        zone = _answer(options["time_zone"], "Time zone [UTC]: ", default="UTC")
        name = _answer(options["name"], "Full name of the first member of staff: ")
        first = name.split()[0]
        display_name = _answer(options["called"], f"Called by clients [{first}]: ", default=first)
        email = _answer(options["email"], "E-mail to sign in with: ")
        validate_email(email)
        password = _password(email)
        roles = [Role(role) for role in options["role"] or (Role.ADMINISTRATOR, Role.THERAPIST)]
        first_of_staff = {
            "email": email,
            "password": password,
            "full_name": name,
            "display_name": display_name,
        }
        return _open(clinic_name, zone, {**first_of_staff, "roles": roles})


@one_transaction
def _open(clinic_name: str, zone: str, first_of_staff: dict[str, Any]) -> Staff:
    """The clinic with our own measures in use, and somebody who works there: all or nothing."""
    at = timezone.now()
    clinic = open_clinic(name=clinic_name, time_zone=zone, at=at)
    install_measures(clinic=clinic, at=at)
    return add_staff(clinic=clinic, at=at, **first_of_staff)


def _answer(given: str | None, question: str, *, default: str = "") -> str:
    """Take the option, else ask; without a terminal only what has a default may be missing."""
    if given is None and sys.stdin.isatty():
        given = input(question)
    answer = (given or "").strip() or default
    if not answer:
        raise CommandError(
            f"{question.split(':', maxsplit=1)[0].strip()} is missing; give it as an option (see --help)."
        )
    return answer


def _password(email: str) -> str:
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
