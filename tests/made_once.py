"""What all processes of a run need, made by the first that asks: a database of this version, a made-up clinic."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

PATIENCE = 300  # seconds until it is given up; nothing is measured by it
TEMPLATE = "goldseam_migrated"
DATABASE = "goldseam.sqlite3"


def made_once(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """What lies under the name in a folder of the run; the others wait while one makes it."""
    made = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = folder / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    return made


def migrate(folder: Path, **environment: str) -> None:
    """Apply every migration, as an operator does: in SQLite in this folder, or in the database that is named."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOLDSEAM_", "DJANGO_"))
    }
    subprocess.run(
        [sys.executable, "-m", "goldseam_web", "migrate", "--verbosity", "0"],
        env={**plain, "GOLDSEAM_DATA": str(folder), **environment},
        check=True,
        timeout=PATIENCE,
    )


def copy_sqlite(migrated: Path, name: str) -> None:
    """Begin with a copy of the migrated database under this name."""
    shutil.copy(migrated / DATABASE, name)


def make_template(connection: "BaseDatabaseWrapper", folder: Path) -> None:
    """Make a migrated database in PostgreSQL that others are copied from."""
    facts = connection.settings_dict
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        cursor.execute(f"CREATE DATABASE {TEMPLATE}")
    password = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    url = f"postgres://{facts['USER']}{password}@{facts['HOST']}:{facts['PORT']}/{TEMPLATE}"
    migrate(folder, GOLDSEAM_DATABASE=url)


def copy_template(connection: "BaseDatabaseWrapper", name: str) -> None:
    """Begin with a copy of the template under this name, unless there is such a database."""
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
