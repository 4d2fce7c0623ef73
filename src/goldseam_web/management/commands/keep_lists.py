"""Make the lists that are kept of cases anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goldseam_web.alerts.services.keeping import keep_caseloads, mark_all


class Command(BaseCommand):
    help = (
        "Work out anew how every case stands to whoever treats it, and keep it for their lists. The worker does so by "
        "itself whenever a case changes; pages work out what is not kept."
    )

    def handle(self, **_options: Any) -> None:
        mark_all()
        count = keep_caseloads(at=timezone.now())
        self.stdout.write(f"The lists of {count} cases are kept anew.")
