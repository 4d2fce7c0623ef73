"""The one command: make what is missing, bring the rest to this version, serve and work."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from goldseam_web.accounts.set_up_key import new_set_up_key
from goldseam_web.lib.addresses import host_of, is_loopback, port_of
from goldseam_web.lib.ciphers import UnknownKeyError
from goldseam_web.lib.database import count_for_plans
from goldseam_web.lib.kept_settings import REACH, keep, read_kept
from goldseam_web.lib.ports import NoFreePortError, check_port, free_port
from goldseam_web.management.keep_running import (
    ProgramToRun,
    RunningPlan,
    become_keeper,
    command_again,
    start_anew,
)
from goldseam_web.management.key_keeping import told_at_first_start
from goldseam_web.management.key_rotation import check_keys_open
from goldseam_web.management.serving import (
    WEB_THREADS,
    build_static_files,
    refusals_for_host,
    web_server,
    worker,
)
from goldseam_web.management.upgrade import UpgradeError, bring_to_this_version

THIS_MACHINE, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104  where a certificate was given


class Command(BaseCommand):
    help = (
        "Make data folder, keys and database where they are missing, bring them to this version, then run the web "
        "server and the worker together; Ctrl-C stops both. Run again it goes on with what is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, help="port; a taken one is refused (default: 8000 or the next free)"
        )
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser for the set-up")
        parser.add_argument(
            "--here",
            action="store_true",
            help="forget the address that was set up in a browser: this machine alone",
        )
        parser.add_argument(
            "--host", help="address to listen on (default: this machine, or all with a certificate)"
        )
        parser.add_argument("--web-processes", type=int, default=1, help="web server processes (default: 1)")
        parser.add_argument(
            "--threads", type=int, default=WEB_THREADS, help="threads in each (default: two a core)"
        )

    def handle(
        self,
        *,
        port: int | None,
        no_browser: bool,
        here: bool,
        host: str | None,
        web_processes: int,
        threads: int,
        **_: Any,
    ) -> None:
        if here:
            keep(settings.GOLDSEAM_DATA, dict.fromkeys(REACH))
            start_anew(command_again(host, web_processes, threads), settings.GOLDSEAM_DATA, port)
        kept = read_kept(settings.GOLDSEAM_DATA)
        secure = bool(settings.GOLDSEAM_TLS_CERTIFICATE)
        listens_at = host or (EVERYWHERE if secure else THIS_MACHINE)
        if refusals := refusals_for_host(listens_at):
            raise CommandError("\n".join(refusals))
        chosen = self._port(listens_at, port or (port_of(settings.GOLDSEAM_BASE_URL) if secure else None))
        self._prepare()
        environment = {"GOLDSEAM_PORT": str(chosen)}
        pages = web_server(
            host=listens_at,
            port=chosen,
            processes=web_processes,
            threads=threads,
            environment=environment,
            secure=secure,
        )
        key = new_set_up_key(at=timezone.now())
        address = _address(chosen)
        set_up = f"{address}/office/set-up/{key}/" if key else ""
        become_keeper(
            RunningPlan(
                programs=[
                    ProgramToRun(each.name, list(each.command), dict(each.environment))
                    for each in (pages, worker(environment=environment))
                ],
                data=str(settings.GOLDSEAM_DATA),
                kept=kept,
                port=chosen,
                secure=secure,
                says=_said(address, set_up),
                again=command_again(host, web_processes, threads),
                opens="" if no_browser else set_up,
            )
        )

    def _port(self, host: str, given: int | None) -> int:
        """A port that somebody named, or that others were told of, never becomes another one."""
        named = given or (settings.GOLDSEAM_PORT if _is_known_to_others() else None)
        try:
            if named is None:
                return free_port(host, settings.GOLDSEAM_PORT)
            check_port(host, named)
        except NoFreePortError as error:
            raise CommandError(f"Not started: {error}.") from error
        return named

    def _prepare(self) -> None:
        try:
            is_new = bring_to_this_version(at=timezone.now(), tell=self._tell)
            check_keys_open(only_first=True)
            count_for_plans()  # before pages and worker open their connections
        except (UpgradeError, UnknownKeyError) as error:
            raise CommandError(f"Not started: {error}") from error
        except OperationalError as error:
            raise CommandError(
                f"Not started: the database cannot be reached: {str(error).strip()}"
            ) from error
        if is_new:
            self._tell(told_at_first_start(on_a_terminal=self.stdout.isatty()))
        build_static_files()

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _is_known_to_others() -> bool:
    """Whether a proxy or a setting counts on the port."""
    return "GOLDSEAM_PORT" in os.environ or not is_loopback(host_of(settings.GOLDSEAM_BASE_URL))


def _address(port: int) -> str:
    """The configured address, or this machine's with the port that was taken."""
    given = str(settings.GOLDSEAM_BASE_URL)
    return f"http://127.0.0.1:{port}" if given == f"http://127.0.0.1:{settings.GOLDSEAM_PORT}" else given


def _said(address: str, set_up: str) -> list[str]:
    """What is told once it answers."""
    lines = [f"Goldseam is at {address}/  (Ctrl-C stops it)"]
    if set_up:
        lines += [
            "Set it up in a browser on this machine. This address works until an administrator is there:",
            set_up,
        ]
    return lines
