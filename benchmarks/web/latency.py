"""From the client's last button to the e-mail that leaves the house, and how many a second one worker holds.

    python benchmarks/web/latency.py                120 submissions, two a second, on SQLite
    python benchmarks/web/latency.py --whole        each of them a whole visit: every page asked for and answered
    python benchmarks/web/latency.py --small        20 submissions
    ... --per-second 5 --submissions 300
    POSTGRES_DURABLE=1 scripts/with-postgres.sh .venv/bin/python benchmarks/web/latency.py --per-second 20 ...

A real ``goldseam-web start`` (web server and worker) over an SQLite file with durable writes, or over the database
that ``GOLDSEAM_DATABASE`` names, and a real mail server in this process. Each client has five steady ratings behind
them and now rates four points lower, so that every submission raises a signal and a message. Without ``--whole`` the
forms were begun earlier and only the last question is open, as for people who take their two minutes; with it, about
25 requests of every visit come on top. Measured is the time from sending the last answer until its message is handed
over, which comes after the signal is stored. A worker that does not hold the rate shows it by the last third of the
submissions taking longer than the first. Beside it runs the health page, which does nothing but ask the database for
1. Prints JSON.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import making
from aiosmtpd.controller import Controller
from visiting import Visit

PORT, MAIL_PORT = 8826, 8827
SESSIONS_BEFORE = 5
OF_ONE_THERAPIST = 20  # submissions: somebody's open pages hear of each
SIGNAL = re.compile(rb"/signals/([0-9a-f-]{36})/")
SETTLE_SECONDS = 120.0


class Postbox:
    """Notes when the message about which signal arrived."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        found = SIGNAL.search(envelope.content)
        if found:
            self.arrived.setdefault(found.group(1).decode(), time.time())
        return "250 OK"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=120)
    parser.add_argument("--per-second", type=float, default=2.0)
    parser.add_argument("--small", action="store_true", help="20 submissions")
    parser.add_argument("--whole", action="store_true", help="whole visits, not last pages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldseam-latency-") as folder:
        count = 20 if arguments.small else arguments.submissions
        found = measure(Path(folder), count, arguments.per_second, whole=arguments.whole)
    print(json.dumps(found, indent=1))


def measure(folder: Path, submissions: int, per_second: float, *, whole: bool) -> dict[str, Any]:
    database = os.environ.get("GOLDSEAM_DATABASE")
    named = {"GOLDSEAM_DATABASE": database} if database else {}
    making.use_database(folder, GOLDSEAM_EMAIL_URL=f"smtp://127.0.0.1:{MAIL_PORT}", **named)
    links = make_links(submissions, begun=not whole)
    postbox = Postbox()
    mail_server = Controller(postbox, hostname="127.0.0.1", port=MAIL_PORT)
    mail_server.start()
    server = subprocess.Popen(
        [sys.executable, "-m", "goldseam_web", "start", "--no-browser", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_answering()
        health = [healthz() for _ in range(100)]
        visits = send(links, per_second)
        wait_for_messages(postbox, submissions)
    finally:
        server.terminate()
        server.wait(timeout=60)
        mail_server.stop()
    return {
        "visits": "whole" if whole else "last page",
        "a second": per_second,
        **report(visits, postbox, health),
        "load average": [round(load, 1) for load in os.getloadavg()],
    }


def make_links(submissions: int, *, begun: bool) -> dict[str, int]:
    """A case for each submission: a steady past, and a session that ended an hour ago. By link, the first question."""
    from django.db import transaction

    from goldseam_web.measures.links import token_of

    now = datetime.now(tz=UTC)
    links = {}
    with transaction.atomic():
        first = therapist = making.make_therapist(now)
        for number in range(submissions):
            if number and number % OF_ONE_THERAPIST == 0:
                therapist = making.make_colleague(first, number, now)
            case = making.make_case(therapist, number, 1, SESSIONS_BEFORE + 1, now)
            making.give_history(case, therapist, SESSIONS_BEFORE, now)
            encounter = making.hold_session(case, therapist, now - timedelta(hours=1))
            first_asked = making.begin(encounter, case.members.get(), 4.0) if begun else 1
            links[f"/c/{token_of(making.occasion_of(encounter, case.members.get()))}/"] = first_asked
        making.leave_queue_empty()
    return links


def send(links: dict[str, int], per_second: float) -> dict[str, Visit]:
    """Begin a visit at the rate, whether the ones before are done or not."""
    visits, threads = {}, []
    begun = time.monotonic()
    for number, link in enumerate(links):
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        visits[link] = Visit(PORT, link)
        threads.append(threading.Thread(target=visits[link].answer, args=("4", links[link])))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return visits


def wait_until_answering() -> None:
    for _ in range(600):
        try:
            healthz()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {PORT}")


def healthz() -> float:
    visit = Visit(PORT, "/healthz")
    visit._go("GET", "/healthz")  # noqa: SLF001  a page without a form
    visit.connection.close()
    return visit.seconds[0]


def wait_for_messages(postbox: Postbox, submissions: int) -> None:
    until = time.monotonic() + SETTLE_SECONDS
    while len(postbox.arrived) < submissions and time.monotonic() < until:
        time.sleep(0.1)


def report(visits: dict[str, Visit], postbox: Postbox, health: list[float]) -> dict[str, Any]:
    from django.db import connection

    from goldseam_web.alerts.models import AlertSignal
    from goldseam_web.measures.links import token_of
    from goldseam_web.outbox.models import Message

    connection.close()
    told = []  # when the last answer was sent, to the worker's start, to the message
    written_about = AlertSignal.objects.filter(pk__in=Message.objects.values("subject"))
    for signal in written_about.select_related("response__occasion"):
        sent = visits[f"/c/{token_of(signal.response.occasion)}/"].last_post_at
        if str(signal.id) in postbox.arrived:
            told.append((sent, signal.raised_at.timestamp() - sent, postbox.arrived[str(signal.id)] - sent))
    to_mail = [seconds for _, _, seconds in sorted(told)]
    third = len(to_mail) // 3
    pages = [seconds for visit in visits.values() for seconds in visit.seconds]
    return {
        "submissions": len(visits),
        "messages": len(to_mail),
        "sent twice or failed": Message.objects.exclude(state="sent", attempts=1).count(),
        "last answer to worker's start, seconds": summary([seconds for _, seconds, _ in told]),
        "last answer to message handed over, seconds": summary(to_mail),
        "of these the first third": summary(to_mail[:third]),
        "of these the last third": summary(to_mail[-third:]),
        "client page, milliseconds": {k: round(v * 1000, 1) for k, v in summary(pages).items()},
        "health page, milliseconds": {k: round(v * 1000, 1) for k, v in summary(health).items()},
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": making.machine(),
    }


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
    return {
        "median": round(statistics.median(ordered), 4),
        "p99": round(p99, 4),
        "largest": round(ordered[-1], 4),
    }


if __name__ == "__main__":
    main()
