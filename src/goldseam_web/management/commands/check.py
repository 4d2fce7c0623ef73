"""Say how the install is; with an app label or one of Django's options, be Django's own `check`."""

from typing import Any

from django.core.checks import CheckMessage, run_checks
from django.core.checks import Warning as CheckWarning
from django.core.management.base import CommandError
from django.core.management.commands.check import Command as DjangoCheck
from django.utils import timezone

from goldseam_web.management.health import Finding, Health, findings


class Command(DjangoCheck):
    help = "Say what is configured, what is wrong and what to do about it."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        if app_labels or options["tags"] or options["list_tags"] or options["deploy"]:
            super().handle(*app_labels, **options)
            return
        found = list(findings(now=timezone.now()))
        reachable = all(finding.subject != "database" or finding.state == Health.GOOD for finding in found)
        messages = [
            _as_finding(message) for message in run_checks(databases=["default"] if reachable else None)
        ]
        for finding in (*found, *messages):
            self.stdout.write(f"{finding.state:<5}  {finding.subject}: {finding.says}")
        wrong = sum(finding.state == Health.WRONG for finding in (*found, *messages))
        if wrong:
            raise CommandError(f"{wrong} of these must be put right.")
        self.stdout.write("Nothing stands in the way: clients can be asked.")


def _as_finding(message: CheckMessage) -> Finding:
    state = Health.NOTE if message.level <= CheckWarning("").level else Health.WRONG
    return Finding(message.id or "setting", state, " ".join(filter(None, [str(message.msg), message.hint])))
