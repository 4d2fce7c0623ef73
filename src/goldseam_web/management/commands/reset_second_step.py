"""Take away the second step of somebody who lost it, where the clinic has no second person to say yes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from goldseam_web.accounts.models import User
from goldseam_web.accounts.second_step_resets import reset_by_operator


class Command(BaseCommand):
    help = (
        "Take away app, passkeys and recovery codes of a member of staff, who sets them up anew at the next "
        "sign-in. It is put on record and told by mail. In a clinic of several, two people do it under Clinic, Staff."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="address they sign in with")

    def handle(self, *, email: str, **_options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {email}.")
        reset_by_operator(user=user, at=timezone.now())
        self.stdout.write(f"{user.email} signs in with the password and sets up a second step anew.")
