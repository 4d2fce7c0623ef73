"""300 dashboards at rest: what their asking whether anything has changed costs the web server.

    python benchmarks/web/polls.py            300 open pages of 30 people, each asking every 5 seconds, for 30 s
    python benchmarks/web/polls.py --small    30 pages, 5 s

One of the thirty has 200 cases with 40 sessions each. The web server is the one ``goldseam-web start`` runs, one
process with two threads, and no worker. Measured is its processor time (user and system, of the process and its
children) while the pages ask, on kept connections, and how long each answer takes; beside it the health page at the
same rate, and the processor time of whoever asks. Prints JSON.
"""

import argparse
import http.client
import json
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import making
from caseload import STORIES, add_copies, make_case_with_story, spread
from copying import MadeRows, watched_rows

PORT = 8831
EVERY_SECONDS = 5.0
ASKERS = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    pages, cases, sessions, seconds = (30, 12, 8, 5.0) if small else (300, 200, 40, 30.0)
    with tempfile.TemporaryDirectory(prefix="goldseam-polls-") as folder:
        making.use_database(Path(folder))
        opened = open_pages(pages, cases, sessions)
        found = asked(opened, seconds)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def open_pages(pages: int, cases: int, sessions: int) -> list[tuple[str, str]]:
    """Of each open page, what it asks and with which cookies."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from goldseam_web.accounts.models import Role, Staff
    from goldseam_web.accounts.services import add_staff
    from goldseam_web.alerts.kept_tables import StaffPulse
    from goldseam_web.alerts.services.keeping import keep_caseloads
    from goldseam_web.management.serving import build_static_files

    build_static_files()
    now = datetime.now(tz=UTC)
    therapist = making.make_therapist(now)
    with watched_rows() as rows:
        for number, story in enumerate(STORIES):
            make_case_with_story(therapist, number, story, sessions, now)
        making.leave_queue_empty()
    add_copies(MadeRows(rows), len(STORIES), cases)
    for number in range(29):
        add_staff(
            clinic=therapist.clinic,
            email=f"{number}@benchmark.example",
            password=making.PASSWORD,
            full_name=f"Therapist {number}",
            display_name="T",
            roles=[Role.THERAPIST],
            at=now,
        )
    keep_caseloads(at=timezone.now())
    for staff in Staff.objects.all():
        StaffPulse.objects.get_or_create(staff=staff, clinic=staff.clinic)
    Staff.objects.update(alone_since=timezone.now())
    everybody = list(Staff.objects.select_related("user"))
    opened = []
    for page in range(pages):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(everybody[page % len(everybody)].user)
        shown = client.get("/", follow=True).content.decode()
        query = shown.split('hx-get="/pulse/?')[1].split('"')[0].replace("&amp;", "&")
        names = (settings.SESSION_COOKIE_NAME, settings.GOLDSEAM_POLL_COOKIE)
        opened.append((f"/pulse/?{query}", "; ".join(f"{n}={client.cookies[n].value}" for n in names)))
    return opened


def asked(opened: list[tuple[str, str]], seconds: float) -> dict[str, Any]:
    from goldseam_web.management.serving import web_server
    from goldseam_web.management.waiting_for_server import wait_until_answering

    program = web_server(host="127.0.0.1", port=PORT, processes=1, threads=2, environment={})
    server = subprocess.Popen(
        list(program.command), env={**os.environ, **program.environment}, stdout=subprocess.DEVNULL
    )
    try:
        if not wait_until_answering(PORT):
            raise RuntimeError(f"nothing answers on port {PORT}")
        at_rest(server.pid, opened, EVERY_SECONDS)  # every page once, not measured
        polls = at_rest(server.pid, opened, seconds)
        health = at_rest(server.pid, [("/healthz", "")] * len(opened), seconds)
    finally:
        server.terminate()
        server.wait(timeout=60)
    return {"open pages": len(opened), "asked every, s": EVERY_SECONDS, "polls": polls, "health page": health}


def at_rest(pid: int, opened: list[tuple[str, str]], seconds: float) -> dict[str, Any]:
    """Every page asks once in five seconds, evenly over them."""
    used, own = processor_seconds(pid), time.process_time()
    began = time.perf_counter()
    count = int(len(opened) * seconds / EVERY_SECONDS)
    each = EVERY_SECONDS / len(opened)
    turns = [(began + k * each, *opened[k % len(opened)]) for k in range(count)]
    with ThreadPoolExecutor(ASKERS) as askers:
        answered = [a for part in askers.map(ask, [turns[k::ASKERS] for k in range(ASKERS)]) for a in part]
    whole = time.perf_counter() - began
    return {
        "requests": count,
        "share of a core, %": round(100 * (processor_seconds(pid) - used) / whole, 1),
        "processor time of a request, ms": round(1000 * (processor_seconds(pid) - used) / count, 2),
        "milliseconds": spread([1000 * seconds for _, seconds in answered]),
        "statuses": {
            str(s): sum(one == s for one, _ in answered) for s in {status for status, _ in answered}
        },
        "whoever asks, share of a core, %": round(100 * (time.process_time() - own) / whole, 1),
    }


def ask(turns: list[tuple[float, str, str]]) -> list[tuple[int, float]]:
    """Ask at these moments, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    answered = []
    for moment, path, cookies in turns:
        time.sleep(max(0.0, moment - time.perf_counter()))
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookies, "HX-Request": "true"})
        reply = connection.getresponse()
        reply.read()
        answered.append((reply.status, time.perf_counter() - began))
    connection.close()
    return answered


def processor_seconds(pid: int) -> float:
    """User and system time of a process and of those it has started, as Linux counts it."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        waiting += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return total


if __name__ == "__main__":
    main()
