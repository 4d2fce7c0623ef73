"""Run a worker: judge new answers, send what is due, keep house between turns."""

import os
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goldseam_web.management.processes import StopRequest
from goldseam_web.management.serving import unapplied_migrations
from goldseam_web.management.worker_loop import run_worker


class Command(BaseCommand):
    help = "Run a worker. Several may run at once, on several machines over one PostgreSQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="say nothing at start and end")
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *, quiet: bool, once: bool, **_options: Any) -> None:
        pending = unapplied_migrations()
        if pending:
            raise CommandError(
                f"The database lacks {len(pending)} migrations: run goldseam-web migrate first."
            )
        stop = StopRequest()
        stop.listen()
        name = f"{socket.gethostname()}:{os.getpid()}"[:64]
        if not quiet:
            self.stdout.write(f"Worker {name} is running (Ctrl-C stops it after the item in hand).")
        run_worker(name=name, stop=stop, once=once)
        if not quiet:
            self.stdout.write("The worker has stopped.")
