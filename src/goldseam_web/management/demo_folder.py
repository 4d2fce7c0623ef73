"""Making the demo's data folder, and telling its visitor where to go."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from goldseam_web.demo.tour import Tour, read_tour, write_tour

SECRETS = {"secret-key", "encryption-key", "static", "running"}


class DemoRunningError(Exception):
    """Another demo holds the data folder."""


@contextmanager
def demo_folder_held() -> Iterator[bool]:
    """Hold the demo's folder while it runs; gives False when another demo holds it already."""
    with (Path(settings.GOLDSEAM_DATA) / "running").open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def prepared_tour(*, now: datetime, alone: bool, reset: bool, tell: Callable[[str], object]) -> Tour:
    """Give the tour of a demo made today, else make the clinic anew."""
    kept = read_tour(_tour_path())
    if not alone:
        if reset or kept is None:
            raise DemoRunningError(f"Another demo is running in {settings.GOLDSEAM_DATA}; stop it first.")
        return kept
    if kept is not None and kept.is_fresh(now=now) and not reset:
        # Goldseam may have been upgraded since this morning.
        call_command("migrate", verbosity=0, interactive=False)
        tell('The fictional clinic of today is still there, with your answers; ARGS="--reset" makes it anew.')
        return kept
    tell("Making a fictional clinic ...")
    return _made_anew(now)


def _made_anew(now: datetime) -> Tour:
    from goldseam_web.demo.seed import seed

    connections.close_all()
    _empty_folder()
    call_command("migrate", verbosity=0, interactive=False)
    tour = seed(at=now)
    write_tour(tour, _tour_path())
    return tour


def _empty_folder() -> None:
    for entry in Path(settings.GOLDSEAM_DATA).iterdir():
        if entry.name in SECRETS:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _tour_path() -> Path:
    return Path(settings.GOLDSEAM_DATA) / "tour.json"
