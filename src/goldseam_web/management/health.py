"""How the install is: what an operator wants to know before and after starting it."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from goldseam_web.accounts.mails import failed_account_mails
from goldseam_web.accounts.queries import clinics_called
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.readiness import readiness
from goldseam_web.audit.heads import heads_can_be_written
from goldseam_web.audit.queries import last_head_holds, unsealed_since
from goldseam_web.lib.ciphers import UnknownKeyError
from goldseam_web.lib.file_rights import is_open_to_others, others_may_write
from goldseam_web.management.key_keeping import is_kept
from goldseam_web.management.key_rotation import check_keys_open
from goldseam_web.management.serving import unapplied_migrations
from goldseam_web.measures.queries import queue_report

_NAMED = 5  # files, until the rest is three dots
OVERDUE = timedelta(minutes=1)
MAILS_OF = timedelta(days=7)
UNSEALED_FOR = timedelta(minutes=5)
ALL_WELL = {
    "messages": "none was refused",
    "findings": "each has somebody who hears of it",
    "unopened findings": "none that everybody was told of",
    "plans": "none was left open without anybody to ask after it",
    "wishes": "nobody who asked to be called waits past their day",
}


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, how it is, what to do about it."""

    subject: str
    state: Health
    says: str


def findings(*, now: datetime) -> Iterable[Finding]:
    """Look at each thing in turn; what cannot be looked at is itself a finding."""
    looks: tuple[Callable[[datetime], Finding], ...] = (
        _data_folder,
        _database,
        _migrations,
        _mail,
        _worker,
        _audit,
        _keys,
    )
    for look in looks:
        yield look(now)
    yield from people_reached(now)
    yield from _ready(now)


def _ready(now: datetime) -> Iterable[Finding]:
    """What still stops the first client of each clinic from being asked; without a clinic nobody can be."""
    try:
        clinics = list(clinics_called(None))
        needs = [(clinic, need) for clinic in clinics for need in readiness(clinic, at=now)]
    except DatabaseError:
        yield Finding("clinic", Health.WRONG, "unknown, because the tables cannot be read")
        return
    if not clinics:
        yield Finding("clinic", Health.WRONG, "none is set up yet; run goldseam-web start")
    for clinic, need in needs:
        state = Health.GOOD if need.is_met else Health.WRONG if need.stops else Health.NOTE
        yield Finding(f"{clinic.name}, {need.subject}", state, need.says)


def _data_folder(_now: datetime) -> Finding:
    folder = settings.GOLDSEAM_DATA
    if not os.access(folder, os.W_OK | os.X_OK):
        says = f"{folder} cannot be written; set GOLDSEAM_DATA or its rights"
        return Finding("data folder", Health.WRONG, says)
    if others_may_write(folder):
        says = f"others on this machine may put files of their own into {folder}; run chmod go= {folder}"
        return Finding("data folder", Health.WRONG, says)
    others = _open_to_others(folder)
    if others:
        named = ", ".join(path.name for path in others[:_NAMED]) + (", ..." if len(others) > _NAMED else "")
        says = f"others on this machine may use {named} in {folder}; run chmod -R go= {folder}"
        return Finding("data folder", Health.WRONG, says)
    return Finding("data folder", Health.GOOD, str(folder))


def _open_to_others(folder: Path) -> list[Path]:
    """What lies in the folder, and the SQLite file wherever it lies; the pages' own pictures and styles may be read."""
    inside = [path for path in folder.iterdir() if path != settings.STATIC_ROOT]
    if connection.vendor == "sqlite":
        inside.append(Path(str(connection.settings_dict["NAME"])))
    return sorted({path for path in inside if is_open_to_others(path)})


def _database(_now: datetime) -> Finding:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return Finding("database", Health.WRONG, f"cannot be reached: {str(error).strip()}")
    return Finding("database", Health.GOOD, f"{connection.display_name}, {_server_version()}")


def _server_version() -> str:
    return ".".join(str(part) for part in connection.get_database_version())


