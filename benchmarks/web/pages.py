"""What pages weigh and cost: a client's whole visit, the caseload of 60 cases, a case of 4 members and 50 sessions.

    python benchmarks/web/pages.py            with a browser, if there is a Chromium, for the bytes of a visit
    python benchmarks/web/pages.py --small    6 cases, 10 sessions

Bytes are those of all responses, headers included, that a browser with an empty cache gets in one visit. Times of
staff pages are those of the application alone (request in, response out, no network), median of 30 after a first
one; queries are all of them, the session's and the user's too. Prints JSON.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import making
from visiting import Visit

PORT = 8828
REPEATS = 30


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    cases, sessions = (6, 10) if arguments.small else (60, 50)
    with tempfile.TemporaryDirectory(prefix="goldseam-pages-") as folder:
        making.use_database(Path(folder))
        found = {**staff_pages(cases, sessions), **client_visit()}
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def staff_pages(cases: int, sessions: int) -> dict[str, Any]:
    """The two pages that grow with a clinic's data."""
    from django.db import transaction
    from django.test import Client

    from goldseam_web.management.serving import build_static_files

    build_static_files()
    now = datetime.now(tz=UTC)
    with transaction.atomic():
        therapist = making.make_therapist(now)
        for number in range(cases - 1):
            judged(make_with_past(therapist, number, 1, 8, now), now)
        judged(make_with_past(therapist, cases - 1, 4, sessions, now), now)
        making.leave_queue_empty()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(therapist.user)
    largest = therapist.case_links.order_by("-case__members__position").first()
    if largest is None:
        raise RuntimeError("no case was made")
    return {
        f"caseload of {cases} cases": cost(client, "/"),
        f"case of 4 members and {sessions} sessions": cost(client, f"/cases/{largest.case_id}/"),
        "health page": cost(client, "/healthz"),
        "targets": {"caseload": "12 queries, 150 ms", "case": "15 queries, 250 ms"},
    }


def make_with_past(therapist: Any, number: int, members: int, sessions: int, now: datetime) -> Any:
    case = making.make_case(therapist, number, members, sessions, now)
    return making.give_history(case, therapist, sessions, now)


def judged(last_responses: Any, now: datetime) -> None:
    """Judge each member's series once; that says something about every session."""
    from goldseam_web.alerts.services import evaluate

    for response in last_responses:
        evaluate(response=response, at=now, notify=False)


def cost(client: Any, path: str) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if client.get(path).status_code != 200:
        raise RuntimeError(f"{path} did not answer with 200")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)
    asked = len(queries)  # now: the next request empties the log
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        client.get(path)
        times.append(time.perf_counter() - started)
    return {
        "queries": asked,
        "median milliseconds": round(1000 * statistics.median(times), 1),
        "bytes before compression": len(page.content),
    }


def client_visit() -> dict[str, Any]:
    """One whole visit of a partner, by hand for the time and in a browser for the bytes."""
    from django.db import connection

    from goldseam_web.accounts.models import Staff
    from goldseam_web.measures.links import token_of

    now = datetime.now(tz=UTC)
    therapist = Staff.objects.get(full_name="Ines Okafor")
    links = []
    for number in (1000, 1001, 1002):
        case = making.make_case(therapist, number, 2, 1, now)
        encounter = making.hold_session(case, therapist, now - timedelta(hours=1))
        links += [f"/c/{token_of(making.occasion_of(encounter, member))}/" for member in case.members.all()]
    connection.close()
    server = subprocess.Popen(
        [sys.executable, "-m", "goldseam_web", "start", "--no-browser", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_answering()
        health = [request("/healthz") for _ in range(50)]
        pages = []
        for link in links[1:]:
            visit = Visit(PORT, link)
            visit.answer("8")
            pages += visit.seconds
        weight = weigh(links[0])
    finally:
        server.terminate()
        server.wait(timeout=60)
    return {
        "client page": {
            "median milliseconds": round(1000 * statistics.median(pages), 1),
            "health page, median milliseconds": round(1000 * statistics.median(health), 1),
        },
        "client visit": weight,
        "target of a visit": "60 KB (61440 bytes), nothing from elsewhere, 50 ms median",
    }


def request(path: str) -> float:
    visit = Visit(PORT, path)
    visit._go("GET", path)  # noqa: SLF001  a page without a form
    visit.connection.close()
    return visit.seconds[0]


def wait_until_answering() -> None:
    for _ in range(600):
        try:
            request("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {PORT}")


def weigh(link: str) -> dict[str, Any]:
    """Walk through the form in a browser and add up everything that came over the wire."""
    chromium = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if chromium is None:
        return {"bytes": "not measured: no Chromium"}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
        requests: list[Any] = []

        def note(
            request: Any,
        ) -> None:  # the library marks its handlers, which a list's own method does not allow
            requests.append(request)

        page.on("requestfinished", note)
        page.goto(f"http://127.0.0.1:{PORT}{link}")
        page.get_by_role("button", name="Start").click()
        page.wait_for_url("**/1/")
        while "/done/" not in page.url:
            scale = page.locator(".scale-grid").count()
            choice = page.get_by_role("radio", name="8" if scale else "No", exact=True)
            choice.check(force=True)
            before = page.url
            page.get_by_role("button", name="Next").click()
            page.wait_for_url(lambda url, before=before: url != before)
        page.wait_for_load_state("networkidle")
        sizes = [(r.url, r.sizes()) for r in requests if not r.url.startswith("data:")]
        browser.close()
    return {
        "bytes": sum(size["responseBodySize"] + size["responseHeadersSize"] for _, size in sizes),
        "of these headers": sum(size["responseHeadersSize"] for _, size in sizes),
        "requests": len(sizes),
        "from elsewhere": sum(f"127.0.0.1:{PORT}" not in url for url, _ in sizes),
    }


if __name__ == "__main__":
    main()
