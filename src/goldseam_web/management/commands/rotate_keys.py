"""Bring everything that is encrypted under the first key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goldseam_web.lib.ciphers import UnknownKeyError
from goldseam_web.management.key_rotation import rotate_keys


class Command(BaseCommand):
    help = (
        "Encrypt anew, under the first of GOLDSEAM_ENCRYPTION_KEYS, whatever was encrypted under another. It may be "
        "interrupted and run again, also while the servers run; afterwards the old keys can go."
    )

    def handle(self, **_options: Any) -> None:
        try:
            changed = rotate_keys()
        except UnknownKeyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{changed} values are now under the first key; everything is.")
