"""Run the web server and the worker beside it."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from goldseam_web.management.ports import NoFreePortError, check_port
from goldseam_web.management.processes import run_together
from goldseam_web.management.serving import (
    WEB_THREADS,
    build_static_files,
    refusals_for_host,
    unapplied_migrations,
    wait_until_answering,
    web_server,
    worker,
)


class Command(BaseCommand):
    help = "Run the web server and the worker together; Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: this machine)"
        )
        parser.add_argument(
            "--port", type=int, default=8000, help="port (default: 8000); a taken one is refused"
        )
        parser.add_argument("--web-processes", type=int, default=1, help="web server processes (default: 1)")
        parser.add_argument(
            "--threads", type=int, default=WEB_THREADS, help="threads in each (default: two a core)"
        )

    def handle(self, *, host: str, port: int, web_processes: int, threads: int, **_options: Any) -> None:
        self._refuse_what_is_dangerous(host)
        pending = unapplied_migrations()
        if pending:
            raise CommandError(
                f"The database lacks {len(pending)} migrations ({pending[0]}, ...): run goldseam-web migrate first."
            )
        try:
            check_port(host, port)
        except NoFreePortError as error:
            raise CommandError(f"Not started: {error}.") from error
        build_static_files()
        environment = {"GOLDSEAM_BASE_URL": _base_url(port)}
        address = environment["GOLDSEAM_BASE_URL"]
        programs = [
            web_server(
                host=host, port=port, processes=web_processes, threads=threads, environment=environment
            ),
            worker(environment=environment),
        ]
        code = run_together(programs, tell=self.stderr.write, started=lambda: self._say_open(address, port))
        if code:
            raise CommandError("Goldseam stopped because a part of it could not be kept running; see above.")
        self.stdout.write("Goldseam has stopped.")

    def _refuse_what_is_dangerous(self, host: str) -> None:
        refusals = refusals_for_host(host)
        if refusals:
            raise CommandError("\n".join(refusals))

    def _say_open(self, address: str, port: int) -> None:
        wait_until_answering(port)
        self.stdout.write(f"Goldseam is at {address}/  (Ctrl-C stops it)")
        self.stdout.flush()


def _base_url(port: int) -> str:
    """Give the configured address, or this machine's with the port."""
    if "GOLDSEAM_BASE_URL" in os.environ:
        return str(settings.GOLDSEAM_BASE_URL)
    return f"http://127.0.0.1:{port}"
