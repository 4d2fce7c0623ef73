"""The web server and the worker as programs to run side by side."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.lib.addresses import host_of, is_loopback
from goldseam_web.management.processes import PYTHON, Program

# Requests wait for the database rather than compute, so more threads than cores; beyond that they only queue.
WEB_THREADS = max(4, 2 * (os.cpu_count() or 1))
# What the libraries bring for pages of theirs that we do not show; compressing it takes seconds.
UNUSED_STATIC_FILES = ["account.js", "recovery_codes.js", "ext", "htmax-*", "htmx-4*", "htmx-2.js"]
PACKAGE = Path(__file__).resolve().parents[1]
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
        # By its file and with a folder named, else Granian looks for modules in the folder it is started in.
        *(*PYTHON, "-m", "granian", f"{PACKAGE / 'config/wsgi.py'}:application"),
        *("--working-dir", str(PACKAGE.parent)),
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
    return Program("The worker", [*PYTHON, "-m", "goldseam_web", "work", "--quiet"], environment)


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
