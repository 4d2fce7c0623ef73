"""The worker's loop."""

import time

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone

from goldseam_web.alerts.services import tidy, warm_up, work_once
from goldseam_web.alerts.services.keeping import keep_caseloads, mark_made_otherwise
from goldseam_web.lib.database import count_for_plans
from goldseam_web.management.processes import StopRequest

log = structlog.get_logger(__name__)

# The queue is looked at this often when it is empty: a part of the seconds between an answer and its signal.
IDLE_SECONDS = 0.2
TIDY_EVERY_SECONDS = 5.0
# Cases of which something is made anew, before it is asked again whether somebody waits.
KEPT_BETWEEN = 5
LONGEST_PAUSE_SECONDS = 30.0
# What the database knows of its sizes grows old slowly.
COUNT_EVERY_SECONDS = 6 * 3600.0


def run_worker(*, name: str, stop: StopRequest, once: bool = False) -> None:
    """Work until asked to stop; the item in hand is finished first. `once` ends when nothing more is due."""
    warm_up()
    is_marked = worked = False
    tidied = counted = float("-inf")
    failures = 0
    while not stop.made:
        try:
            if not is_marked:
                mark_made_otherwise()
                is_marked = True
            if time.monotonic() - counted >= COUNT_EVERY_SECONDS:
                count_for_plans()
                counted = time.monotonic()
            if time.monotonic() - tidied >= TIDY_EVERY_SECONDS:
                tidy(at=timezone.now())
                tidied, worked = time.monotonic(), True
            busy = work_once(worker=name, at=timezone.now())
            if worked and not busy:  # Lists are made anew when nobody waits for an answer or a message.
                busy = keep_caseloads(at=timezone.now(), most=KEPT_BETWEEN) > 0
            worked = busy
            failures = 0
        except DatabaseError as error:
            if once:
                raise
            failures += 1
            busy = False
            _wait_out(error, failures, stop)
        if once and not busy:
            tidy(at=timezone.now())
            return
        if not busy:
            time.sleep(IDLE_SECONDS)


def _wait_out(error: DatabaseError, failures: int, stop: StopRequest) -> None:
    """The database is away or busy: say so, wait longer each time, and come back with a fresh connection."""
    pause = min(2.0 ** (failures - 1), LONGEST_PAUSE_SECONDS)
    log.warning("database trouble", error=type(error).__name__, again_in_seconds=pause)
    close_old_connections()
    until = time.monotonic() + pause
    while time.monotonic() < until and not stop.made:
        time.sleep(IDLE_SECONDS)
