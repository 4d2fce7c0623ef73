"""What ``goldseam-web start`` keeps in memory for a clinic of ten therapists on SQLite: proportional set size.

    python benchmarks/web/memory.py                 10 therapists, 200 cases, 5 minutes of load
    python benchmarks/web/memory.py --small         2 therapists, 8 cases, 5 seconds
    python benchmarks/web/memory.py --seconds 3600  an hour

A real ``start`` (web server, worker and whatever they run by) over a folder of its own. Every two seconds a therapist
reads the caseload, and the whole visits of clients, one of each case, are spread over the time; each process is
measured when all of them answer and at the end. The proportional set size of a process counts what it shares with
others in equal parts (Linux, ``smaps_rollup``), so that the sum is what the machine really has less of. Prints JSON, in
MB of 1024 x 1024 bytes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import making
from visiting import Visit

PORT = 8834
SESSIONS = 6
SECONDS_BETWEEN_PAGES = 2.0
LOOK_EVERY_SECONDS = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seconds", type=float, default=300.0, help="of load")
    given = parser.parse_args()
    therapists, cases, seconds = (2, 8, 5.0) if given.small else (10, 200, given.seconds)
    with tempfile.TemporaryDirectory(prefix="goldseam-memory-") as folder:
        found = measured(Path(folder), therapists, cases, seconds)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def measured(folder: Path, therapists: int, cases: int, seconds: float) -> dict[str, Any]:
    making.use_database(folder)
    links, cookies = made(therapists, cases)
    command = [sys.executable, "-m", "goldseam_web", "start", "--no-browser", "--port", str(PORT)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until_answering()
        time.sleep(5.0)  # the worker loads the science meanwhile
        found: dict[str, Any] = {"when all answer": memory_of(server.pid)}
        found["over time, in all"] = load(server.pid, links, cookies, seconds)
        found["after the load"] = memory_of(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)
    return found


def made(therapists: int, cases: int) -> tuple[list[str], list[str]]:
    """Links of as many clients as come, and a signed-in session of each therapist."""
    from django.conf import settings
    from django.db import transaction
    from django.test import Client

    from goldseam_web.accounts.models import Role
    from goldseam_web.accounts.services import add_staff
    from goldseam_web.measures.links import token_of

    now = datetime.now(tz=UTC)
    links: list[str] = []
    with transaction.atomic():
        staff = [making.make_therapist(now)]
        staff += [
            add_staff(
                clinic=staff[0].clinic,
                email=f"therapist{k}@benchmark.example",
                password=making.PASSWORD,
                full_name=f"Therapist {k}",
                display_name=f"T{k}",
                roles=[Role.THERAPIST],
                at=now,
            )
            for k in range(1, therapists)
        ]
        for number in range(cases):
            therapist = staff[number % therapists]
            case = making.make_case(therapist, number, 1, SESSIONS + 1, now)
            making.give_history(case, therapist, SESSIONS, now)
            encounter = making.hold_session(case, therapist, now - timedelta(hours=1))
            links.append(f"/c/{token_of(making.occasion_of(encounter, case.members.get()))}/")
        making.leave_queue_empty()
    cookies = []
    for one in staff:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(one.user)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    staff[0].__class__.objects.update(alone_since=now)
    return links, cookies


def load(parent: int, links: list[str], cookies: list[str], seconds: float) -> list[int]:
    """Clients come one after the other, therapists look; what it all takes is noted now and then."""
    begun, looked, found = time.monotonic(), time.monotonic(), []
    visits: list[threading.Thread] = []
    pages = max(1, int(seconds / SECONDS_BETWEEN_PAGES))
    for page in range(1, pages + 1):
        while len(visits) < len(links) * page // pages:
            visit = Visit(PORT, links[len(visits)])
            visits.append(threading.Thread(target=visit.answer, args=("8",)))
            visits[-1].start()
        read_page("/", cookies[page % len(cookies)])
        time.sleep(max(0.0, begun + page * SECONDS_BETWEEN_PAGES - time.monotonic()))
        if time.monotonic() - looked >= LOOK_EVERY_SECONDS:
            looked = time.monotonic()
            found.append(memory_of(parent)["in all"])
    for one in visits:
        one.join()
    return found


def read_page(path: str, cookie: str) -> None:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie})
    connection.getresponse().read()
    connection.close()


def wait_until_answering() -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            read_page("/healthz", "")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {PORT}")


def memory_of(parent: int) -> dict[str, Any]:
    """In MB, of a process and all it has started."""
    family = descendants(parent)
    each = {f"{pid} {what_it_runs(pid)}": pss(pid) for pid in family}
    return {"in all": round(sum(each.values())), **{name: round(mb) for name, mb in each.items()}}


def descendants(parent: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                # the name of a program may hold spaces and brackets; what follows its last bracket does not
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [parent]
    for one in found:
        found += [pid for pid, of in parents.items() if of == one]
    return found


def what_it_runs(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ").split()
    return " ".join(word.rpartition("/")[2] for word in words[1:4])


def pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the system says nothing of the memory of process {pid}")


if __name__ == "__main__":
    main()
