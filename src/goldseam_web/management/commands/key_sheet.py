"""Print the keys, to be kept apart from the database, or say that they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from goldseam_web.management.key_sheet import fingerprint, key_sheet, say_kept


class Command(BaseCommand):
    help = "Print the keys that a restore needs; --kept says that the sheet is in a safe place, which check asks for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kept", action="store_true", help="say that the sheet is kept")

    def handle(self, *, kept: bool, **_options: Any) -> None:
        if kept:
            say_kept()
            self.stdout.write(f"Noted: the sheet with the fingerprint {fingerprint()} is kept.")
        else:
            self.stdout.write(key_sheet())
