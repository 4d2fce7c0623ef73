"""Add a member of staff, and say who supervises whom."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from goldseam_web.accounts.colleagues import check_training_is_supervised
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.queries import local_day, staff_with_address
from goldseam_web.accounts.services import add_staff, add_supervision, name_lead
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.management.asking import PASSWORD_VARIABLE, add_person, answer, clinic_meant, password_of


class Command(BaseCommand):
    help = (
        "Add a member of staff; with an address that works there already, only say who supervises them or that they "
        f"lead the clinic. The password is read without echo, from a pipe, or from {PASSWORD_VARIABLE}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="name of the clinic; not needed where there is one")
        add_person(parser, usual_roles=Role.THERAPIST)
        parser.add_argument("--supervised-by", metavar="EMAIL", help="address of their supervisor")
        parser.add_argument(
            "--lead", action="store_true", help="they supervise whoever has no supervisor (needs that role)"
        )

    def handle(self, **options: Any) -> None:
        try:
            staff = _staff(clinic_meant(options["clinic"]), options)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            f"{staff.full_name} works at {staff.clinic.name} and signs in as {staff.user.email}."
        )


def _staff(clinic: Clinic, options: dict[str, Any]) -> Staff:
    """All of it or nothing; what is typed is asked for before."""
    email = answer(options["email"], "E-mail to sign in with: ")
    validate_email(email)
    if staff_with_address(clinic, email) is None:
        new = _new_staff(email, options)
    elif ignored := [name for name in ("name", "called", "role") if options[name]]:
        raise CommandError(f"{email} works there already; --{ignored[0]} is for somebody new.")
    else:
        new = None
    supervisor = _known(clinic, options["supervised_by"]) if options["supervised_by"] else None
    return _store(clinic, email, new, supervisor, lead=options["lead"])


def _new_staff(email: str, options: dict[str, Any]) -> dict[str, Any]:
    name = answer(options["name"], "Full name: ")
    first = name.split()[0]
    return {
        "email": email,
        "full_name": name,
        "display_name": answer(options["called"], f"Called by clients [{first}]: ", default=first),
        "password": password_of(email),
        "roles": [Role(role) for role in options["role"] or (Role.THERAPIST,)],
    }


@one_transaction
def _store(
    clinic: Clinic, email: str, new: dict[str, Any] | None, supervisor: Staff | None, *, lead: bool
) -> Staff:
    at = timezone.now()
    if new:
        check_training_is_supervised(new["roles"], [supervisor] if supervisor else [])
    staff = add_staff(clinic=clinic, at=at, **new) if new else _known(clinic, email)
    if supervisor is not None:
        add_supervision(supervisor=supervisor, therapist=staff, starts_on=local_day(clinic, at), at=at)
    if lead:
        name_lead(lead=staff, at=at)
    return staff


def _known(clinic: Clinic, email: str) -> Staff:
    staff = staff_with_address(clinic, email)
    if staff is None:
        raise ValidationError(f"Nobody who works at {clinic.name} signs in as {email}.")
    return staff
