"""The web server and the worker as programs to run side by side."""

import hashlib
import http.client
import os
import ssl
import sys
import time
import webbrowser
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.lib.addresses import host_of, is_loopback
from goldseam_web.management.processes import Program

# Requests wait for the database rather than compute, so more threads than cores; beyond that they only queue.
WEB_THREADS = max(4, 2 * (os.cpu_count() or 1))
# What the libraries bring for pages of theirs that we do not show; compressing it takes seconds.
UNUSED_STATIC_FILES = ["account", "mfa", "ext", "htmax-*", "htmx-4*", "htmx-2.js"]
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  named here to be refused where it is dangerous


def refusals_for_host(host: str) -> list[str]:
    """Say why the server must not listen on this address with these settings; empty when it may."""
    refusals = []
    if settings.DEBUG and not is_loopback(host):
        refusals.append(
            f"GOLDSEAM_DEBUG shows settings and data to anyone; it runs on 127.0.0.1 alone, not on {host}."
        )
    if (
        host in EVERY_ADDRESS
        and is_loopback(host_of(settings.GOLDSEAM_BASE_URL))
        and not settings.GOLDSEAM_DEMO
    ):
        refusals.append(
            f"Listening on {host} while GOLDSEAM_BASE_URL is {settings.GOLDSEAM_BASE_URL}: links sent to clients "
            "would lead nowhere. Set GOLDSEAM_BASE_URL to the address people use."
        )
    return refusals


def web_server(
    *,
    host: str,
    port: int,
    processes: int,
    threads: int,
    environment: Mapping[str, str],
    secure: bool = False,
) -> Program:
    """Granian in WSGI mode with threads, ``secure`` with the given certificate.

    Its access log stays off: a client's link is a key.
    """
    command = [
        *(sys.executable, "-m", "granian", "goldseam_web.config.wsgi:application"),
        *("--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(processes), "--blocking-threads", str(threads)),
        *("--workers-kill-timeout", "5", "--no-ws", "--no-access-log", "--log-level", "error"),
        *(_certificate() if secure else ()),
    ]
    return Program("The web server", command, environment)


def _certificate() -> list[str]:
    files = [
        "--ssl-certificate",
        settings.GOLDSEAM_TLS_CERTIFICATE,
        "--ssl-keyfile",
        settings.GOLDSEAM_TLS_KEY,
    ]
    return [*files, "--ssl-protocol-min", "tls1.2"]  # telephones that are ten years old


def worker(*, environment: Mapping[str, str]) -> Program:
    return Program("The worker", [sys.executable, "-m", "goldseam_web", "work", "--quiet"], environment)


def wait_until_answering(port: int, *, seconds: float = 30.0, secure: bool = False) -> bool:
    """Wait until the server on this machine answers its health page; say whether it did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _answers(port, secure=secure):
            return True
        time.sleep(0.1)
    return False


def _answers(port: int, *, secure: bool) -> bool:
    connection = _connection(port, secure=secure)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(port: int, *, secure: bool) -> http.client.HTTPConnection:
    """To ourselves; whose certificate it is is not the question."""
    if not secure:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=ssl._create_unverified_context())  # noqa: S323, SLF001


def open_browser(address: str) -> bool:
    """Open the browser where there is a screen; say whether that was tried."""
    has_screen = sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return has_screen and webbrowser.open(address)


def unapplied_migrations() -> list[str]:
    """Name the migrations the database has not seen; raises OperationalError when it cannot be reached."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def build_static_files() -> None:
    """Collect, name by content and compress the static files, unless that was done for these very files."""
    if settings.DEBUG:
        return
    stamp = Path(settings.STATIC_ROOT) / ".built-from"
    digest = _static_digest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC_FILES)
    stamp.write_text(digest, encoding="utf-8")


def _static_digest() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