def _migrations(_now: datetime) -> Finding:
    try:
        pending = unapplied_migrations()
    except DatabaseError:
        return Finding("tables", Health.WRONG, "unknown, because the database cannot be reached")
    if pending:
        return Finding(
            "tables", Health.WRONG, f"{len(pending)} migrations are missing; run goldseam-web migrate"
        )
    return Finding("tables", Health.GOOD, "of this version")


def _mail(now: datetime) -> Finding:
    try:
        failed = failed_account_mails(since=now - MAILS_OF)
    except DatabaseError:
        return Finding("mail", Health.WRONG, "unknown, because the tables cannot be read")
    if failed:
        says = (
            f"{failed} mails about sign-ins could not be sent; are the addresses and the mail server right?"
        )
        return Finding("mail", Health.WRONG, says)
    if settings.GOLDSEAM_MAIL_CONFIGURED:
        return Finding("mail", Health.GOOD, f"sent from {settings.DEFAULT_FROM_EMAIL}")
    if settings.GOLDSEAM_DEMO:
        return Finding("mail", Health.GOOD, f"kept as files in {settings.GOLDSEAM_OUTBOX}")
    return Finding(
        "mail", Health.NOTE, "no server set; set GOLDSEAM_EMAIL_URL so that alerts leave the house"
    )


def _worker(now: datetime) -> Finding:
    try:
        queue = queue_report(overdue_since=now - OVERDUE)
    except DatabaseError:
        return Finding("worker", Health.WRONG, "unknown, because the tables cannot be read")
    if queue.overdue:
        says = f"{queue.overdue} answers have waited longer than a minute; is goldseam-web start or work running?"
        return Finding("worker", Health.WRONG, says)
    if queue.failed:
        says = f"{queue.failed} answers could not be judged after several tries; see the log"
        return Finding("worker", Health.WRONG, says)
    last = queue.last_finished
    says = f"; the last one was judged at {last:%Y-%m-%d %H:%M} UTC" if last else ""
    return Finding("worker", Health.GOOD, f"no answer waits{says}")


def _audit(now: datetime) -> Finding:
    try:
        holds, waiting = last_head_holds(), unsealed_since(now - UNSEALED_FOR)
    except DatabaseError:
        return Finding("audit", Health.WRONG, "unknown, because the tables cannot be read")
    except OSError as error:
        says = f"{settings.GOLDSEAM_AUDIT_HEADS} cannot be read ({error.strerror}); set its rights"
        return Finding("audit", Health.WRONG, says)
    if not holds:
        says = "entries that were sealed are gone; run goldseam-web verify-audit, or restored after a restore"
        return Finding("audit", Health.WRONG, says)
    if not heads_can_be_written():
        says = f"{settings.GOLDSEAM_AUDIT_HEADS} cannot be written; set GOLDSEAM_AUDIT_HEADS or its rights"
        return Finding("audit", Health.WRONG, says)
    if waiting:
        says = (
            f"{waiting} entries have not been sealed for five minutes; is goldseam-web start or work running?"
        )
        return Finding("audit", Health.NOTE, says)
    return Finding("audit", Health.GOOD, "sealed up to its end")


def _keys(_now: datetime) -> Finding:
    try:
        check_keys_open(only_first=True)
    except DatabaseError:
        return Finding("keys", Health.WRONG, "unknown, because the tables cannot be read")
    except UnknownKeyError as error:
        return Finding("keys", Health.WRONG, str(error))
    if not is_kept() and not settings.GOLDSEAM_DEMO:
        says = "nobody has said that they are kept; run goldseam-web key-sheet, then key-sheet --kept"
        return Finding("keys", Health.NOTE, says)
    return Finding("keys", Health.GOOD, "open what is stored")


def people_reached(now: datetime) -> Iterable[Finding]:
    """Whether messages reach people and findings have somebody, in all clinics."""
    try:
        faults = dict(message_report(at=now).faults)
    except DatabaseError:
        yield Finding("messages", Health.WRONG, "unknown, because the tables cannot be read")
        return
    for subject, good in ALL_WELL.items():
        wrong = faults.get(subject)
        yield Finding(subject, Health.WRONG if wrong else Health.GOOD, wrong or good)
