"""A made-up clinic served by the real commands, as a visitor of the demo meets it."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 120.0
MAKE_CLINIC = """
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from goldseam_web.demo.seed import people, seed
from goldseam_web.demo.tour import write_tour
call_command("migrate", verbosity=0)
tour = seed(at=timezone.now(), plans=[people.TO_PLAY, people.REPAIRED_CASE, people.NEW])
write_tour(tour, Path(settings.GOLDSEAM_DATA) / "tour.json")
"""


@dataclass(frozen=True)
class Served:
    """A running install with its clinic."""

    address: str
    folder: Path

    @property
    def tour(self) -> dict[str, Any]:
        return json.loads((self.folder / "tour.json").read_text(encoding="utf-8"))

    def link(self, called: str) -> str:
        """The address of one client's questions."""
        paths = [link["path"] for link in self.tour["links"] if link["label"].startswith(called)]
        return self.address + paths[0]

    def password(self, who: str) -> tuple[str, str]:
        """E-mail and password of a member of staff."""
        sign_in = next(s for s in self.tour["sign_ins"] if s["who"].startswith(who))
        return sign_in["email"], sign_in["password"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GOLDSEAM_")}
    return {
        **ours,
        "DJANGO_SETTINGS_MODULE": "goldseam_web.config.settings",
        "GOLDSEAM_DATA": str(folder),
        "GOLDSEAM_DEMO": "on",
        "GOLDSEAM_LOG_LEVEL": "WARNING",
        **more,
    }


def make_clinic(folder: Path) -> None:
    """Fill a data folder with a few cases, the couple to play among them."""
    command = [sys.executable, "-c", MAKE_CLINIC]
    subprocess.run(command, env=environment(folder), check=True, timeout=PATIENCE)


@contextmanager
def served(prepared: Path, folder: Path, **more: str) -> Iterator[Served]:
    """Run ``goldseam-web start`` over a copy of a prepared clinic."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "goldseam_web", "start", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(folder, **more))
    try:
        wait_until_answering(port)
        yield Served(f"http://127.0.0.1:{port}", folder)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_answering(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        assert time.monotonic() < until, f"nothing answers on port {port}"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
