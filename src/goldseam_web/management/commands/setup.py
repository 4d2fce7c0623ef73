"""Make the first clinic and its first member of staff."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import clinic_exists
from goldseam_web.accounts.services import add_staff, open_clinic
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.management.asking import PASSWORD_VARIABLE, add_person, answer, password_of
from goldseam_web.management.key_keeping import key_sheet
from goldseam_web.measures.services import install_measures


class Command(BaseCommand):
    help = (
        "Make a clinic and its first member of staff. Asks for what no option gives. The password is read without "
        f"echo, from a pipe, or from {PASSWORD_VARIABLE}; it is never an option, because others can see those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="name of the clinic")
        parser.add_argument("--time-zone", help="such as Europe/Berlin; UTC when left empty")
        add_person(parser, usual_roles="administrator, therapist")

    def handle(self, **options: Any) -> None:
        try:
            staff = self._make(options)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            f"{staff.clinic.name} is open. Sign in as {staff.user.email}; "
            "the first sign-in asks for an authenticator app."
        )
        # Where no terminal is, the output may be kept by others.
        sheet = key_sheet() if sys.stdout.isatty() else "Run goldseam-web key-sheet, and keep what it prints."
        self.stdout.write(f"\n{sheet}")

    def _make(self, options: dict[str, Any]) -> Staff:
        clinic_name = answer(options["clinic"], "Clinic: ")
        if clinic_exists(clinic_name):
            raise CommandError(f"A clinic called {clinic_name!r} exists already.")
        zone = answer(options["time_zone"], "Time zone [UTC]: ", default="UTC")
        name = answer(options["name"], "Full name of the first member of staff: ")
        first = name.split()[0]
        display_name = answer(options["called"], f"Called by clients [{first}]: ", default=first)
        email = answer(options["email"], "E-mail to sign in with: ")
        validate_email(email)
        password = password_of(email)
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
