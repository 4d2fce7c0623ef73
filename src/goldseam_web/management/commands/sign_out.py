"""End the sessions of a member of staff, or of everybody."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from goldseam_web.accounts.models import User
from goldseam_web.accounts.sessions import end_sessions
from goldseam_web.accounts.sign_in import record_sign_out_by_operator


class Command(BaseCommand):
    help = "Sign a member of staff out on every device, or everybody; what they had typed is kept by their pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", help="address they sign in with")
        parser.add_argument("--everybody", action="store_true", help="end every session of staff")

    def handle(self, *, email: str | None, everybody: bool, **_options: Any) -> None:
        if (email is None) is not everybody:
            raise CommandError("Give the address of one member of staff, or --everybody.")
        user = User.objects.filter(email__iexact=email).first() if email else None
        if email and user is None:
            raise CommandError(f"Nobody signs in with {email}.")
        ended = end_sessions(user.pk if user else None)
        record_sign_out_by_operator(user=user, ended=ended, at=timezone.now())
        self.stdout.write(f"{ended} sessions ended.")
