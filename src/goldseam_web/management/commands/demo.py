"""Open a fictional clinic in the browser."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from goldseam_web.demo.tour import Tour
from goldseam_web.lib.ports import NoFreePortError, free_port, lan_address
from goldseam_web.management.demo_folder import (
    DemoRunningError,
    demo_folder_held,
    prepared_tour,
)
from goldseam_web.management.processes import run_together
from goldseam_web.management.serving import (
    WEB_THREADS,
    build_static_files,
    web_server,
    worker,
)
from goldseam_web.management.waiting_for_server import open_browser, wait_until_answering


class Command(BaseCommand):
    help = "Make a fictional clinic in a data folder of its own and open it in the browser."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port; when taken, the next free one")
        parser.add_argument("--lan", action="store_true", help="let phones in the same network take part")
        parser.add_argument("--reset", action="store_true", help="make the clinic anew")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")

    def handle(self, *, port: int, lan: bool, reset: bool, no_browser: bool, **_options: Any) -> None:
        if not settings.GOLDSEAM_DEMO:
            raise CommandError("The demo is started as: goldseam-web demo (it needs settings of its own).")
        with demo_folder_held() as alone:
            try:
                tour = prepared_tour(now=timezone.now(), alone=alone, reset=reset, tell=self._tell)
                host, address = self._where(port, lan=lan)
            except (DemoRunningError, NoFreePortError) as error:
                raise CommandError(str(error)) from error
            self._serve(tour, host, address, no_browser=no_browser)

    def _where(self, port: int, *, lan: bool) -> tuple[str, str]:
        """Choose what to listen on, and the address that links and QR codes carry."""
        host = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104  asked for with --lan
        reached_at = lan_address() if lan else host
        if reached_at is None:
            raise CommandError("--lan needs a network, and this machine is in none.")
        chosen = free_port(host, port)
        if chosen != port:
            self._tell(f"Port {port} is taken; using {chosen}.")
        return host, f"http://{reached_at}:{chosen}"

    def _serve(self, tour: Tour, host: str, address: str, *, no_browser: bool) -> None:
        build_static_files()
        port = int(address.rsplit(":", 1)[1])
        environment = {"GOLDSEAM_BASE_URL": address}
        programs = [
            web_server(host=host, port=port, processes=1, threads=WEB_THREADS, environment=environment),
            worker(environment=environment),
        ]

        def started() -> None:
            wait_until_answering(port)
            self._tell(_welcome(tour, address))
            if not no_browser:
                open_browser(f"{address}/demo/")

        if run_together(programs, tell=self.stderr.write, started=started):
            raise CommandError("The demo stopped because a part of it could not be kept running; see above.")
        self._tell("The demo has stopped.")

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _welcome(tour: Tour, address: str) -> str:
    wide = max((len(sign_in.email) for sign_in in tour.sign_ins), default=0)
    deep = max((len(sign_in.password) for sign_in in tour.sign_ins), default=0)
    return "\n".join(
        [
            "",
            f"Goldseam's fictional clinic is open at {address}/demo/   (Ctrl-C stops it)",
            "",
            f"Staff sign in at {address}/ as",
            *(
                f"  {sign_in.email:<{wide}}  {sign_in.password:<{deep}}  {sign_in.who}"
                for sign_in in tour.sign_ins
            ),
            "",
            "Clients answer at",
            *(f"  {address}{link.path}\n      {link.label}" for link in tour.links),
            "",
            f"What would have been mailed is kept in {settings.GOLDSEAM_OUTBOX}",
        ]
    )
