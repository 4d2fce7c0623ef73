"""Prove that the record of who did and who saw what is unbroken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goldseam_web.audit.queries import verify_chain


class Command(BaseCommand):
    help = "Walk the whole audit chain and report every entry that was changed, removed or put in between."

    def handle(self, **_options: Any) -> None:
        report = verify_chain()
        if report.broken:
            places = ", ".join(str(position) for position in report.broken[:20])
            raise CommandError(
                f"The audit chain is BROKEN at {len(report.broken)} of {report.sealed} sealed entries; "
                f"positions: {places}. Keep this database as it is and compare it with a back-up."
            )
        self.stdout.write(
            f"The audit chain is unbroken: {report.sealed} entries sealed, "
            f"{report.unsealed} waiting for the worker to seal them."
        )
