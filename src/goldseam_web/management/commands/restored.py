"""Say that a back-up was put in place of the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goldseam_web.audit.services import record_restore
from goldseam_web.lib.ciphers import UnknownKeyError
from goldseam_web.management.key_rotation import check_keys_open


class Command(BaseCommand):
    help = (
        "Put on record that a back-up was put in place, so that what it lacks is not taken for deleted. Run it once, "
        "before the servers are started again."
    )

    def handle(self, **_options: Any) -> None:
        try:
            check_keys_open()
        except UnknownKeyError as error:
            raise CommandError(str(error)) from error
        held = record_restore(at=timezone.now())
        self.stdout.write(
            f"On record: the database was restored and holds {held} sealed entries of the audit. "
            "What was known beyond them is given up."
        )
