"""Bringing the database to this version: a copy first, then the tables, then the measures; what changed is told."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from goldseam_web.accounts.queries import clinics_called
from goldseam_web.management.serving import unapplied_migrations
from goldseam_web.measures.own_measures import HOME_MEASURE
from goldseam_web.measures.services.catalog import install_missing_measures
from goldseam_web.measures.services.home_questions import follow_home_calendars

Tell = Callable[[str], object]


class UpgradeError(Exception):
    """What has to be done by hand before the database can be brought to this version."""


def bring_to_this_version(*, at: datetime, tell: Tell) -> bool:
    """Make or change the tables if that is needed, and give every clinic the measures it lacks; is the database new?"""
    pending = unapplied_migrations()
    is_new = bool(pending) and _migrate(pending, at, tell)
    for clinic in clinics_called(None):
        for version in install_missing_measures(clinic=clinic, at=at):
            tell(f"{clinic.name} may now ask {version.key} {version.version}.")
            if version.key == HOME_MEASURE:
                follow_home_calendars(clinic, at=at)
    return is_new


def _migrate(pending: list[str], at: datetime, tell: Tell) -> bool:
    is_new = not MigrationRecorder(connection).applied_migrations()
    if not is_new:
        if settings.GOLDSEAM_SEVERAL_HOSTS:
            raise UpgradeError(
                f"The database lacks {len(pending)} migrations ({pending[0]}, ...). Stop Goldseam on all hosts, "
                "make a copy, run goldseam-web migrate on one of them, then start all."
            )
        tell(f"A copy of the database from before this version: {copy_database(at=at)}")
        call_command("migrate", verbosity=0, interactive=False)
        tell(f"The database is of this version now. Done: {', '.join(pending)}.")
    else:
        call_command("migrate", verbosity=0, interactive=False)
        tell(f"A new database: {connection.display_name}.")
    return is_new


def copy_database(*, at: datetime) -> Path:
    """Copy the whole database into the data folder, while it may be in use; gives the file."""
    folder = Path(settings.GOLDSEAM_DATA) / "copies"
    folder.mkdir(mode=0o700, exist_ok=True)
    ending = "sqlite3" if connection.vendor == "sqlite" else "dump"
    copy = folder / f"goldseam-{at:%Y%m%d-%H%M%S}.{ending}"
    if connection.vendor == "sqlite":
        _copy_sqlite(copy)
    else:
        _dump_postgresql(copy)
    return copy


def _copy_sqlite(copy: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)


def _dump_postgresql(copy: Path) -> None:
    """By PostgreSQL's own program; without it nothing is changed."""
    program = shutil.which("pg_dump")
    if program is None:
        raise UpgradeError(
            "The tables have to change, and pg_dump, which makes the copy before that, is not installed. Install "
            "PostgreSQL's client programs, or make a copy yourself and run goldseam-web migrate."
        )
    facts = {key: str(value) for key, value in connection.settings_dict.items() if value}
    named = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    where = {variable: facts[key] for variable, key in named.items() if key in facts}
    done = subprocess.run(  # noqa: S603  the program was found above
        [program, "--format=custom", "--no-password", f"--file={copy}"],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UpgradeError(
            f"No copy of the database could be made, so nothing was changed: {done.stderr.strip()}"
        )
